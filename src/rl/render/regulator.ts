/**
 * @module rl/render/regulator
 *
 * The first two components of the state as a point in the plane, with the target at its middle.
 */
import { circle, INK, line, picture } from './svg.js';

/** Draws x on 400 × 400; the square of start states takes half of the width. */
export function drawRegulator(state: ArrayLike<number>, range: number): string {
  const scale = 100 / (range || 1);
  const clamp = (v: number): number => Math.min(Math.max(v, 8), 392);
  const x = clamp(200 + scale * state[0]);
  const y = clamp(200 - scale * (state.length > 1 ? state[1] : 0));
  return picture(
    400,
    400,
    'linear system',
    line(0, 200, 400, 200, { stroke: INK.faint }),
    line(200, 0, 200, 400, { stroke: INK.faint }),
    circle(200, 200, 8, { fill: 'none', stroke: INK.goal, 'stroke-width': 3 }),
    circle(x, y, 8, { fill: INK.body }),
  );
}
