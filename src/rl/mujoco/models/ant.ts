/**
 * @module rl/mujoco/models/ant
 *
 * A ball on four legs of two joints each: 14 degrees of freedom, 8 motors.
 */
import { body, type Element, free, geom, hinge, limb, type Model, motor } from '../mjcf.js';
import { assets, floor, follow, sun } from '../scenery.js';

interface Leg {
  readonly body: string;
  /** Names of the geoms of the middle and the lower link. */
  readonly geoms: readonly [string, string];
  /** Which way it points: signs of x and y. */
  readonly x: number;
  readonly y: number;
  readonly ankle: [number, number];
}

const LEGS: Leg[] = [
  { body: 'front_left_leg', geoms: ['left_leg_geom', 'left_ankle_geom'], x: 1, y: 1, ankle: [30, 70] },
  { body: 'front_right_leg', geoms: ['right_leg_geom', 'right_ankle_geom'], x: -1, y: 1, ankle: [-70, -30] },
  { body: 'back_leg', geoms: ['back_leg_geom', 'third_ankle_geom'], x: -1, y: -1, ankle: [-70, -30] },
  {
    body: 'right_back_leg',
    geoms: ['rightback_leg_geom', 'fourth_ankle_geom'],
    x: 1,
    y: -1,
    ankle: [30, 70],
  },
];

function leg({ body: name, geoms, x, y, ankle }: Leg, k: number): Element {
  const out = (length: number) => [0, 0, 0, x * length, y * length, 0];
  const step = [0.2 * x, 0.2 * y, 0];
  // An ankle turns about the horizontal direction across its leg.
  const across = [x === y ? -1 : 1, 1, 0];
  return body(
    name,
    [0, 0, 0],
    [
      limb(`aux_${k + 1}_geom`, out(0.2), 0.08),
      body(`aux_${k + 1}`, step, [
        hinge(`hip_${k + 1}`, [0, 0, 1], { range: [-30, 30] }),
        limb(geoms[0], out(0.2), 0.08),
        body(null, step, [hinge(`ankle_${k + 1}`, across, { range: ankle }), limb(geoms[1], out(0.4), 0.08)]),
      ]),
    ],
  );
}

export const ant: Model = {
  name: 'ant',
  memory: '1M',
  angle: 'degree',
  option: { integrator: 'RK4', timestep: 0.01 },
  custom: { init_qpos: [0, 0, 0.55, 1, 0, 0, 0, 0, 1, 0, -1, 0, -1, 0, 1] },
  defaults: {
    joint: { armature: 1, damping: 1, limited: true },
    geom: {
      conaffinity: 0,
      condim: 3,
      density: 5,
      friction: [1, 0.5, 0.5],
      margin: 0.01,
      rgba: [0.8, 0.6, 0.4, 1],
    },
  },
  assets: assets(),
  world: [
    sun(),
    floor({ conaffinity: 1, size: [40, 40, 40] }),
    body(
      'torso',
      [0, 0, 0.75],
      [
        follow([0, -3, 0.3]),
        geom('sphere', 'torso_geom', { pos: [0, 0, 0], size: 0.25 }),
        free('root', { margin: 0.01 }),
        ...LEGS.map(leg),
      ],
    ),
  ],
  actuators: [4, 1, 2, 3].flatMap((k) =>
    ['hip', 'ankle'].map((joint) =>
      motor(`${joint}_${k}`, { ctrllimited: true, ctrlrange: [-1, 1], gear: 150 }),
    ),
  ),
};
