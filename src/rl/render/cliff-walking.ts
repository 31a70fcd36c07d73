/**
 * @module rl/render/cliff-walking
 *
 * The path above, the cliff below, the goal at its far end.
 */
import { arrow, star } from './frozen-lake.js';
import { circle, INK, picture, rect } from './svg.js';

const SIZE = 50;

/** Draws state 0 … 47 on a grid of 4 × 12; `action` −1 for none. */
export function drawCliffWalking(state: number, action: number): string {
  const tiles = Array.from({ length: 48 }, (_, s) => {
    const fill = s > 36 && s < 47 ? INK.danger : '#e9e2d3';
    return rect((s % 12) * SIZE + 1, Math.floor(s / 12) * SIZE + 1, SIZE - 2, SIZE - 2, { fill });
  });
  const x = ((state % 12) + 0.5) * SIZE;
  const y = (Math.floor(state / 12) + 0.5) * SIZE;
  return picture(
    12 * SIZE,
    4 * SIZE,
    'cliff walking',
    ...tiles,
    star(11.5 * SIZE, 3.5 * SIZE, 16),
    circle(x, y, 11, { fill: INK.body }),
    arrow(x, y, 22, [-Math.PI / 2, 0, Math.PI / 2, Math.PI][action]),
  );
}
