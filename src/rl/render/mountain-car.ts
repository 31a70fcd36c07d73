/**
 * @module rl/render/mountain-car
 *
 * The valley, the car on its slope, the flag.
 */
import { circle, INK, line, path, picture, rect, shape, short } from './svg.js';

const MIN = -1.2;
const SCALE = 600 / 1.8;
const px = (x: number): number => (x - MIN) * SCALE;
const py = (x: number): number => 400 - (Math.sin(3 * x) * 0.45 + 0.55) * SCALE;
const HILL = Array.from({ length: 91 }, (_, i) => MIN + i * 0.02).flatMap((x) => [px(x), py(x)]);

/** Draws (position, speed) on 600 × 400 with a flag at `goal`. */
export function drawMountainCar(state: ArrayLike<number>, goal: number): string {
  const slope = Math.atan(1.35 * Math.cos(3 * state[0]));
  const move = `translate(${short(px(state[0]))} ${short(py(state[0]))}) rotate(${short((-slope * 180) / Math.PI)})`;
  const car = [rect(-20, -24, 40, 16, { rx: 3, fill: INK.body }), circle(-11, -6, 6), circle(11, -6, 6)].join(
    '',
  );
  const [x, y] = [px(goal), py(goal)];
  return picture(
    600,
    400,
    'mountain car',
    path([0, 400, ...HILL, 600, 400], { fill: INK.faint, stroke: 'none', opacity: 0.4 }),
    path(HILL),
    line(x, y, x, y - 50),
    path([x, y - 50, x + 24, y - 41, x, y - 32], { fill: INK.goal, stroke: 'none' }),
    shape('g', { transform: move }, car),
  );
}
