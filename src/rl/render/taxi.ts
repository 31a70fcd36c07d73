/**
 * @module rl/render/taxi
 *
 * The town: stands R, G, Y, B, walls between streets, the passenger (a dot, blue in the taxi) and the destination (a ring).
 */
import { arrow } from './frozen-lake.js';
import { circle, INK, label, line, picture, rect } from './svg.js';

const SIZE = 70;
const COLOURS = [INK.danger, INK.goal, '#c9a227', INK.body];
const NAMES = ['R', 'G', 'Y', 'B'];
const STAND_CELLS = [0, 4, 20, 23];
const WALL_CELLS = [1, 6, 15, 20, 17, 22];
const middle = (cell: number): [number, number] => [
  (0.5 + (cell % 5)) * SIZE,
  (0.5 + Math.floor(cell / 5)) * SIZE,
];

/** Draws one of the 500 states; `action` −1 for none. */
export function drawTaxi(state: number, action: number): string {
  const cell = Math.floor(state / 20);
  const passenger = Math.floor(state / 4) % 5;
  const [x, y] = middle(cell);
  const stands = STAND_CELLS.flatMap((at, k) => {
    const [sx, sy] = middle(at);
    return [
      rect(sx - SIZE / 2 + 2, sy - SIZE / 2 + 2, SIZE - 4, SIZE - 4, { fill: COLOURS[k], opacity: 0.25 }),
      label(sx - SIZE / 2 + 12, sy - SIZE / 2 + 18, NAMES[k]),
      ...(state % 4 === k
        ? [circle(sx, sy, 21, { fill: 'none', stroke: COLOURS[k], 'stroke-width': 4 })]
        : []),
    ];
  });
  const walls = WALL_CELLS.map((at) => {
    const [wx, wy] = middle(at);
    return line(wx + SIZE / 2, wy - SIZE / 2, wx + SIZE / 2, wy + SIZE / 2, {
      'stroke-width': 5,
      'stroke-linecap': 'square',
    });
  });
  const [px, py] = passenger === 4 ? [x, y] : middle(STAND_CELLS[passenger]);
  return picture(
    5 * SIZE,
    5 * SIZE,
    'taxi',
    ...stands,
    rect(2, 2, 5 * SIZE - 4, 5 * SIZE - 4, { fill: 'none', stroke: INK.line, 'stroke-width': 4 }),
    ...walls,
    rect(x - 20, y - 12, 40, 24, { rx: 6, fill: '#e8b93c', stroke: INK.line, 'stroke-width': 2 }),
    circle(px, py, 7, { fill: passenger === 4 ? INK.body : INK.line }),
    arrow(x, y, 31, [Math.PI / 2, -Math.PI / 2, 0, Math.PI][action]),
  );
}
