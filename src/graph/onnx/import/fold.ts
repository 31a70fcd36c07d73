/**
 * @module graph/onnx/import/fold
 *
 * Operators on known numbers: what shapes, axes and scalar constants are computed from. Numbers may be m·N; what cannot be written
 * as one again (N + 1, N², 1/N) would make the function depend on how many examples there are, and is refused.
 */
import type { FimError } from '../../../core/errors.js';
import { type DType, isFloat, sizeOf, stridesOf } from '../../../core/tensor.js';
import { countOf, type Dim, isBatch, mulDim } from '../../dims.js';
import { CORE } from '../../ops/index.js';
import type { OpContext } from './context.js';
import { folded, type Folded } from './items.js';

type Binary = (a: Dim, b: Dim, whole: boolean) => Dim | null;

const plain =
  (f: (a: number, b: number) => number): Binary =>
  (a, b) =>
    isBatch(a) || isBatch(b) ? null : f(a, b);

const batchOf = (d: Dim): number => (isBatch(d) ? d.batch : d);
const times = (m: number): Dim => (m === 0 ? 0 : { batch: m });

/** a·b as a count: numbers know no order of rows. */
const product: Binary = (a, b) => {
  const p = mulDim(a, b);
  return p === null ? null : countOf(p);
};

/** a ± b: both multiples of N, or one of them 0. */
const sum =
  (sign: 1 | -1): Binary =>
  (a, b) => {
    if (isBatch(a) === isBatch(b)) {
      const s = batchOf(a) + sign * batchOf(b);
      return isBatch(a) ? times(s) : s;
    }
    if (b === 0) return a;
    return a === 0 && isBatch(b) ? times(sign * b.batch) : null;
  };

const divide: Binary = (a, b, whole) => {
  if (!isBatch(a) && !isBatch(b)) return whole ? Math.trunc(a / b) : a / b;
  if (isBatch(a)) {
    const q = a.batch / batchOf(b);
    if (isBatch(b)) return whole ? Math.trunc(q) : q;
    return !whole || Number.isInteger(q) ? times(q) : null;
  }
  return a === 0 ? 0 : null;
};

/** A remainder: 0 where a multiple of N is divided by a divisor of its factor. */
function remainder(f: (a: number, b: number) => number): Binary {
  return (a, b) => {
    if (isBatch(b)) return null;
    if (isBatch(a)) return a.batch % b === 0 ? 0 : null;
    return b === 0 ? null : f(a, b) + 0;
  };
}

/** Of the 64 bits of whole numbers. */
function bits(f: (a: bigint, b: bigint) => bigint): Binary {
  return (a, b) => {
    if (isBatch(a) || isBatch(b) || !Number.isInteger(a) || !Number.isInteger(b)) return null;
    return Number(f(BigInt(a), BigInt(b)));
  };
}

/** Compares where the answer is the same for every N ≥ 1. */
function order(a: Dim, b: Dim): number | null {
  if (isBatch(a) === isBatch(b)) return Math.sign(batchOf(a) - batchOf(b));
  if (isBatch(a)) return a.batch > (b as number) ? 1 : null;
  return (b as { batch: number }).batch > a ? -1 : null;
}

const compare =
  (f: (o: number) => boolean): Binary =>
  (a, b) => {
    const o = order(a, b);
    return o === null ? null : +f(o);
  };

const pick =
  (sign: 1 | -1): Binary =>
  (a, b) => {
    const o = order(a, b);
    return o === null ? null : o * sign >= 0 ? a : b;
  };

/** Two operands; ONNX divides whole numbers towards zero. */
const BINARY: Readonly<Record<string, Binary>> = {
  Add: sum(1),
  Sub: sum(-1),
  Mul: product,
  Div: divide,
  Pow: (a, b, whole) => (isBatch(a) || isBatch(b) ? null : whole ? Math.trunc(a ** b) : a ** b),
  Equal: compare((o) => o === 0),
  Greater: compare((o) => o > 0),
  GreaterOrEqual: compare((o) => o >= 0),
  Less: compare((o) => o < 0),
  LessOrEqual: compare((o) => o <= 0),
  And: plain((a, b) => +(a !== 0 && b !== 0)),
  Or: plain((a, b) => +(a !== 0 || b !== 0)),
  Xor: plain((a, b) => +((a !== 0) !== (b !== 0))),
  Mod: remainder((a, b) => a - b * Math.floor(a / b)),
  Fmod: remainder((a, b) => a % b),
  BitwiseAnd: bits((a, b) => a & b),
  BitwiseOr: bits((a, b) => a | b),
  BitwiseXor: bits((a, b) => a ^ b),
};

