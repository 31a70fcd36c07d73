/**
 * @module rl/mujoco/models/half-cheetah
 *
 * A torso with a hind and a front leg of three links each, in the vertical plane: 9 degrees of freedom, 6 motors, 14 kg.
 */
import { body, type Element, geom, hinge, limb, type Model, motor, ROOT, slide } from '../mjcf.js';
import { assets, floor, follow, sun } from '../scenery.js';

interface Link {
  readonly name: string;
  readonly pos: readonly number[];
  readonly range: [number, number];
  readonly damping: number;
  readonly stiffness: number;
  /** Of the capsule: middle, angle about y, half-length. */
  readonly middle: readonly number[];
  readonly turn: number;
  readonly half: number;
  readonly pale?: boolean;
}

/** A leg from the torso down. */
function leg([link, ...rest]: readonly Link[]): Element {
  const { name, pos, range, damping, stiffness, middle, turn, half, pale } = link;
  return body(name, pos, [
    hinge(name, [0, 1, 0], { range, damping, stiffness }),
    geom('capsule', name, {
      axisangle: [0, 1, 0, turn],
      pos: middle,
      size: [0.046, half],
      ...(pale ? { rgba: [0.9, 0.6, 0.6, 1] } : {}),
    }),
    ...(rest.length > 0 ? [leg(rest)] : []),
  ]);
}

const HIND: Link[] = [
  {
    name: 'bthigh',
    pos: [-0.5, 0, 0],
    range: [-0.52, 1.05],
    damping: 6,
    stiffness: 240,
    middle: [0.1, 0, -0.13],
    turn: -3.8,
    half: 0.145,
  },
  {
    name: 'bshin',
    pos: [0.16, 0, -0.25],
    range: [-0.785, 0.785],
    damping: 4.5,
    stiffness: 180,
    middle: [-0.14, 0, -0.07],
    turn: -2.03,
    half: 0.15,
    pale: true,
  },
  {
    name: 'bfoot',
    pos: [-0.28, 0, -0.14],
    range: [-0.4, 0.785],
    damping: 3,
    stiffness: 120,
    middle: [0.03, 0, -0.097],
    turn: -0.27,
    half: 0.094,
    pale: true,
  },
];
const FRONT: Link[] = [
  {
    name: 'fthigh',
    pos: [0.5, 0, 0],
    range: [-1, 0.7],
    damping: 4.5,
    stiffness: 180,
    middle: [-0.07, 0, -0.12],
    turn: 0.52,
    half: 0.133,
  },
  {
    name: 'fshin',
    pos: [-0.14, 0, -0.24],
    range: [-1.2, 0.87],
    damping: 3,
    stiffness: 120,
    middle: [0.065, 0, -0.09],
    turn: -0.6,
    half: 0.106,
    pale: true,
  },
  {
    name: 'ffoot',
    pos: [0.13, 0, -0.18],
    range: [-0.5, 0.5],
    damping: 1.5,
    stiffness: 60,
    middle: [0.045, 0, -0.07],
    turn: -0.6,
    half: 0.07,
    pale: true,
  },
];

export const halfCheetah: Model = {
  name: 'cheetah',
  memory: '512K',
  angle: 'radian',
  totalMass: 14,
  option: { gravity: [0, 0, -9.81], timestep: 0.01 },
  size: { nuser_geom: 1 },
  defaults: {
    joint: {
      armature: 0.1,
      damping: 0.01,
      limited: true,
      solimplimit: [0, 0.8, 0.03],
      solreflimit: [0.02, 1],
      stiffness: 8,
    },
    geom: {
      conaffinity: 0,
      condim: 3,
      contype: 1,
      friction: [0.4, 0.1, 0.1],
      rgba: [0.8, 0.6, 0.4, 1],
      solimp: [0, 0.8, 0.01],
      solref: [0.02, 1],
    },
    motor: { ctrllimited: true, ctrlrange: [-1, 1] },
  },
  assets: assets(),
  world: [
    sun(),
    floor({ conaffinity: 1, size: [40, 40, 40] }),
    body(
      'torso',
      [0, 0, 0.7],
      [
        follow([0, -3, 0.3]),
        slide('rootx', [1, 0, 0], ROOT),
        slide('rootz', [0, 0, 1], ROOT),
        hinge('rooty', [0, 1, 0], ROOT),
        limb('torso', [-0.5, 0, 0, 0.5, 0, 0], 0.046),
        geom('capsule', 'head', { axisangle: [0, 1, 0, 0.87], pos: [0.6, 0, 0.1], size: [0.046, 0.15] }),
        leg(HIND),
        leg(FRONT),
      ],
    ),
  ],
  actuators: Object.entries({ bthigh: 120, bshin: 90, bfoot: 60, fthigh: 120, fshin: 60, ffoot: 30 }).map(
    ([name, gear]) => motor(name, { name, gear }),
  ),
};
