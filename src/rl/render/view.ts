/**
 * @module rl/render/view
 *
 * Camera before a simulated world: from the side, far enough to see every shape of the first frame. The page's
 * viewer and the drawn frames share it.
 */
import { axes, type Scene, type Shape } from './scene.js';

export interface View {
  /** What the camera looks at; x and y give way to the followed shape's. */
  readonly centre: readonly [number, number, number];
  /** Its distance. */
  readonly far: number;
  /** Side of a square of the floor, a power of 2 near half the distance. */
  readonly tile: number;
}

/** The camera turned from the y axis and lifted, in radians; its vertical angle in degrees. */
export const CAMERA = { turn: 0.35, lift: 0.3, angle: 45 } as const;

/** Pixels of the picture. */
export const SIZE = { width: 728, height: 440 } as const;

/** From the poses of the first frame. */
export function viewOf(scene: Scene, pose: ArrayLike<number>): View {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  scene.shapes.forEach((shape, i) => {
    if (shape.type === 'plane') return;
    const reach = extent(shape, axes(pose, 7 * i + 3));
    for (let k = 0; k < 3; k++) {
      low[k] = Math.min(low[k], pose[7 * i + k] - reach[k]);
      high[k] = Math.max(high[k], pose[7 * i + k] + reach[k]);
    }
  });
  if (low[0] === Infinity) return { centre: [0, 0, 0], far: 1, tile: 0.5 };
  const [x, y, z] = low.map((v, k) => (v + high[k]) / 2);
  const far = 1.15 * Math.hypot(...low.map((v, k) => high[k] - v)) + 0.2;
  return { centre: [x, y, z], far, tile: 2 ** Math.round(Math.log2(far / 2)) };
}

/** Half the sides of the box around a turned shape. `turned[j]` is where its own axis j points. */
function extent({ type, size }: Shape, turned: readonly (readonly number[])[]): number[] {
  const [a, b, c] = size;
  return [0, 1, 2].map((k) => {
    const along = Math.abs(turned[2][k]);
    switch (type) {
      case 'capsule':
        return a + b * along;
      case 'cylinder':
        return a * Math.sqrt(Math.max(0, 1 - along * along)) + b * along;
      case 'box':
        return a * Math.abs(turned[0][k]) + b * Math.abs(turned[1][k]) + c * along;
      default:
        return a;
    }
  });
}