const VARIADIC: Readonly<Record<string, Binary>> = { Sum: sum(1), Max: pick(1), Min: pick(-1) };

/** Operators of one operand that whole numbers or booleans have too. */
const OWN = new Set(['Abs', 'Neg', 'Sign', 'Not', 'BitwiseNot']);

/** One operand: the elementwise functions of the core, and those of whole numbers. */
const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Neg: (x) => -x,
  Sign: Math.sign,
  Not: (x) => +(x === 0),
  BitwiseNot: (x) => -1 - x,
  IsNaN: (x) => +Number.isNaN(x),
  ...Object.fromEntries(
    CORE.flatMap(({ name, elementwise }) =>
      elementwise?.operands === 1 && name !== 'Cast' && !OWN.has(name)
        ? [[name, (x: number) => elementwise.of(x, 0, 0)]]
        : [],
    ),
  ),
};

/** What is done to whole multiples of N: the others have no answer for every N. */
const OF_MULTIPLES: Readonly<Record<string, (m: number) => number>> = {
  Neg: (m) => -m,
  Abs: Math.abs,
  Floor: (m) => m,
  Ceil: (m) => m,
  Round: (m) => m,
};

/** What makes whole numbers of others: a file's own type decides on which side of one they lie. */
const WHOLED = new Set(['Floor', 'Ceil', 'Round']);

/** Of these ONNX knows only floating-point forms. */
const isReal = (op: string): boolean => Object.hasOwn(UNARY, op) && !OWN.has(op);

const COMPARISONS = new Set([
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'And',
  'Or',
  'Xor',
]);

/** Whole numbers up to here are exact. */
const EXACT = 2 ** 53;

/** What needs every digit of a whole number. */
const COUNTED = new Set(
  'Add Sub Mul Div Pow Sum Mod Fmod BitwiseAnd BitwiseOr BitwiseXor BitwiseNot'.split(' '),
);

const REDUCTIONS: Readonly<Record<string, Binary>> = {
  ReduceProd: product,
  ReduceSum: sum(1),
  ReduceMax: pick(1),
  ReduceMin: pick(-1),
};

/** Whether operators of this name have a rule for known numbers. */
export function isFoldable(op: string): boolean {
  return [BINARY, VARIADIC, UNARY, REDUCTIONS].some((t) => Object.hasOwn(t, op)) || op === 'Where';
}

/**
 * The result of an elementwise operator on known numbers. Throws `graph/examples-coupled` where it is no multiple of N.
 * Throws `graph/shape`, `onnx/form`.
 */
export function foldElementwise(c: OpContext, op: string, xs: readonly Folded[]): Folded {
  const first = xs[0].dtype;
  const whole = !isFloat(first);
  const need = (d: Dim | null): Dim => {
    if (d === null) throw c.coupled('a number is computed from the number of examples');
    return d;
  };
  const typed = op === 'Where' ? xs.slice(1) : xs;
  if (op !== 'Pow' && typed.some((x) => isFloat(x.dtype) !== isFloat(typed[0].dtype))) {
    throw c.refuse('operands must have one element type', 'graph/shape');
  }
  if (!whole && op.startsWith('Bitwise')) throw c.refuse('operands must be whole numbers', 'graph/shape');
  if (whole && COUNTED.has(op) && xs.some((x) => x.items.some((d) => Math.abs(batchOf(d)) > EXACT)))
    throw inexact(c);
  if (whole && isReal(op)) throw c.refuse('operands must be floating point', 'graph/shape');
  if (Object.hasOwn(UNARY, op)) {
    const f = UNARY[op];
    const held = WHOLED.has(op) ? c.reader.held : (x: number): number => x;
    return folded(
      op === 'IsNaN' ? 'bool' : first,
      xs[0].shape,
      xs[0].items.map((d) => (isBatch(d) ? need(ofMultiple(op, d.batch)) : f(held(d)))),
    );
  }
  if (op === 'Where') {
    return broadcastFold(c, xs, xs[1].dtype, ([k, a, b]) => (need(isBatch(k) ? null : k) !== 0 ? a : b));
  }
  const dtype: DType = COMPARISONS.has(op) ? 'bool' : first;
  const exact = (d: Dim): Dim => {
    if (whole && Math.abs(batchOf(d)) > EXACT && COUNTED.has(op)) throw inexact(c);
    return d;
  };
  if (Object.hasOwn(VARIADIC, op)) {
    return broadcastFold(c, xs, dtype, (ds) => ds.reduce((a, b) => exact(need(VARIADIC[op](a, b, whole)))));
  }
  return broadcastFold(c, xs, dtype, ([a, b]) => exact(need(BINARY[op](a, b, whole))));
}

const inexact = (c: OpContext): FimError => c.refuse('whole numbers beyond 2⁵³ are not computed with');

