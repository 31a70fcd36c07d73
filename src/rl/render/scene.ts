/**
 * @module rl/render/scene
 *
 * Shapes of a simulated world and their poses, as plain data for a viewer.
 */

/** Shapes that do not change: what a viewer builds once. */
export interface Scene {
  readonly shapes: readonly Shape[];
  /** The shape that the camera follows; −1: none. */
  readonly follow: number;
}

export interface Shape {
  readonly type: 'plane' | 'sphere' | 'capsule' | 'cylinder' | 'box';
  /** MuJoCo's sizes: radius, half-length, … */
  readonly size: readonly [number, number, number];
  readonly rgba: readonly [number, number, number, number];
}

/** Dynamics that know their shapes. */
export interface Posed {
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
