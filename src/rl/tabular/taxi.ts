/**
 * @module rl/tabular/taxi
 *
 * Taxi-v4: fetch a passenger at one of four stands and bring them to another.
 *
 *   action        0 south, 1 north, 2 east, 3 west, 4 pick up, 5 drop off
 *   state, observation   ((row · 5 + column) · 5 + passenger) · 4 + destination; passenger 0 R, 1 G, 2 Y, 3 B, 4 in the taxi
 *   reward        −1 a step; 20 for the drop at the destination; −10 for a pick-up or drop-off that is not possible
 *   end           terminated by the drop at the destination; truncated at 200 steps; threshold 8 (the best mean
 *                 return is 7.93, over the 300 starts)
 *   start         any of the 300 states where the passenger waits and is not at the destination, equally likely
 *   info          action_mask: actions that change the state
 *
 * Dry weather and a passenger who knows where to go (Gymnasium's defaults).
 * Source: T. G. Dietterich, JAIR 13 (2000); numbers as Gymnasium 1.3.
 */
import { drawTaxi } from '../render/taxi.js';
import { Tabular, TransitionModel } from './model.js';

/** Stands R, G, Y, B as row · 5 + column. */
export const STANDS = [0, 4, 20, 23];
/** Walls east of a cell, as row · 5 + column. */
export const WALLS = [1, 6, 15, 20, 17, 22];

export interface TaxiState {
  readonly row: number;
  readonly column: number;
  readonly passenger: number;
  readonly destination: number;
}

export function decodeTaxi(state: number): TaxiState {
  const cell = Math.floor(state / 20);
  return {
    row: Math.floor(cell / 5),
    column: cell % 5,
    passenger: Math.floor(state / 4) % 5,
    destination: state % 4,
  };
}

export function taxiModel(): TransitionModel {
  const start = new Float64Array(500);
  for (let s = 0; s < 500; s++) {
    const { passenger, destination } = decodeTaxi(s);
    if (passenger < 4 && passenger !== destination) start[s] = 1 / 300;
  }
  return new TransitionModel(500, 6, start, (s, action) => {
    const { passenger, destination } = decodeTaxi(s);
    const cell = Math.floor(s / 20);
    const to = moved(cell, action);
    let rider = passenger;
    let reward = -1;
    let terminated = false;
    if (action === 4) {
      if (passenger < 4 && cell === STANDS[passenger]) rider = 4;
      else reward = -10;
    } else if (action === 5) {
      const stand = STANDS.indexOf(cell);
      if (passenger !== 4 || stand < 0) reward = -10;
      else {
        rider = stand;
        if (stand === destination) [reward, terminated] = [20, true];
      }
    }
    return [{ probability: 1, next: (to * 5 + rider) * 4 + destination, reward, terminated }];
  });
}

function moved(cell: number, action: number): number {
  const [row, column] = [Math.floor(cell / 5), cell % 5];
  if (action === 0 && row < 4) return cell + 5;
  if (action === 1 && row > 0) return cell - 5;
  if (action === 2 && column < 4 && !WALLS.includes(cell)) return cell + 1;
  if (action === 3 && column > 0 && !WALLS.includes(cell - 1)) return cell - 1;
  return cell;
}

/** 1 for each action that changes the state. */
function mask(state: number): Int8Array {
  const { passenger } = decodeTaxi(state);
  const cell = Math.floor(state / 20);
  const can = [0, 1, 2, 3].map((a) => moved(cell, a) !== cell);
  can.push(passenger < 4 && STANDS[passenger] === cell, passenger === 4 && STANDS.includes(cell));
  return Int8Array.from(can, Number);
}

let known: TransitionModel | null = null;

/** All taxis share one model: it never changes. */
export function taxi(): Tabular {
  known ??= taxiModel();
  return new Tabular('Taxi-v4', known, { draw: drawTaxi, mask });
}
