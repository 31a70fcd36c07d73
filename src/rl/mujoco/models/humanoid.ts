/**
 * @module rl/mujoco/models/humanoid
 *
 * A person of spheres and capsules: 23 degrees of freedom, 17 motors. Left and right mirror each other in y, except in small
 * figures that the published model has on one side only (armature of a hip, stiffness of a knee, a camera).
 */
import {
  body,
  type Element,
  element,
  fixedTendon,
  free,
  geom,
  hinge,
  type JointAttributes,
  limb,
  type Model,
  motor,
} from '../mjcf.js';
import { assets, floor, follow, sun } from '../scenery.js';

const tilt = { quat: [1, 0, -0.002, 0] };
const waist = (axis: string, direction: readonly number[], more: JointAttributes): Element =>
  hinge(`abdomen_${axis}`, direction, { armature: 0.02, damping: 5, ...more });

/** A leg; `m` is −1 for the right, +1 for the left. */
function leg(side: 'right' | 'left', m: 1 | -1): Element {
  const hip = (axis: string, direction: readonly number[], more: JointAttributes): Element =>
    hinge(`${side}_hip_${axis}`, direction, { damping: 5, ...more });
  const knee = side === 'left' ? { stiffness: 1 } : {};
  // Mirroring turns the axes of the x and z rotations round.
  return body(
    `${side}_thigh`,
    [0, 0.1 * m, -0.04],
    [
      hip('x', [-m, 0, 0], { armature: 0.01, range: [-25, 5], stiffness: 10 }),
      hip('z', [0, 0, -m], { armature: 0.01, range: [-60, 35], stiffness: 10 }),
      hip('y', [0, 1, 0], { armature: side === 'left' ? 0.01 : 0.008, range: [-110, 20], stiffness: 20 }),
      limb(`${side}_thigh1`, [0, 0, 0, 0, -0.01 * m, -0.34], 0.06),
      body(
        `${side}_shin`,
        [0, -0.01 * m, -0.403],
        [
          hinge(`${side}_knee`, [0, -1, 0], {
            armature: 0.006,
            pos: [0, 0, 0.02],
            range: [-160, -2],
            ...knee,
          }),
          limb(`${side}_shin1`, [0, 0, 0, 0, 0, -0.3], 0.049),
          body(
            `${side}_foot`,
            [0, 0, -0.45],
            [geom('sphere', `${side}_foot`, { pos: [0, 0, 0.1], size: 0.075, user: 0 })],
          ),
        ],
      ),
    ],
  );
}

/** An arm; `m` is −1 for the right, +1 for the left. */
function arm(side: 'right' | 'left', m: 1 | -1): Element {
  const range = (low: number, high: number): [number, number] => (m === 1 ? [-high, -low] : [low, high]);
  const shoulder = (k: number, axis: readonly number[], armature: number): Element =>
    hinge(`${side}_shoulder${k}`, axis, { armature, range: range(-85, 60), stiffness: 1 });
  return body(
    `${side}_upper_arm`,
    [0, 0.17 * m, 0.06],
    [
      shoulder(1, [2, -m, 1], 0.0068),
      shoulder(2, [0, m, 1], 0.0051),
      limb(`${side}_uarm1`, [0, 0, 0, 0.16, 0.16 * m, -0.16], [0.04, 0.16]),
      body(
        `${side}_lower_arm`,
        [0.18, 0.18 * m, -0.18],
        [
          hinge(`${side}_elbow`, [0, -1, -m], { armature: 0.0028, range: [-90, 50], stiffness: 0 }),
          limb(`${side}_larm`, [0.01, -0.01 * m, 0.01, 0.17, -0.17 * m, 0.17], 0.031),
          geom('sphere', `${side}_hand`, { pos: [0.18, -0.18 * m, 0.18], size: 0.04 }),
          ...(side === 'right' ? [element('camera', { pos: [0, 0, 0] })] : []),
        ],
      ),
    ],
  );
}

const GEARS: Readonly<Record<string, number>> = {
  abdomen_y: 100,
  abdomen_z: 100,
  abdomen_x: 100,
  ...legGears('right'),
  ...legGears('left'),
  ...armGears('right'),
  ...armGears('left'),
};

function legGears(side: string): Record<string, number> {
  return { [`${side}_hip_x`]: 100, [`${side}_hip_z`]: 100, [`${side}_hip_y`]: 300, [`${side}_knee`]: 200 };
}

function armGears(side: string): Record<string, number> {
  return { [`${side}_shoulder1`]: 25, [`${side}_shoulder2`]: 25, [`${side}_elbow`]: 25 };
}

export const humanoid: Model = {
  name: 'humanoid',
  memory: '2M',
  angle: 'degree',
  option: { integrator: 'RK4', iterations: 50, solver: 'PGS', timestep: 0.003 },
  size: { nkey: 5, nuser_geom: 1 },
  map: { fogend: 5, fogstart: 3 },
  defaults: {
    joint: { armature: 1, damping: 1, limited: true },
    geom: {
      conaffinity: 1,
      condim: 1,
      contype: 1,
      margin: 0.001,
      material: 'geom',
      rgba: [0.8, 0.6, 0.4, 1],
    },
    motor: { ctrllimited: true, ctrlrange: [-0.4, 0.4] },
  },
  assets: assets(60, [0.4, 0.5, 0.6]),
  world: [
    sun(),
    floor({ friction: [1, 0.1, 0.1], size: [20, 20, 0.125] }),
    body(
      'torso',
      [0, 0, 1.4],
      [
        follow([0, -4, 0]),
        free('root', { stiffness: 0 }),
        limb('torso1', [0, -0.07, 0, 0, 0.07, 0], 0.07),
        geom('sphere', 'head', { pos: [0, 0, 0.19], size: 0.09, user: 258 }),
        limb('uwaist', [-0.01, -0.06, -0.12, -0.01, 0.06, -0.12], 0.06),
        body(
          'lwaist',
          [-0.01, 0, -0.26],
          [
            limb('lwaist', [0, -0.06, 0, 0, 0.06, 0], 0.06),
            waist('z', [0, 0, 1], { pos: [0, 0, 0.065], range: [-45, 45], stiffness: 20 }),
            waist('y', [0, 1, 0], { pos: [0, 0, 0.065], range: [-75, 30], stiffness: 10 }),
            body(
              'pelvis',
              [0, 0, -0.165],
              [
                waist('x', [1, 0, 0], { pos: [0, 0, 0.1], range: [-35, 35], stiffness: 10 }),
                limb('butt', [-0.02, -0.07, 0, -0.02, 0.07, 0], 0.09),
                leg('right', -1),
                leg('left', 1),
              ],
              tilt,
            ),
          ],
          tilt,
        ),
        arm('right', -1),
        arm('left', 1),
      ],
    ),
  ],
  tendons: ['left', 'right'].map((side) =>
    fixedTendon(`${side}_hipknee`, { [`${side}_hip_y`]: -1, [`${side}_knee`]: 1 }),
  ),
  actuators: Object.entries(GEARS).map(([name, gear]) => motor(name, { name, gear })),
};
