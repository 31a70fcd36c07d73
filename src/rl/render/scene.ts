/**
 * @module rl/render/scene
 *
 * Shapes of a simulated world and their poses, as plain data for a viewer.
 */

/** Shapes that do not change: what a viewer builds once. */
export interface Scene {
  /** All shapes, in the order of the poses. */
  readonly shapes: readonly Shape[];
  /** The shape that the camera follows; −1: none. */
  readonly follow: number;
}

/** One shape of a scene. */
export interface Shape {
  /** MuJoCo's kind of geometry. */
  readonly type: 'plane' | 'sphere' | 'capsule' | 'cylinder' | 'box';
  /** MuJoCo's sizes: radius, half-length, … */
  readonly size: readonly [number, number, number];
  /** Colour and opacity, each 0 to 1. */
  readonly rgba: readonly [number, number, number, number];
}

/** Dynamics that know their shapes. */
export interface Posed {
  /** Its shapes. */
  readonly scene: Scene;
  /** Seconds of a step. */
  readonly dt: number;
  /** x y z and the quaternion x y z w of each shape [shapes · 7]. */
  pose(): Float32Array;
}

/** The quaternion x y z w of a row-major rotation matrix, into out[at…]. (S. W. Shepperd, J. Guidance Control 1 (1978).) */
export function quaternion(m: ArrayLike<number>, from: number, out: Float32Array, at: number): void {
  const [a, b, c, d, e, f, g, h, i] = Array.from({ length: 9 }, (_, k) => m[from + k]);
  const squares = [1 + a - e - i, 1 - a + e - i, 1 - a - e + i, 1 + a + e + i];
  const k = squares.indexOf(Math.max(...squares));
  const s = 2 * Math.sqrt(squares[k]);
  const rows = [
    [s / 4, (b + d) / s, (c + g) / s, (h - f) / s],
    [(b + d) / s, s / 4, (f + h) / s, (c - g) / s],
    [(c + g) / s, (f + h) / s, s / 4, (d - b) / s],
    [(h - f) / s, (c - g) / s, (d - b) / s, s / 4],
  ];
  out.set(rows[k], at);
}

/** The three columns of the rotation matrix of the quaternion x y z w at q[from…]: where a shape's own axes point. */
export function axes(q: ArrayLike<number>, from: number): [number[], number[], number[]] {
  const [x, y, z, w] = [q[from], q[from + 1], q[from + 2], q[from + 3]];
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)],
    [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)],
    [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)],
  ];
}
