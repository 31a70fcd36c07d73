/**
 * @module engine/small/axes
 *
 * Loops as data: a list of axes, each with a length and one stride (in elements) per operand. Lengths and strides may contain N,
 * so an operand's access is settled once, at compile time, and a run only fills in the number of examples. Axes of length 1
 * are dropped and neighbours are merged wherever all operands walk through them in one go; most elementwise work becomes one axis.
 * Which loop runs is decided on these symbols, never on n: that is what keeps a row's bits independent of its batch.
 */
import { countOf, type Dim, isBatch, mulDim, sameDim, type Shape } from '../../graph/dims.js';
import { invariant } from '../../core/errors.js';

export interface Axes {
  readonly dims: readonly Dim[];
  /** strides[k][i]: of operand k along axis i. */
  readonly strides: readonly (readonly Dim[])[];
}

/** A length or stride for n examples. */
export function at(d: Dim, n: number): number {
  return typeof d === 'number' ? d : d.batch * n;
}

/** The coefficients of d = fixed + each·n, for closures that multiply it out themselves. */
export function linear(d: Dim): readonly [fixed: number, each: number] {
  return typeof d === 'number' ? [d, 0] : [0, d.batch];
}

export function times(a: Dim, b: Dim): Dim {
  const p = mulDim(a, b);
  invariant(p !== null, 'engine/small/axes', 'a length in N² cannot be');
  return countOf(p);
}

/** Number of elements. */
export function volumeOf(shape: Shape): Dim {
  return shape.reduce<Dim>(times, 1);
}

/** Row-major strides. */
export function contiguous(shape: Shape): Dim[] {
  const strides = new Array<Dim>(shape.length);
  let s: Dim = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = s;
    if (i > 0) s = times(s, shape[i]);
  }
  return strides;
}

/** Strides by which a row-major value of shape `from` is read as if it had the larger shape `to`. */
export function broadcast(from: Shape, to: Shape): Dim[] {
  return stretch(from, contiguous(from), to);
}

/** The same for a value with strides of its own. */
export function stretch(from: Shape, strides: readonly Dim[], to: Shape): Dim[] {
  const offset = to.length - from.length;
  return to.map((_, i) => (i < offset || from[i - offset] === 1 ? 0 : strides[i - offset]));
}

/** Drops axes of length 1 and merges neighbours that every operand walks through in one go. */
export function coalesce(axes: Axes): Axes {
  const dims: Dim[] = [];
  const strides: Dim[][] = axes.strides.map(() => []);
  axes.dims.forEach((d, i) => {
    if (d === 1) return;
    const last = dims.length - 1;
    const merges =
      last >= 0 &&
      !(isBatch(d) && isBatch(dims[last])) &&
      strides.every((s, k) => sameDim(s[last], times(axes.strides[k][i], d)));
    if (merges) {
      dims[last] = times(dims[last], d);
      strides.forEach((s, k) => (s[last] = axes.strides[k][i]));
    } else {
      dims.push(d);
      strides.forEach((s, k) => s.push(axes.strides[k][i]));
    }
  });
  return { dims, strides };
}

/** The axes with 1s put in front until there are at least `rank`. */
export function atLeast(rank: number, axes: Axes): Axes {
  const more = Math.max(0, rank - axes.dims.length);
  const ones = new Array<Dim>(more).fill(1);
  const zeros = new Array<Dim>(more).fill(0);
  return { dims: [...ones, ...axes.dims], strides: axes.strides.map((s) => [...zeros, ...s]) };
}

/** The first axes, and the last `inner`. */
export function split(axes: Axes, inner: number): [Axes, Axes] {
  const cut = axes.dims.length - inner;
  return [
    { dims: axes.dims.slice(0, cut), strides: axes.strides.map((s) => s.slice(0, cut)) },
    { dims: axes.dims.slice(cut), strides: axes.strides.map((s) => s.slice(cut)) },
  ];
}

/** Walks through all positions of some axes, keeping every operand's offset. */
export class Odometer {
  /** Offsets of the operands at the present position, in elements from their first. */
  readonly offset: Int32Array;
  /** Number of positions. */
  total = 1;
  private readonly rank: number;
  private readonly size: Int32Array;
  private readonly index: Int32Array;
  /** step[k·rank + i] */
  private readonly step: Int32Array;
  private n = -1;

  constructor(private readonly axes: Axes) {
    this.rank = axes.dims.length;
    this.offset = new Int32Array(axes.strides.length);
    this.size = new Int32Array(this.rank);
    this.index = new Int32Array(this.rank);
    this.step = new Int32Array(this.rank * axes.strides.length);
  }

  /** Back to the start, for n examples. */
  reset(n: number): void {
    if (n !== this.n) {
      this.n = n;
      this.total = 1;
      for (let i = 0; i < this.rank; i++) this.total *= this.size[i] = at(this.axes.dims[i], n);
      this.axes.strides.forEach((s, k) => s.forEach((d, i) => (this.step[k * this.rank + i] = at(d, n))));
    }
    this.index.fill(0);
    this.offset.fill(0);
  }

  /** On to the next position. */
  next(): void {
    const { rank, index, size, step, offset } = this;
    for (let i = rank - 1; i >= 0; i--) {
      if (++index[i] < size[i]) {
        for (let k = 0; k < offset.length; k++) offset[k] += step[k * rank + i];
        return;
      }
      index[i] = 0;
      for (let k = 0; k < offset.length; k++) offset[k] -= step[k * rank + i] * (size[i] - 1);
    }
  }
}
