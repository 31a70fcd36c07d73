/**
 * @module rl/linear
 *
 * The linear-quadratic regulator.
 */
import type { Registration } from '../registration.js';
import { DOUBLE_INTEGRATOR, Regulator, regulator } from './regulator.js';

export const linear: Readonly<Record<string, Registration>> = {
  'LinearQuadratic-v0': {
    factory: regulator,
    maxSteps: 100,
    threshold: null,
    summary: 'keep a linear system near zero at a quadratic price',
    family: 'linear',
    options: ['A', 'B', 'Q', 'R', 'noise', 'startRange'],
    spaces: () => new Regulator(DOUBLE_INTEGRATOR),
  },
};
