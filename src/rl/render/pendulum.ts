/**
 * @module rl/render/pendulum
 *
 * The rod, and an arc at its joint that shows the torque.
 */
import { circle, INK, line, picture, shape, short } from './svg.js';

/** Draws (θ, θ̇) and the last torque on 500 × 500; θ counts from upright, counter-clockwise. */
export function drawPendulum(state: ArrayLike<number>, torque: number): string {
  const c = 250;
  const r = 170;
  const x = c - r * Math.sin(state[0]);
  const y = c - r * Math.cos(state[0]);
  return picture(
    500,
    500,
    'pendulum',
    circle(c, c, r, { fill: 'none', stroke: INK.faint, 'stroke-dasharray': '2 8' }),
    line(c, c, x, y, { stroke: INK.limb, 'stroke-width': 26, 'stroke-linecap': 'round' }),
    circle(c, c, 7),
    torqueArc(c, torque),
  );
}

/** An arc with a head, its angle in proportion to the torque. */
function torqueArc(c: number, torque: number): string {
  const turn = (torque / 2) * 2.4;
  if (Math.abs(turn) < 0.05) return '';
  const r = 44;
  const at = (a: number, radius: number): string =>
    `${short(c - radius * Math.sin(a))} ${short(c - radius * Math.cos(a))}`;
  const sweep = turn > 0 ? 0 : 1;
  const back = turn - 0.28 * Math.sign(turn);
  const d = `M${at(0, r)}A${r} ${r} 0 0 ${sweep} ${at(turn, r)}M${at(back, r - 9)}L${at(turn, r)}L${at(back, r + 9)}`;
  return shape('path', { d, fill: 'none', stroke: INK.body, 'stroke-width': 4 });
}
