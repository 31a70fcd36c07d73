/**
 * Functions that exercise the rules of each core operator: random shapes of rank 0 to 4, every kind of broadcast, without examples
 * and with them on any axis where they may stand, attributes at random.
 */
import type { Sequence } from '../../src/core/random.js';
import { input, N, ops, type Shape, type Value } from '../../src/graph/index.js';
import { apply } from '../../src/graph/registry.js';
import {
  aboutOne,
  any,
  betweenWholes,
  bits,
  dims,
  distinct,
  type Draw,
  halves,
  indices,
  notZero,
  pairs,
  positive,
  randomShape,
  whole,
  within,
} from './draws.js';
import { type Case, make } from './make.js';
import { MAPS } from './maps.js';
import { EXPANSIONS, LOOKUPS, OVER_EXAMPLES, PRODUCTS, RESHAPES } from './shapes.js';

const unary =
  (f: (x: Value) => Value, draw: Draw = any) =>
  (name: string, rng: Sequence): Case[] =>
    [[], [N], [N, 3], [2, N], dims('3 2N 1 2'), randomShape(rng), randomShape(rng)].map((shape: Shape) =>
      make(name, [{ shape, draw }], f, rng),
    );

const binary =
  (f: (a: Value, c: Value) => Value, draws: readonly [Draw, Draw] = [any, any]) =>
  (name: string, rng: Sequence): Case[] =>
    pairs(rng, 5).map(([a, c]) =>
      make(
        name,
        [
          { shape: a, draw: draws[0] },
          { shape: c, draw: draws[1] },
        ],
        f,
        rng,
      ),
    );

/** A random axis that does not hold the examples, of a shape that has one. */
function shapeWithAxis(rng: Sequence): { shape: Shape; axis: number } {
  for (;;) {
    const shape = randomShape(rng, 1);
    const own = shape.flatMap((d, i) => (typeof d === 'number' ? [i] : []));
    if (own.length > 0) return { shape, axis: own[rng.integer(own.length)] };
  }
}

const along =
  (
    f: (x: Value, axis: number, rng: Sequence) => Value,
    draw: Draw = any,
    fixed: { shape: Shape; axis: number }[] = [],
  ) =>
  (name: string, rng: Sequence): Case[] =>
    [...fixed, ...Array.from({ length: 6 }, () => shapeWithAxis(rng))].map(({ shape, axis }) =>
      make(`${name} along ${axis} of`, [{ shape, draw }], (x) => f(x, axis, rng), rng),
    );

const FIXED_AXES: { shape: Shape; axis: number }[] = [
  { shape: [N, 3], axis: 1 },
  { shape: [3, N, 2], axis: 0 },
  { shape: dims('2 2N 3'), axis: 2 },
  { shape: [4], axis: 0 },
];

/** A subset of the axes that do not hold the examples. */
function reduced(f: typeof ops.reduceSum, draw: Draw) {
  return (name: string, rng: Sequence): Case[] =>
    Array.from({ length: 10 }, (_, i) => {
      const { shape } = shapeWithAxis(rng);
      const own = shape.flatMap((d, a) => (typeof d === 'number' && rng.integer(2) === 0 ? [a] : []));
      const axes = own.length > 0 ? own : [shape.findIndex((d) => typeof d === 'number')];
      const keep = i % 2 === 0;
      return make(
        `${name} over ${axes.join()}${keep ? ' kept' : ''} of`,
        [{ shape, draw }],
        (x) => f(x, axes, keep),
        rng,
      );
    });
}

/** Sums over the examples, alone or with other axes. */
function summed(name: string, rng: Sequence): Case[] {
  const cases: [string, number[]][] = [
    ['N', [0]],
    ['N 3', [0]],
    ['2 N 3', [1]],
    ['2 2N 3', [0, 1]],
    ['2 3 N 2', [2]],
    ['3 N 2', [1, 2]],
  ];
  return cases.flatMap(([shape, axes]) =>
    [true, false].map((keep) =>
      make(
        `${name} over examples, ${axes.join()}${keep ? ' kept' : ''} of`,
        [{ shape: dims(shape) }],
        (x) => ops.reduceSum(x, axes, keep),
        rng,
        true,
      ),
    ),
  );
}

