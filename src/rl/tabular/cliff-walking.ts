/**
 * @module rl/tabular/cliff-walking
 *
 * CliffWalking-v1, CliffWalkingSlippery-v1: walk along a cliff from the lower left to the lower right.
 *
 *   action        0 up, 1 right, 2 down, 3 left
 *   state, observation   row · 12 + column on a grid of 4 × 12
 *   reward        −1 a step; −100 for a step into the cliff, which leads back to the start and does not end the episode
 *   end           terminated at the goal; never truncated; no threshold is published
 *   start         the lower left corner, state 36
 *
 * Slippery: the intended direction and the two across it with probability ⅓ each.
 * Source: Sutton & Barto (2018), example 6.6; numbers as Gymnasium 1.3.
 */
import { badOption } from '../complaints.js';
import { drawCliffWalking } from '../render/cliff-walking.js';
import type { EnvironmentOptions } from '../registration.js';
import { Tabular, TransitionModel } from './model.js';

const ROWS = 4;
const COLUMNS = 12;
const START = 36;
const GOAL = 47;
const MOVES = [
  [-1, 0],
  [0, 1],
  [1, 0],
  [0, -1],
];

export function cliffWalkingModel(slippery: boolean): TransitionModel {
  const start = new Float64Array(ROWS * COLUMNS);
  start[START] = 1;
  const turns = slippery ? [3, 0, 1] : [0];
  return new TransitionModel(ROWS * COLUMNS, 4, start, (s, a) =>
    turns.map((turn) => {
      const [down, right] = MOVES[(a + turn) % 4];
      const row = Math.min(Math.max(Math.floor(s / COLUMNS) + down, 0), ROWS - 1);
      const column = Math.min(Math.max((s % COLUMNS) + right, 0), COLUMNS - 1);
      const next = row * COLUMNS + column;
      const probability = 1 / turns.length;
      if (next > START && next < GOAL) return { probability, next: START, reward: -100, terminated: false };
      return { probability, next, reward: -1, terminated: next === GOAL };
    }),
  );
}

/** Throws `rl/option`. */
export function cliffWalking(id: string, defaultSlippery: boolean) {
  return ({ slippery = defaultSlippery }: EnvironmentOptions): Tabular => {
    if (typeof slippery !== 'boolean') throw badOption(id, 'slippery is true or false', String(slippery));
    return new Tabular(id, cliffWalkingModel(slippery), { draw: drawCliffWalking });
  };
}
