/**
 * @module rl/vector/corridor.fixture
 *
 * An environment that only tests know, in a module of its own for workers to import.
 */
import { box, discrete, type Dynamics, register } from '../index.js';

function corridor(): Dynamics {
  const state = new Float64Array(1);
  return {
    observationSpace: box([-100], [100]),
    actionSpace: discrete(2),
    state,
    reset: (random) => state.fill(random.integer(5)),
    step(action, outcome, random) {
      state[0] += action[0] === 1 && random.next() < 0.8 ? 1 : -1;
      outcome.reward = state[0];
      outcome.terminated = state[0] === 6;
    },
    observe: (out, offset) => (out[offset] = state[0]),
  };
}

register('Shared-v0', corridor, { maxSteps: 40 });