function ofMultiple(op: string, m: number): Dim | null {
  if (!Object.hasOwn(OF_MULTIPLES, op) || !Number.isInteger(m)) return null;
  return times(OF_MULTIPLES[op](m));
}

function broadcastFold(c: OpContext, xs: readonly Folded[], dtype: DType, f: (ds: Dim[]) => Dim): Folded {
  const rank = Math.max(...xs.map((x) => x.shape.length));
  const shape = Array.from({ length: rank }, (_, i) => {
    const sizes = xs.map((x) => x.shape[i - (rank - x.shape.length)] ?? 1).filter((d) => d !== 1);
    if (sizes.some((d) => d !== sizes[0])) throw c.refuse('shapes do not broadcast', 'graph/shape');
    return sizes[0] ?? 1;
  });
  const strides = stridesOf(shape);
  const items = Array.from({ length: c.limited(sizeOf(shape)) }, (_, flat) =>
    f(
      xs.map((x) => {
        const own = stridesOf(x.shape);
        let at = 0;
        for (let i = 0; i < x.shape.length; i++) {
          const axis = i + rank - x.shape.length;
          if (x.shape[i] !== 1) at += (Math.floor(flat / strides[axis]) % shape[axis]) * own[i];
        }
        return x.items[at];
      }),
    ),
  );
  return folded(dtype, shape, items);
}

const total = (xs: readonly number[], of = (x: number): number => x): number =>
  xs.reduce((s, x) => s + of(x), 0);

/** log Σ exp of plain numbers, beside their largest. */
function logSumExp(xs: readonly number[]): number {
  const top = Math.max(...xs);
  return Number.isFinite(top) ? top + Math.log(total(xs, (x) => Math.exp(x - top))) : top;
}

/** Reductions of plain numbers that are no fold of two at a time. */
const WHOLE: Readonly<Record<string, (xs: readonly number[]) => number>> = {
  ReduceMean: (xs) => total(xs) / xs.length,
  ReduceL1: (xs) => total(xs, Math.abs),
  ReduceL2: (xs) => Math.sqrt(total(xs, (x) => x * x)),
  ReduceSumSquare: (xs) => total(xs, (x) => x * x),
  ReduceLogSum: (xs) => Math.log(total(xs)),
  ReduceLogSumExp: logSumExp,
};

/** One group of a reduction. */
function reduceGroup(c: OpContext, op: string, dtype: DType, group: readonly Dim[]): Dim {
  const coupled = (): FimError => c.coupled('a number is computed from the number of examples');
  if (!Object.hasOwn(WHOLE, op)) {
    return group.reduce((a, b) => {
      const d = REDUCTIONS[op](a, b, true);
      if (d === null) throw coupled();
      return d;
    });
  }
  const plain = group.map((d) => {
    if (isBatch(d)) throw coupled();
    return d;
  });
  const y = WHOLE[op](plain);
  return isFloat(dtype) ? y : Math.trunc(y);
}

/** A reduction of known numbers over axes. Throws `onnx/form`. */
export function foldReduction(
  c: OpContext,
  op: string,
  x: Folded,
  axes: readonly number[],
  keepdims: boolean,
): Folded {
  if (!Object.hasOwn(REDUCTIONS, op) && !Object.hasOwn(WHOLE, op))
    throw c.refuse('is not computed on known numbers');
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const groups: Dim[][] = Array.from({ length: sizeOf(kept) }, () => []);
  const strides = stridesOf(x.shape);
  const out = stridesOf(kept);
  x.items.forEach((d, flat) => {
    let at = 0;
    x.shape.forEach((size, i) => {
      if (kept[i] !== 1) at += (Math.floor(flat / strides[i]) % size) * out[i];
    });
    groups[at].push(d);
  });
  if (groups.some((g) => g.length === 0)) throw c.refuse('reduces no elements');
  const items = groups.map((g) => reduceGroup(c, op, x.dtype, g));
  return folded(x.dtype, keepdims ? kept : kept.filter((_, i) => !axes.includes(i)), items);
}

/** Rows of a known tensor along one axis, picked by index. */
export function foldPick(
  c: OpContext,
  x: Folded,
  axis: number,
  indices: readonly number[],
  shape: readonly number[],
): Folded {
  const size = x.shape[axis] ?? 1;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const outer = sizeOf(x.shape.slice(0, axis));
  c.limited(outer * indices.length * inner);
  const items: Dim[] = [];
  for (let o = 0; o < outer; o++) {
    for (const i of indices) {
      const from = (o * size + i) * inner;
      for (let j = from; j < from + inner; j++) items.push(x.items[j]);
    }
  }
  return folded(x.dtype, shape, items);
}
