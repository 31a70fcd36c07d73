/**
 * @module rl/mujoco/models/pusher
 *
 * A robot arm of seven joints, a puck to push, and the place to push it to, which is a body of its own: 11 degrees of freedom,
 * 7 motors.
 */
import {
  body,
  type Element,
  element,
  geom,
  type GeomAttributes,
  hinge,
  limb,
  type Model,
  motor,
  slide,
} from '../mjcf.js';

const ball = (name: string, pos: readonly number[], size: number, more: GeomAttributes = {}): Element =>
  geom('sphere', name, { pos, size, ...more });
const grey = { rgba: [0.6, 0.6, 0.6, 1] };
const black = { rgba: [0.1, 0.1, 0.1, 1] };
const touching = { contype: 1, conaffinity: 1 };
const joint = (name: string, axis: readonly number[], range: [number, number], damping: number): Element =>
  hinge(`r_${name}_joint`, axis, { range, damping });

/** Something flat that slides in the plane. */
function puck(name: string, pos: readonly number[], attributes: GeomAttributes): Element {
  const free = { range: [-10.3213, 10.3], damping: 0.5 } as const;
  const short = name === 'object' ? 'obj' : name;
  return body(name, pos, [
    geom('cylinder', null, { conaffinity: 0, ...attributes }),
    slide(`${short}_slidey`, [0, 1, 0], free),
    slide(`${short}_slidex`, [1, 0, 0], free),
  ]);
}

const hand = body(
  'r_wrist_roll_link',
  [0, 0, 0],
  [
    joint('wrist_roll', [1, 0, 0], [-1.5, 1.5], 0.1),
    body(
      'tips_arm',
      [0, 0, 0],
      [ball('tip_arml', [0.1, -0.1, 0], 0.01), ball('tip_armr', [0.1, 0.1, 0], 0.01)],
    ),
    limb(null, [0, -0.1, 0, 0, 0.1, 0], 0.02, touching),
    limb(null, [0, -0.1, 0, 0.1, -0.1, 0], 0.02, touching),
    limb(null, [0, 0.1, 0, 0.1, 0.1, 0], 0.02, touching),
  ],
);

const forearm = body(
  'r_forearm_roll_link',
  [0, 0, 0],
  [
    limb('fr', [-0.1, 0, 0, 0.1, 0, 0], 0.02),
    joint('forearm_roll', [1, 0, 0], [-1.5, 1.5], 0.1),
    body(
      'r_forearm_link',
      [0, 0, 0],
      [
        limb('fa', [0, 0, 0, 0.291, 0, 0], 0.05),
        body(
          'r_wrist_flex_link',
          [0.321, 0, 0],
          [
            limb('wf', [0, -0.02, 0, 0, 0.02, 0], 0.01),
            joint('wrist_flex', [0, 1, 0], [-1.094, 0], 0.1),
            hand,
          ],
        ),
      ],
    ),
  ],
);

const upperArm = body(
  'r_upper_arm_roll_link',
  [0, 0, 0],
  [
    limb('uar', [-0.1, 0, 0, 0.1, 0, 0], 0.02),
    joint('upper_arm_roll', [1, 0, 0], [-1.5, 1.7], 0.1),
    body(
      'r_upper_arm_link',
      [0, 0, 0],
      [
        limb('ua', [0, 0, 0, 0.4, 0, 0], 0.06),
        body(
          'r_elbow_flex_link',
          [0.4, 0, 0],
          [
            limb('ef', [0, -0.02, 0, 0, 0.02, 0], 0.06),
            joint('elbow_flex', [0, 1, 0], [-2.3213, 0], 0.1),
            forearm,
          ],
        ),
      ],
    ),
  ],
);

export const PUSHER_JOINTS = [
  'shoulder_pan',
  'shoulder_lift',
  'upper_arm_roll',
  'elbow_flex',
  'forearm_roll',
  'wrist_flex',
  'wrist_roll',
];

export const pusher: Model = {
  name: 'arm3d',
  memory: '1M',
  angle: 'radian',
  option: { timestep: 0.01, gravity: [0, 0, 0], iterations: 20, integrator: 'Euler' },
  defaults: {
    joint: { armature: 0.04, damping: 1, limited: true },
    geom: { friction: [0.8, 0.1, 0.1], density: 300, margin: 0.002, condim: 1, contype: 0, conaffinity: 0 },
  },
  world: [
    element('light', { diffuse: [0.5, 0.5, 0.5], pos: [0, 0, 3], dir: [0, 0, -1] }),
    geom('plane', 'table', { pos: [0, 0.5, -0.325], size: [1, 1, 0.1], ...touching }),
    body(
      'r_shoulder_pan_link',
      [0, -0.6, 0],
      [
        ball('e1', [-0.06, 0.05, 0.2], 0.05, grey),
        ball('e2', [0.06, 0.05, 0.2], 0.05, grey),
        ball('e1p', [-0.06, 0.09, 0.2], 0.03, black),
        ball('e2p', [0.06, 0.09, 0.2], 0.03, black),
        limb('sp', [0, 0, -0.4, 0, 0, 0.2], 0.1),
        joint('shoulder_pan', [0, 0, 1], [-2.2854, 1.714602], 1),
        body(
          'r_shoulder_lift_link',
          [0.1, 0, 0],
          [
            limb('sl', [0, -0.1, 0, 0, 0.1, 0], 0.1),
            joint('shoulder_lift', [0, 1, 0], [-0.5236, 1.3963], 1),
            upperArm,
          ],
        ),
      ],
    ),
    puck('object', [0.45, -0.05, -0.275], {
      rgba: [1, 1, 1, 1],
      size: [0.05, 0.05, 0.05],
      density: 0.01,
      contype: 1,
    }),
    puck('goal', [0.45, -0.05, -0.323], {
      rgba: [1, 0, 0, 1],
      size: [0.08, 0.001, 0.1],
      density: 0.00001,
      contype: 0,
    }),
  ],
  actuators: PUSHER_JOINTS.map((name) => motor(`r_${name}_joint`, { ctrlrange: [-2, 2], ctrllimited: true })),
};