function matmul(name: string, rng: Sequence): Case[] {
  const two = ([a, c]: [string, string], sums: boolean) =>
    make(name, [{ shape: dims(a) }, { shape: dims(c) }], (x, y) => ops.matmul(x, y), rng, sums);
  return [...PRODUCTS.map((p) => two(p, false)), ...OVER_EXAMPLES.map((p) => two(p, true))];
}

function whereCases(name: string, rng: Sequence): Case[] {
  return pairs(rng, 5).map(([a, c], i) => {
    const condition = i % 2 === 0 ? a : c;
    const operands = [{ shape: condition, draw: bits, dtype: 'bool' as const }, { shape: a }, { shape: c }];
    return make(name, operands, (k, x, y) => ops.where(k, ops.mul(x, y), ops.exp(y)), rng);
  });
}

function concatCases(name: string, rng: Sequence): Case[] {
  return Array.from({ length: 6 }, () => {
    const { shape, axis } = shapeWithAxis(rng);
    const count = 2 + rng.integer(2);
    const operands = Array.from({ length: count }, () => ({
      shape: shape.map((d, i) => (i === axis ? 1 + rng.integer(2) : d)),
    }));
    return make(`${name} along ${axis} of`, operands, (...xs) => ops.concat(xs, axis), rng);
  });
}

function gatherCases(name: string, rng: Sequence): Case[] {
  return LOOKUPS.map(([table, index, axis]) => {
    const shape = dims(table);
    const draw = indices(shape[axis] as number);
    const operands = [{ shape }, { shape: dims(index), draw, dtype: 'int64' as const }];
    return make(`${name} along ${axis} of`, operands, (x, i) => ops.gather(ops.square(x), i, axis), rng);
  });
}

/** Rows of the shape that a Gather reads; a table that all examples add to is a sum over them. */
function scatterCases(name: string, rng: Sequence): Case[] {
  return LOOKUPS.flatMap(([table, index, axis]) => {
    const length = dims(table)[axis] as number;
    const like = [input('x', 'float64', dims(table)), input('i', 'int64', dims(index))] as const;
    const { shape } = ops.gather(...like, axis);
    const operands = [{ shape }, { shape: dims(index), draw: indices(length), dtype: 'int64' as const }];
    const [examples, own] = [index.startsWith('N'), table.startsWith('N')];
    return make(
      `${name} along ${axis} of`,
      operands,
      (u, i) => ops.scatterAdd(ops.square(u), i, { axis, length, summed: examples && !own }),
      rng,
      examples && !own,
    );
  });
}

function transposeCases(name: string, rng: Sequence): Case[] {
  return Array.from({ length: 10 }, () => {
    const shape = randomShape(rng, 1);
    const perm = rng.shuffle(shape.map((_, i) => i));
    return make(`${name} ${perm.join()} of`, [{ shape }], (x) => ops.transpose(x, perm), rng);
  });
}

const reshaped =
  (list: [string, string][], f: (x: Value, to: Shape) => Value) =>
  (name: string, rng: Sequence): Case[] =>
    list.map(([from, to]) =>
      make(`${name} to [${to}] of`, [{ shape: dims(from) }], (x) => f(x, dims(to)), rng),
    );

function sliced(x: Value, axis: number, rng: Sequence): Value {
  const d = x.shape[axis] as number;
  const start = rng.integer(d);
  return ops.slice(x, axis, start, start + 1 + rng.integer(d - start), 1 + rng.integer(2));
}

const padded = (x: Value, axis: number, rng: Sequence): Value =>
  ops.pad(x, axis, rng.integer(3), 1 + rng.integer(2), 1 + rng.integer(3));

