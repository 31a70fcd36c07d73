/**
 * @module rl/mujoco/models/swimmer
 *
 * A chain of three links in a viscous plane: 5 degrees of freedom, 2 motors.
 */
import { body, hinge, limb, type Model, motor, slide } from '../mjcf.js';
import { assets, floor, follow, sun } from '../scenery.js';

const link = (fromto: readonly number[]) => limb(null, fromto, 0.1, { density: 1000 });
const turn = (name: string) => hinge(name, [0, 0, 1], { limited: true, range: [-100, 100] });

export const swimmer: Model = {
  name: 'swimmer',
  memory: '512K',
  angle: 'degree',
  option: { density: 4000, integrator: 'RK4', timestep: 0.01, viscosity: 0.1 },
  defaults: {
    geom: { conaffinity: 0, condim: 1, contype: 0, material: 'geom', rgba: [0.8, 0.6, 0.4, 1] },
    joint: { armature: 0.1 },
  },
  assets: assets(30),
  world: [
    sun(),
    floor({ pos: [0, 0, -0.1], size: [40, 40, 0.1] }),
    body(
      'torso',
      [0, 0, 0],
      [
        follow([0, -3, 3], [1, 0, 0, 0, 1, 1]),
        link([1.5, 0, 0, 0.5, 0, 0]),
        slide('slider1', [1, 0, 0]),
        slide('slider2', [0, 1, 0]),
        hinge('free_body_rot', [0, 0, 1]),
        body(
          'mid',
          [0.5, 0, 0],
          [
            link([0, 0, 0, -1, 0, 0]),
            turn('motor1_rot'),
            body('back', [-1, 0, 0], [link([0, 0, 0, -1, 0, 0]), turn('motor2_rot')]),
          ],
        ),
      ],
    ),
  ],
  actuators: ['motor1_rot', 'motor2_rot'].map((joint) =>
    motor(joint, { ctrllimited: true, ctrlrange: [-1, 1], gear: 150 }),
  ),
};
