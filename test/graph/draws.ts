/** Random shapes, broadcasts and numbers away from kinks and poles. */
import type { Sequence } from '../../src/core/random.js';
import { type Tensor, tensor } from '../../src/core/tensor.js';
import { concrete, type Dim, type Shape } from '../../src/graph/index.js';
import { sizeOf } from './arrays.js';

export type Draw = (rng: Sequence, count: number) => number[];

const each =
  (f: (rng: Sequence) => number): Draw =>
  (rng, count) =>
    Array.from({ length: count }, () => f(rng));

/** In (−1.5, 1.5). */
export const any = each((rng) => 3 * rng.next() - 1.5);
/** In an interval. */
export const within = ([lo, hi]: readonly [number, number]): Draw =>
  each((rng) => lo + (hi - lo) * rng.next());
/** In (0.5, 2). */
export const positive = each((rng) => 0.5 + 1.5 * rng.next());
/** Either sign, at least 0.3 from zero. */
export const notZero = each((rng) => rng.sign() * (0.3 + 1.2 * rng.next()));
/** Whole numbers, and whole numbers and a half: an operand of each kind are never closer than ½. */
export const whole = each((rng) => rng.integer(5) - 2);
export const halves = each((rng) => rng.integer(5) - 1.5);
/** At least 0.35 from whole numbers, and close to 1 or −1: a quotient of the two is no whole number. */
export const betweenWholes = each((rng) => rng.integer(5) - 2 + 0.35 + 0.3 * rng.next());
export const aboutOne = each((rng) => rng.sign() * (1 + 0.04 * rng.next()));
/** All different, at least 0.2 apart. */
export const distinct: Draw = (rng, count) => {
  const order = rng.shuffle(Array.from({ length: count }, (_, i) => i));
  return order.map((i) => 0.2 * (i - count / 2));
};
/** 0 or 1. */
export const bits = each((rng) => rng.integer(2));

/** Indices of an axis with this many elements, negative ones too. */
export const indices = (length: number): Draw => each((rng) => rng.integer(2 * length) - length);

export function fill(
  shape: Shape,
  dtype: 'float64' | 'float32' | 'bool' | 'int64',
  draw: Draw,
  rng: Sequence,
  n: number,
): Tensor {
  const sizes = concrete(shape, n);
  return tensor(dtype, sizes, draw(rng, sizeOf(sizes)));
}

/** A shape from text: `2 2N 3` is [2, { batch: 2 }, 3]. */
export const dims = (text: string): Dim[] =>
  text
    .split(' ')
    .filter((d) => d !== '')
    .map((d) => (d.endsWith('N') ? { batch: Number(d.slice(0, -1) || 1) } : Number(d)));

/** A shape of rank 0 to 4 with dimensions 1 to 3, with or without examples, these first or anywhere, one row or two for each. */
export function randomShape(rng: Sequence, minRank = 0): Dim[] {
  const rank = minRank + rng.integer(5 - minRank);
  const shape: Dim[] = Array.from({ length: rank }, () => 1 + rng.integer(3));
  if (rank > 0 && rng.integer(3) > 0) {
    shape[rng.integer(2) === 0 ? 0 : rng.integer(rank)] = { batch: rng.integer(4) === 0 ? 2 : 1 };
  }
  return shape;
}

/** A shape that broadcasts to `shape`: front axes missing, others 1. */
export function narrowed(rng: Sequence, shape: Shape): Dim[] {
  const missing = rng.integer(3) === 0 ? rng.integer(shape.length + 1) : 0;
  return shape.slice(missing).map((d) => (rng.integer(3) === 0 ? 1 : d));
}

/** Two shapes, by hand one of every kind of broadcast, then at random. */
export function pairs(rng: Sequence, count: number): [Shape, Shape][] {
  const kinds: [string, string][] = [
    ['', ''],
    ['N 3', '3'], // a bias
    ['1', 'N 2 3'],
    ['N 2 1', '1 3'], // both sides repeat
    ['2 1 3', 'N 1'], // an axis in front of the examples
    ['3 N', ''],
    ['2 1', '1 N'],
    ['3 1 2', '2 1'],
    ['2N 2', '1 2'],
  ];
  const random = Array.from({ length: count }, (): [Shape, Shape] => {
    const out = randomShape(rng);
    return [narrowed(rng, out), narrowed(rng, out)];
  });
  return [...kinds.map(([a, c]): [Shape, Shape] => [dims(a), dims(c)]), ...random];
}
