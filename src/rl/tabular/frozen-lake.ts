/**
 * @module rl/tabular/frozen-lake
 *
 * FrozenLake-v1, FrozenLake8x8-v1: cross a frozen lake to the goal; the ice is slippery and has holes.
 *
 *   action        0 left, 1 down, 2 right, 3 up
 *   state, observation   row · columns + column, from the top left
 *   reward        1 on reaching the goal, else 0
 *   end           terminated in a hole or at the goal; truncated at 100 steps (8×8: 200); solved at 0.70 (0.85)
 *   start         the tile S
 *   options       map: '4x4', '8x8' or rows of S, F, H, G; slippery (true); successRate (1/3)
 *
 * Slippery: the intended direction with probability successRate, else one of the two across it, equally likely.
 * Source: Gymnasium 1.3.
 */
import { badOption } from '../complaints.js';
import { drawFrozenLake } from '../render/frozen-lake.js';
import type { EnvironmentOptions } from '../registration.js';
import { Tabular, type Transition, TransitionModel } from './model.js';

const MAPS: Readonly<Record<string, readonly string[]>> = {
  '4x4': ['SFFF', 'FHFH', 'FFFH', 'HFFG'],
  '8x8': ['SFFFFFFF', 'FFFFFFFF', 'FFFHFFFF', 'FFFFFHFF', 'FFFHFFFF', 'FHHFFFHF', 'FHFFHFHF', 'FFFHFFFG'],
};
const MOVES = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
];

/** The model of a map. */
export function frozenLakeModel(
  map: readonly string[],
  slippery: boolean,
  successRate: number,
): TransitionModel {
  const rows = map.length;
  const columns = map[0].length;
  const tile = (s: number): string => map[Math.floor(s / columns)][s % columns];
  const states = rows * columns;
  const starts = Array.from({ length: states }, (_, s) => Number(tile(s) === 'S'));
  const total = starts.reduce((a, b) => a + b, 0);
  const move = (s: number, direction: number): number => {
    const [down, right] = MOVES[direction];
    const row = Math.min(Math.max(Math.floor(s / columns) + down, 0), rows - 1);
    const column = Math.min(Math.max((s % columns) + right, 0), columns - 1);
    return row * columns + column;
  };
  const arrive = (probability: number, next: number): Transition => ({
    probability,
    next,
    reward: tile(next) === 'G' ? 1 : 0,
    terminated: 'GH'.includes(tile(next)),
  });
  return new TransitionModel(
    states,
    4,
    Float64Array.from(starts, (v) => v / total),
    (s, a) => {
      if ('GH'.includes(tile(s))) return [{ probability: 1, next: s, reward: 0, terminated: true }];
      if (!slippery) return [arrive(1, move(s, a))];
      const across = (1 - successRate) / 2;
      return [3, 0, 1].map((turn) => arrive(turn === 0 ? successRate : across, move(s, (a + turn) % 4)));
    },
  );
}

/** Throws `rl/option`. */
export function frozenLake(id: string, defaultMap: string) {
  return (options: EnvironmentOptions): Tabular => {
    const { map: wanted = defaultMap, slippery = true, successRate = 1 / 3 } = options;
    const map = Array.isArray(wanted) ? (wanted as string[]) : MAPS[String(wanted)];
    const sound =
      map !== undefined &&
      map.length > 0 &&
      map.every((row) => typeof row === 'string' && /^[SFHG]+$/.test(row) && row.length === map[0].length) &&
      map.join('').includes('S');
    if (!sound) {
      const rule = "map is '4x4', '8x8', or rows of equal length of S, F, H and G with at least one S";
      throw badOption(id, rule, String(wanted), `make('${id}', { map: ['SF', 'HG'] })`);
    }
    if (typeof successRate !== 'number' || !(successRate >= 0 && successRate <= 1)) {
      throw badOption(id, 'successRate is a probability', String(successRate));
    }
    if (typeof slippery !== 'boolean') throw badOption(id, 'slippery is true or false', String(slippery));
    const model = frozenLakeModel(map, slippery, successRate);
    return new Tabular(id, model, { draw: (s, a) => drawFrozenLake(map, s, a) });
  };
}
