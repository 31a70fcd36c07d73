/**
 * @module rl/render/cartpole
 *
 * A cart on a rail with its pole; the shaded ends are out of bounds.
 */
import { circle, INK, line, picture, rect } from './svg.js';

const SCALE = 600 / 6;

/** Draws (x, ẋ, θ, θ̇) on 600 × 400. */
export function drawCartPole(state: ArrayLike<number>): string {
  const x = 300 + SCALE * state[0];
  const y = 300;
  const edge = 2.4 * SCALE;
  const length = 2 * SCALE;
  const axle = y - 15;
  return picture(
    600,
    400,
    'cart and pole',
    rect(0, 0, 300 - edge, 400, { fill: INK.faint, opacity: 0.5 }),
    rect(300 + edge, 0, 300 - edge, 400, { fill: INK.faint, opacity: 0.5 }),
    line(0, y, 600, y),
    rect(x - 28, y - 17, 56, 34, { rx: 4, fill: INK.line }),
    line(x, axle, x + length * Math.sin(state[2]), axle - length * Math.cos(state[2]), {
      stroke: INK.limb,
      'stroke-width': 12,
      'stroke-linecap': 'round',
    }),
    circle(x, axle, 5, { fill: INK.body }),
  );
}
