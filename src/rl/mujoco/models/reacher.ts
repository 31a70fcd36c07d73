/**
 * @module rl/mujoco/models/reacher
 *
 * An arm of two links in the plane and a target that is a body of its own: 4 degrees of freedom, 2 motors.
 */
import { body, geom, hinge, limb, type Model, motor, ROOT, slide } from '../mjcf.js';

const wall = (name: string, ends: readonly number[]) =>
  limb(name, ends, 0.02, { conaffinity: 0, rgba: [0.9, 0.4, 0.6, 1] });
const arm = (name: string) => limb(name, [0, 0, 0, 0.1, 0, 0], 0.01, { rgba: [0, 0.4, 0.6, 1] });
const target = { ...ROOT, limited: true, range: [-0.27, 0.27] as const };

export const reacher: Model = {
  name: 'reacher',
  memory: '512K',
  angle: 'radian',
  option: { gravity: [0, 0, -9.81], integrator: 'RK4', timestep: 0.01 },
  defaults: {
    joint: { armature: 1, damping: 1, limited: true },
    geom: { contype: 0, friction: [1, 0.1, 0.1], rgba: [0.7, 0.7, 0, 1] },
  },
  world: [
    geom('plane', 'ground', {
      conaffinity: 0,
      contype: 0,
      pos: [0, 0, 0],
      rgba: [0.9, 0.9, 0.9, 1],
      size: [1, 1, 10],
    }),
    wall('sideS', [-0.3, -0.3, 0.01, 0.3, -0.3, 0.01]),
    wall('sideE', [0.3, -0.3, 0.01, 0.3, 0.3, 0.01]),
    wall('sideN', [-0.3, 0.3, 0.01, 0.3, 0.3, 0.01]),
    wall('sideW', [-0.3, -0.3, 0.01, -0.3, 0.3, 0.01]),
    geom('cylinder', 'root', {
      conaffinity: 0,
      contype: 0,
      fromto: [0, 0, 0, 0, 0, 0.02],
      rgba: [0.9, 0.4, 0.6, 1],
      size: 0.011,
    }),
    body(
      'body0',
      [0, 0, 0.01],
      [
        arm('link0'),
        hinge('joint0', [0, 0, 1], { limited: false }),
        body(
          'body1',
          [0.1, 0, 0],
          [
            hinge('joint1', [0, 0, 1], { limited: true, range: [-3, 3] }),
            arm('link1'),
            body(
              'fingertip',
              [0.11, 0, 0],
              [
                geom('sphere', 'fingertip', {
                  contype: 0,
                  pos: [0, 0, 0],
                  rgba: [0, 0.8, 0.6, 1],
                  size: 0.01,
                }),
              ],
            ),
          ],
        ),
      ],
    ),
    body(
      'target',
      [0.1, -0.1, 0.01],
      [
        slide('target_x', [1, 0, 0], { ...target, ref: 0.1 }),
        slide('target_y', [0, 1, 0], { ...target, ref: -0.1 }),
        geom('sphere', 'target', {
          conaffinity: 0,
          contype: 0,
          pos: [0, 0, 0],
          rgba: [0.9, 0.2, 0.2, 1],
          size: 0.009,
        }),
      ],
    ),
  ],
  actuators: ['joint0', 'joint1'].map((joint) =>
    motor(joint, { ctrllimited: true, ctrlrange: [-1, 1], gear: 200 }),
  ),
};
