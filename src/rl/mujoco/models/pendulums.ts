/**
 * @module rl/mujoco/models/pendulums
 *
 * One pole, or two on top of each other, on a cart on a rail: 2 or 3 degrees of freedom, 1 motor.
 */
import { body, type Element, geom, hinge, limb, type Model, motor, site, slide } from '../mjcf.js';

const across = { pos: [0, 0, 0], quat: [0.707, 0, 0.707, 0] };
const rail = geom('capsule', 'rail', { ...across, rgba: [0.3, 0.3, 0.7, 1], size: [0.02, 1] });
const cart = geom('capsule', 'cart', { ...across, size: [0.1, 0.1] });
const pole = (name: string, end: readonly number[], radius: number): Element =>
  limb(name, [0, 0, 0, ...end], [radius, 0.3], { rgba: [0, 0.7, 0.7, 1] });
const geoms = { contype: 0, friction: [1, 0.1, 0.1], rgba: [0.7, 0.7, 0, 1] };

export const invertedPendulum: Model = {
  name: 'inverted pendulum',
  memory: '256K',
  option: { gravity: [0, 0, -9.81], integrator: 'RK4', timestep: 0.02 },
  defaults: {
    joint: { armature: 0, damping: 1, limited: true },
    geom: geoms,
    motor: { ctrlrange: [-3, 3] },
  },
  world: [
    rail,
    body(
      'cart',
      [0, 0, 0],
      [
        slide('slider', [1, 0, 0], { limited: true, range: [-1, 1] }),
        cart,
        body(
          'pole',
          [0, 0, 0],
          [hinge('hinge', [0, 1, 0], { range: [-90, 90] }), pole('cpole', [0.001, 0, 0.6], 0.049)],
        ),
      ],
    ),
  ],
  actuators: [motor('slider', { name: 'slide', ctrllimited: true, ctrlrange: [-3, 3], gear: 100 })],
};

export const invertedDoublePendulum: Model = {
  name: 'cartpole',
  memory: '256K',
  option: { gravity: [1e-5, 0, -9.81], integrator: 'RK4', timestep: 0.01 },
  custom: { frame_skip: 2 },
  defaults: { joint: { damping: 0.05 }, geom: geoms },
  world: [
    geom('plane', 'floor', { pos: [0, 0, -3], rgba: [0.8, 0.9, 0.8, 1], size: [40, 40, 40] }),
    rail,
    body(
      'cart',
      [0, 0, 0],
      [
        slide('slider', [1, 0, 0], { limited: true, margin: 0.01, range: [-1, 1] }),
        cart,
        body(
          'pole',
          [0, 0, 0],
          [
            hinge('hinge', [0, 1, 0]),
            pole('cpole', [0, 0, 0.6], 0.045),
            body(
              'pole2',
              [0, 0, 0.6],
              [
                hinge('hinge2', [0, 1, 0]),
                pole('cpole2', [0, 0, 0.6], 0.045),
                site('tip', [0, 0, 0.6], [0.01, 0.01]),
              ],
            ),
          ],
        ),
      ],
    ),
  ],
  actuators: [motor('slider', { name: 'slide', ctrllimited: true, ctrlrange: [-1, 1], gear: 500 })],
};
