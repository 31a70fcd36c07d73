/**
 * @module rl/mujoco/models/hopper
 *
 * A leg of three links under a torso, in the vertical plane: 6 degrees of freedom, 3 motors.
 */
import { body, geom, hinge, type Model, motor, ROOT, slide } from '../mjcf.js';
import { assets, floor, follow, sun } from '../scenery.js';

const joint = (name: string, range: [number, number], pos = [0, 0, 0]) =>
  hinge(name, [0, -1, 0], { range, pos });
const along = { quat: [0.70710678118654757, 0, -0.70710678118654746, 0] };
const thighTop = -0.19999999999999996;

export const hopper: Model = {
  name: 'hopper',
  memory: '1M',
  angle: 'degree',
  option: { integrator: 'RK4', timestep: 0.002 },
  map: { znear: 0.02 },
  defaults: {
    joint: { armature: 1, damping: 1, limited: true },
    geom: {
      conaffinity: 1,
      condim: 1,
      contype: 1,
      margin: 0.001,
      material: 'geom',
      rgba: [0.8, 0.6, 0.4, 1],
      solimp: [0.8, 0.8, 0.01],
      solref: [0.02, 1],
    },
    motor: { ctrllimited: true, ctrlrange: [-0.4, 0.4] },
  },
  assets: assets(60, [0.4, 0.5, 0.6]),
  world: [
    sun(),
    floor({ conaffinity: 1, size: [20, 20, 0.125] }),
    body(
      'torso',
      [0, 0, 1.25],
      [
        follow([0, -3, -0.25]),
        slide('rootx', [1, 0, 0], { ...ROOT, pos: [0, 0, -1.25] }),
        slide('rootz', [0, 0, 1], { ...ROOT, pos: [0, 0, -1.25], ref: 1.25 }),
        hinge('rooty', [0, 1, 0], ROOT),
        geom('capsule', 'torso_geom', { friction: 0.9, size: [0.05, 0.19999999999999996] }),
        body(
          'thigh',
          [0, 0, thighTop],
          [
            joint('thigh_joint', [-150, 0]),
            geom('capsule', 'thigh_geom', {
              friction: 0.9,
              pos: [0, 0, -0.22500000000000009],
              size: [0.05, 0.22500000000000003],
            }),
            body(
              'leg',
              [0, 0, -0.70000000000000007],
              [
                joint('leg_joint', [-150, 0], [0, 0, 0.25]),
                geom('capsule', 'leg_geom', { friction: 0.9, size: [0.04, 0.25] }),
                body(
                  'foot',
                  [0.13, 0, -0.35],
                  [
                    joint('foot_joint', [-45, 45], [-0.13, 0, 0.1]),
                    geom('capsule', 'foot_geom', {
                      friction: 2,
                      pos: [-0.065, 0, 0.1],
                      size: [0.06, 0.195],
                      ...along,
                    }),
                  ],
                ),
              ],
            ),
          ],
        ),
      ],
    ),
  ],
  actuators: ['thigh', 'leg', 'foot'].map((link) =>
    motor(`${link}_joint`, { ctrllimited: true, ctrlrange: [-1, 1], gear: 200 }),
  ),
};
