/**
 * @module rl/mujoco/models/walker2d
 *
 * Two legs of three links under a torso, in the vertical plane: 9 degrees of freedom, 6 motors.
 */
import {
  body,
  type Element,
  geom,
  type GeomAttributes,
  hinge,
  type Model,
  motor,
  ROOT,
  slide,
} from '../mjcf.js';
import { assets, floor, follow, sun } from '../scenery.js';

const joint = (name: string, range: [number, number], pos = [0, 0, 0]) =>
  hinge(name, [0, -1, 0], { range, pos });

/** One leg; `side` is '' or '_left', `look` its colour. */
function leg(side: string, look: GeomAttributes): Element {
  const shape = (name: string, attributes: GeomAttributes): Element =>
    geom('capsule', `${name}${side}_geom`, { friction: 0.9, ...look, ...attributes });
  return body(
    `thigh${side}`,
    [0, 0, -0.19999999999999996],
    [
      joint(`thigh${side}_joint`, [-150, 0]),
      shape('thigh', { pos: [0, 0, -0.22500000000000009], size: [0.05, 0.22500000000000003] }),
      body(
        `leg${side}`,
        [0, 0, -0.70000000000000007],
        [
          joint(`leg${side}_joint`, [-150, 0], [0, 0, 0.25]),
          shape('leg', { size: [0.04, 0.25] }),
          body(
            `foot${side}`,
            [0.2, 0, -0.35],
            [
              joint(`foot${side}_joint`, [-45, 45], [-0.2, 0, 0.1]),
              shape('foot', {
                friction: 1.9,
                pos: [-0.1, 0, 0.1],
                quat: [0.70710678118654757, 0, -0.70710678118654746, 0],
                size: [0.06, 0.1],
              }),
            ],
          ),
        ],
      ),
    ],
  );
}

export const walker2d: Model = {
  name: 'walker2d',
  memory: '1M',
  angle: 'degree',
  option: { integrator: 'RK4', timestep: 0.002 },
  defaults: {
    joint: { armature: 0.01, damping: 0.1, limited: true },
    geom: {
      conaffinity: 0,
      condim: 3,
      contype: 1,
      density: 1000,
      friction: [0.7, 0.1, 0.1],
      rgba: [0.8, 0.6, 0.4, 1],
    },
  },
  assets: assets(60, [0.4, 0.5, 0.6]),
  world: [
    sun(),
    floor({ conaffinity: 1, size: [40, 40, 40] }),
    body(
      'torso',
      [0, 0, 1.25],
      [
        follow([0, -3, -0.25]),
        slide('rootx', [1, 0, 0], { ...ROOT, pos: [0, 0, -1.25] }),
        slide('rootz', [0, 0, 1], { ...ROOT, pos: [0, 0, -1.25], ref: 1.25 }),
        hinge('rooty', [0, 1, 0], ROOT),
        geom('capsule', 'torso_geom', { friction: 0.9, size: [0.05, 0.19999999999999996] }),
        leg('', {}),
        leg('_left', { rgba: [0.7, 0.3, 0.6, 1] }),
      ],
    ),
  ],
  actuators: ['', '_left'].flatMap((side) =>
    ['thigh', 'leg', 'foot'].map((link) =>
      motor(`${link}${side}_joint`, { ctrllimited: true, ctrlrange: [-1, 1], gear: 100 }),
    ),
  ),
};