/** Windows along the last one to three axes: strides, dilations, padding, and elements behind the last; and windows that tile them. */
function windowCases(name: string, rng: Sequence): Case[] {
  return Array.from({ length: 12 }, (_, i) => {
    const tiles = i >= 8;
    const d = tiles ? 1 + (i % 3) : 1 + (i % 2);
    const list = (of: (a: number) => number) => Array.from({ length: d }, (_, a) => of(a));
    const kernel = list(() => 1 + rng.integer(3));
    const stride = tiles ? kernel : list(() => 1 + rng.integer(3));
    const dilation = list(() => (tiles ? 1 : 1 + rng.integer(2)));
    const before = list(() => (tiles ? 0 : rng.integer(4) - 1));
    const count = list(() => 1 + rng.integer(3));
    const length = list((a) => (tiles ? kernel[a] * count[a] : 2 + rng.integer(4)));
    const attrs = { kernel, stride, dilation, before, count, length };
    const lead: Shape = [[N], [N, 2], [2], [2, N, 3]][i % 4];
    const shape = [...lead, ...(name === 'Unfold' ? length : [...kernel, ...count])];
    return make(`${name} of`, [{ shape }], (x) => apply(name, [x], attrs), rng);
  });
}

const LONG: { shape: Shape; axis: number }[] = [
  { shape: [N, 7], axis: 1 },
  { shape: [6, N, 2], axis: 0 },
  { shape: [5, 2], axis: 0 },
  { shape: [2, N, 5], axis: 2 },
];

type Cases = (name: string, rng: Sequence) => Case[];
const both =
  (...lists: Cases[]): Cases =>
  (name, rng) =>
    lists.flatMap((list) => list(name, rng));

/** Functions for every operator that has rules. */
export const CASES: Readonly<Record<string, Cases>> = {
  ...Object.fromEntries(
    Object.entries(MAPS)
      .filter(([, { step }]) => !step)
      .map(([op, { range }]) => [op, unary((x) => apply(op, [x]), within(range))]),
  ),
  Abs: unary(ops.abs, notZero),
  Add: binary(ops.add),
  Cast: unary((x) => ops.cast(ops.square(ops.cast(x, 'float32')), 'float64')),
  Concat: concatCases,
  Div: binary(ops.div, [any, notZero]),
  Erf: unary(ops.erf),
  Exp: unary(ops.exp),
  Expand: reshaped(EXPANSIONS, ops.expand),
  Fold: windowCases,
  Gather: gatherCases,
  Log: unary(ops.log, positive),
  LogSoftmax: along(ops.logSoftmax, any, FIXED_AXES),
  MatMul: matmul,
  Max: binary(ops.maximum, [whole, halves]),
  Min: binary(ops.minimum, [whole, halves]),
  Mod: binary((a, b) => apply('Mod', [a, b]), [betweenWholes, aboutOne]),
  Mul: both(binary(ops.mul), unary(ops.square)),
  Neg: unary(ops.neg),
  Pad: along(padded, any, LONG),
  Pow: both(
    binary(ops.pow, [positive, any]),
    ...[0.5, 1, 2, 3, -1, -2].map((e) =>
      unary((x) => ops.pow(x, ops.scalar(e, x.dtype)), e === 0.5 ? positive : notZero),
    ),
  ),
  Reciprocal: unary(ops.reciprocal, notZero),
  ReduceMax: reduced(ops.reduceMax, distinct),
  ReduceSum: both(reduced(ops.reduceSum, any), summed),
  Relu: unary(ops.relu, notZero),
  Reshape: reshaped(RESHAPES, ops.reshape),
  ScatterAdd: scatterCases,
  Sigmoid: unary(ops.sigmoid),
  Slice: along(sliced, any, LONG),
  Softmax: along(ops.softmax, any, FIXED_AXES),
  Softplus: unary(ops.softplus),
  Sqrt: unary(ops.sqrt, positive),
  Sub: binary(ops.sub),
  Tanh: unary(ops.tanh),
  Transpose: transposeCases,
  Unfold: windowCases,
  Where: whereCases,
};
