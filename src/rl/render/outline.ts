/**
 * @module rl/render/outline
 *
 * Outlines of solids seen from a direction: points of its surface whose convex hull, projected along that direction, is its outline.
 * All solids of MuJoCo's models are convex, so this is all that a picture of them needs. Exact for a parallel view up to the number
 * of points, and nearly so for one from a distance.
 */
import type { Shape } from './scene.js';

export type Point = readonly number[];

/** Points on a circle. */
const RING = 24;

export const plus = (a: Point, b: Point, t = 1): number[] => [
  a[0] + t * b[0],
  a[1] + t * b[1],
  a[2] + t * b[2],
];
export const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a: Point, b: Point): number[] => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const unit = (a: Point): number[] => {
  const length = Math.hypot(...a);
  return a.map((v) => v / length);
};

/**
 * Points of the outline of `shape` at `centre`, seen along the unit vector `direction`. `turned[j]` is where its own axis j points;
 * `shrink` scales what is round.
 */
export function outline(
  { type, size }: Shape,
  centre: Point,
  turned: readonly Point[],
  direction: Point,
  shrink = 1,
): number[][] {
  const [a, b, c] = size;
  const axis = turned[2];
  switch (type) {
    case 'sphere':
      return ring(centre, direction, a * shrink);
    case 'capsule':
      return [-b, b].flatMap((t) => ring(plus(centre, axis, t), direction, a * shrink));
    case 'cylinder':
      return [-b, b].flatMap((t) => ring(plus(centre, axis, t), axis, a * shrink));
    default:
      return [-1, 1].flatMap((i) =>
        [-1, 1].flatMap((j) =>
          [-1, 1].map((k) => plus(plus(plus(centre, turned[0], i * a), turned[1], j * b), turned[2], k * c)),
        ),
      );
  }
}

/** A circle around `normal`. */
export function ring(centre: Point, normal: Point, radius: number): number[][] {
  const least = [0, 1, 2].reduce((m, k) => (Math.abs(normal[k]) < Math.abs(normal[m]) ? k : m));
  const u = unit(
    cross(
      normal,
      [0, 1, 2].map((k) => Number(k === least)),
    ),
  );
  const v = cross(normal, u);
  return Array.from({ length: RING }, (_, i) => {
    const t = (2 * Math.PI * i) / RING;
    return plus(plus(centre, u, radius * Math.cos(t)), v, radius * Math.sin(t));
  });
}

/** The convex hull of points of the plane, in order. (A. M. Andrew, Information Processing Letters 9 (1979).) */
export function hull(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const sorted = [...points].sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  const half = (list: typeof sorted): typeof sorted => {
    const chain: typeof sorted = [];
    for (const p of list) {
      while (chain.length > 1) {
        const [o, q] = chain.slice(-2);
        if ((q[0] - o[0]) * (p[1] - o[1]) - (q[1] - o[1]) * (p[0] - o[0]) > 0) break;
        chain.pop();
      }
      chain.push(p);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}
