/**
 * @module rl/render/acrobot
 *
 * Two links below the line that the tip has to cross.
 */
import { circle, INK, line, picture } from './svg.js';

/** Draws (θ1, θ2, …) on 500 × 500. */
export function drawAcrobot(state: ArrayLike<number>): string {
  const scale = 500 / 4.4;
  const c = 250;
  const x1 = c + scale * Math.sin(state[0]);
  const y1 = c + scale * Math.cos(state[0]);
  const x2 = x1 + scale * Math.sin(state[0] + state[1]);
  const y2 = y1 + scale * Math.cos(state[0] + state[1]);
  const link = { stroke: INK.limb, 'stroke-width': 18, 'stroke-linecap': 'round' };
  return picture(
    500,
    500,
    'acrobot',
    line(0, c - scale, 500, c - scale, { stroke: INK.goal, 'stroke-dasharray': '8 6' }),
    line(c, c, x1, y1, link),
    line(x1, y1, x2, y2, link),
    circle(c, c, 6),
    circle(x1, y1, 6),
    circle(x2, y2, 5, { fill: INK.body }),
  );
}
