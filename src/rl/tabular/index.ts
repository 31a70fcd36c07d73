/**
 * @module rl/tabular
 *
 * Problems with a table for a model, whose exact answers are known.
 */
import type { Registration } from '../registration.js';
import { cliffWalking } from './cliff-walking.js';
import { frozenLake } from './frozen-lake.js';
import type { Tabular } from './model.js';
import { taxi } from './taxi.js';

function row(
  factory: (options: Readonly<Record<string, unknown>>) => Tabular,
  maxSteps: number | null,
  threshold: number | null,
  summary: string,
  options: readonly string[],
): Registration {
  return { factory, maxSteps, threshold, summary, family: 'tabular', options, spaces: () => factory({}) };
}

const LAKE = ['map', 'slippery', 'successRate'];

export const tabular: Readonly<Record<string, Registration>> = {
  'FrozenLake-v1': row(
    frozenLake('FrozenLake-v1', '4x4'),
    100,
    0.7,
    'cross slippery ice between holes',
    LAKE,
  ),
  'FrozenLake8x8-v1': row(
    frozenLake('FrozenLake8x8-v1', '8x8'),
    200,
    0.85,
    'the same on a larger lake',
    LAKE,
  ),
  'CliffWalking-v1': row(cliffWalking('CliffWalking-v1', false), null, null, 'walk along a cliff', [
    'slippery',
  ]),
  'CliffWalkingSlippery-v1': row(
    cliffWalking('CliffWalkingSlippery-v1', true),
    null,
    null,
    'the same on slippery ground',
    ['slippery'],
  ),
  'Taxi-v4': row(taxi, 200, 8, 'fetch a passenger and bring them home', []),
};
