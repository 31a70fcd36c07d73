/**
 * Every core operator, with its reverse derivative (plain, and with leading axes), on each engine against the float64 oracle: random
 * shapes and broadcasts, both float types, a plan for 5 examples running 1, 3 and 5.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { hashString, Sequence } from '../core/random.js';
import { type FloatType, isFloat, sizeOf, tensor, toFloat64 } from '../core/tensor.js';
import {
  CORE,
  concrete,
  type Graph,
  graph,
  input,
  Layout,
  N,
  ops,
  type Shape,
  type Value,
  vjp,
} from '../graph/index.js';
import { apply, operatorOf } from '../graph/registry.js';
import { MAPS } from '../../test/graph/maps.js';
import { evaluate } from './oracle/evaluate.js';
import { createOrtEngine, unsupportedByOrt } from './ort/index.js';
import { createSmallEngine } from './small/index.js';
import type { Engine } from './types.js';

const MAX = 5;
const BATCHES = [5, 1, 3];
const TOLERANCE = { float32: 2e-5, float64: 1e-12 };

type Make = (dtype: FloatType) => { inputs: Value[]; output: Value };
interface Case {
  readonly op: string;
  readonly make: Make;
  /** Draws an element of an input. */
  readonly draw?: (s: Sequence) => number;
  /** A sum over the examples, as derived graphs end in: it has no reverse derivative. */
  readonly final?: boolean;
  /** Rounds through float32 whatever the type. */
  readonly coarse?: boolean;
}

const normal = (s: Sequence): number => s.normal();
const positive = (s: Sequence): number => 0.2 + 2 * s.next();
const few = (s: Sequence): number => s.integer(3) - 1;

const leaf = (dtype: FloatType, shape: Shape, name = 'x'): Value => input(name, dtype, shape);

/** Shapes of one operand: with and without examples, examples first, in the middle and last. */
const SHAPES: readonly Shape[] = [[N, 7], [3, 4], [N], [2, N, 3], [3, N], []];

const unary = (op: string, f: (x: Value) => Value, draw = normal): Case[] =>
  SHAPES.map((shape) => ({
    op,
    draw,
    make: (dtype) => {
      const x = leaf(dtype, shape);
      return { inputs: [x], output: f(x) };
    },
  }));

/** Pairs that broadcast: same, scalar, row, column, both ways, three axes. */
const PAIRS: readonly (readonly [Shape, Shape])[] = [
  [
    [N, 6],
    [N, 6],
  ],
  [[N, 6], []],
  [[], [N, 6]],
  [[N, 6], [6]],
  [
    [1, 6],
    [N, 6],
  ],
  [
    [N, 6],
    [N, 1],
  ],
  [[N, 1], [6]],
  [
    [N, 1, 4],
    [N, 3, 4],
  ],
  [
    [N, 3, 1],
    [N, 3, 4],
  ],
  [
    [3, 1, 4],
    [3, N, 4],
  ],
  [
    [N, 2, 1, 3],
    [N, 1, 5, 1],
  ],
  [
    [4, 1],
    [2, 1, 5],
  ],
  [[N], [N]],
];

const binary = (op: string, f: (a: Value, b: Value) => Value, draw = normal): Case[] =>
  PAIRS.map(([p, q]) => ({
    op,
    draw,
    make: (dtype) => {
      const [a, c] = [leaf(dtype, p, 'a'), leaf(dtype, q, 'c')];
      return { inputs: [a, c], output: f(a, c) };
    },
  }));

const one = (op: string, shape: Shape, f: (x: Value) => Value): Case => ({
  op,
  make: (dtype) => {
    const x = leaf(dtype, shape);
    return { inputs: [x], output: f(x) };
  },
});

const two = (op: string, p: Shape, q: Shape, f: (a: Value, b: Value) => Value): Case => ({
  op,
  make: (dtype) => {
    const [a, c] = [leaf(dtype, p, 'a'), leaf(dtype, q, 'c')];
    return { inputs: [a, c], output: f(a, c) };
  },
});

const throughOther = (x: Value): Value => {
  const y = ops.cast(x, x.dtype === 'float32' ? 'float64' : 'float32');
  return ops.cast(ops.mul(y, y), x.dtype);
};

/** Whole numbers −4 … 3 of a float, away from what rounds otherwise in another type. */
const indices = (x: Value): Value =>
  ops.cast(
    ops.maximum(ops.minimum(ops.scale(x, 2), ops.scalar(3, x.dtype)), ops.scalar(-4, x.dtype)),
    'int64',
  );

const LOOKUPS: Case[] = [
  two('Gather', [4, 3], [2, 2], (x, i) => ops.gather(x, indices(i), 0)),
  two('Gather', [N, 3, 4, 2], [2], (x, i) => ops.gather(x, indices(i), 2)),
  two('Gather', [4, N], [3], (x, i) => ops.gather(x, indices(i), 0)),
  two('Gather', [4, 5], [N, 3], (x, i) => ops.gather(x, indices(i), 0)),
  two('Gather', [2, 4, 3], [N, 2, 3], (x, i) => ops.gather(x, indices(i), 1)),
  two('Gather', [N, 4, 3], [N, 5], (x, i) => ops.gather(x, indices(i), 1)),
  two('Gather', [N, 2, 4], [N, 2, 3], (x, i) => ops.gather(x, ops.cast(indices(i), 'int32'), 2)),
  two('ScatterAdd', [2, 3, 5], [3], (u, i) => ops.scatterAdd(u, indices(i), { axis: 1, length: 4 })),
  two('ScatterAdd', [N, 2, 3], [2], (u, i) => ops.scatterAdd(u, indices(i), { axis: 1, length: 4 })),
  two('ScatterAdd', [N, 2, 3, 5], [N, 3], (u, i) => ops.scatterAdd(u, indices(i), { axis: 2, length: 6 })),
];

const summed = (u: Value, i: Value, axis: number): Value =>
  ops.scatterAdd(u, indices(i), { axis, length: 4, summed: true });

/** A convolution of 2 groups and its transpose, whose products ONNX Runtime gets as Conv and ConvTranspose; windows read twice are laid out. */
const ALONG = { kernel: [2], stride: [2], dilation: [1], before: [0], count: [2], length: [5] };
const WINDOWS = {
  kernel: [3, 2],
  stride: [2, 1],
  dilation: [1, 2],
  before: [1, 0],
  count: [3, 3],
  length: [6, 6],
};
const windows = (x: Value): Value => apply('Unfold', [x], WINDOWS);
const columns = (x: Value): Value => ops.reshape(windows(x), [N, 2, 12, 9]);
const folded = (y: Value): Value => apply('Fold', [ops.reshape(y, [N, 4, 3, 2, 3, 3])], WINDOWS);

const CONVOLUTIONS: readonly Case[] = [
  one('Unfold', [N, 4, 6, 6], windows),
  one('Unfold', [2, 6, 6], windows),
  one('Unfold', [N, 3, 5], (x) => apply('Unfold', [x], { ...ALONG, before: [-1], count: [2] })),
  one('Unfold', [N, 3, 9], (x) => apply('Unfold', [x], { ...ALONG, length: [9], count: [2] })),
  two('Unfold', [N, 4, 6, 6], [2, 5, 12], (x, w) => ops.matmul(w, columns(x))),
  two('Unfold', [N, 2, 6, 6], [3, 12], (x, w) => ops.matmul(w, ops.reshape(windows(x), [N, 12, 9]))),
  two('Unfold', [N, 4, 6, 6], [2, 5, 12], (x, w) =>
    ops.add(ops.matmul(w, columns(x)), ops.reduceMax(columns(x), [2], true)),
  ),
  one('Fold', [N, 4, 3, 2, 3, 3], folded),
  one('Fold', [N, 3, 2, 3], (y) => apply('Fold', [y], { ...ALONG, before: [-1], count: [3] })),
  one('Fold', [N, 3, 2, 2], (y) => apply('Fold', [y], { ...ALONG, length: [9], count: [2] })),
  two('Fold', [N, 2, 5, 9], [2, 5, 12], (y, w) => folded(ops.matmul(ops.swapLast(w), y))),
];

const final = (c: Case): Case => ({ ...c, final: true });

const CASES: readonly Case[] = [
  ...Object.entries(MAPS).flatMap(
    ([
      op,
      {
        range: [lo, hi],
      },
    ]) =>
      unary(
        op,
        (x) => apply(op, [x]),
        (s) => lo + (hi - lo) * s.next(),
      ),
  ),
  ...unary('Neg', ops.neg),
  ...unary('Exp', ops.exp),
  ...unary('Log', ops.log, positive),
  ...unary('Sqrt', ops.sqrt, positive),
  ...unary('Abs', ops.abs),
  ...unary('Sign', (x) => ops.add(ops.sign(x), x), few),
  ...unary('Tanh', ops.tanh),
  ...unary('Sigmoid', ops.sigmoid),
  ...unary('Softplus', ops.softplus),
  ...unary('Relu', ops.relu),
  ...unary('Erf', ops.erf),
  ...unary('Reciprocal', ops.reciprocal, positive),
  ...unary('Not', (x) => ops.mul(x, ops.cast(ops.not(ops.greater(x, ops.scalar(0, x.dtype))), x.dtype))),
  ...unary('Cast', throughOther).map((c) => ({ ...c, coarse: true })),
  ...unary('Cast', (x) => ops.mul(x, ops.cast(ops.cast(ops.scale(x, 3), 'int64'), x.dtype))),
  ...binary('Add', ops.add),
  ...binary('Sub', ops.sub),
  ...binary('Mul', ops.mul),
  ...binary('Div', ops.div, positive),
  ...binary('Pow', ops.pow, positive),
  ...binary('Mod', (a, c) => apply('Mod', [a, c]), positive),
  ...binary('Max', ops.maximum),
  ...binary('Min', ops.minimum),
  ...(['greater', 'greaterOrEqual', 'less', 'lessOrEqual', 'equal'] as const).flatMap((name) =>
    binary(
      name[0].toUpperCase() + name.slice(1),
      (a, c) => ops.mul(ops.sub(a, c), ops.cast(ops[name](a, c), a.dtype)),
      few,
    ),
  ),
  ...binary('Where', (a, c) => ops.where(ops.greater(a, c), ops.mul(a, c), ops.sub(c, a))),
  ...binary('Where', (a, c) => ops.where(ops.greater(a, ops.scalar(0, a.dtype)), c, ops.scalar(2, a.dtype))),
  two('MatMul', [N, 5], [5, 7], ops.matmul),
  two('MatMul', [N, 3, 5], [5, 7], ops.matmul),
  two('MatMul', [2, N, 5], [2, 5, 3], ops.matmul),
  two('MatMul', [N, 3, 5], [N, 5, 4], ops.matmul),
  two('MatMul', [N, 1, 5], [N, 5, 4], ops.matmul),
  two('MatMul', [N, 2, 3, 5], [N, 1, 5, 4], ops.matmul),
  two('MatMul', [2, 3, 5], [5, 4], ops.matmul),
  two('MatMul', [3, 5], [N, 5, 4], ops.matmul),
  two('MatMul', [1, 5], [5, 1], ops.matmul),
  two('MatMul', [N, 33], [33, 17], (a, c) => ops.matmul(ops.tanh(a), c)),
  two('MatMul', [N, 5], [7, 5], (a, c) => ops.matmul(a, ops.swapLast(c))),
  final(two('MatMul', [N, 5], [N, 7], (a, c) => ops.matmul(ops.swapLast(a), c))),
  two('MatMul', [N, 4, 5], [N, 4, 7], (a, c) => ops.matmul(ops.swapLast(a), c)),
  two('MatMul', [N, 4, 5], [N, 7, 5], (a, c) => ops.matmul(a, ops.swapLast(c))),
  two('MatMul', [5, 3], [4, 5], (a, c) => ops.matmul(ops.swapLast(a), ops.swapLast(c))),
  {
    op: 'MatMul',
    make: (dtype) => {
      const [a, c, d] = [leaf(dtype, [N, 6], 'a'), leaf(dtype, [6, 5], 'c'), leaf(dtype, [5], 'd')];
      return { inputs: [a, c, d], output: ops.add(ops.matmul(a, c), d) };
    },
  },
  ...([[[1]], [[0, 1]], [[2]], [[0, 2]], [[1, 2]], [[0, 1, 2]]] as const).flatMap(([axes]) =>
    [true, false].flatMap((keepdims): Case[] => [
      one('ReduceSum', [2, 3, 4], (x) => ops.reduceSum(x, axes, keepdims)),
      one('ReduceMax', [2, 3, 4], (x) => ops.reduceMax(x, axes, keepdims)),
    ]),
  ),
  final(one('ReduceSum', [N, 3, 4], (x) => ops.reduceSum(x, [0]))),
  one('ReduceSum', [N, 3, 4], (x) => ops.reduceSum(x, [1])),
  one('ReduceSum', [N, 3, 4], (x) => ops.reduceSum(x, [2])),
  final(one('ReduceSum', [N, 3, 4], (x) => ops.reduceSum(x, [0, 2]))),
  final(one('ReduceSum', [3, N, 4], (x) => ops.reduceSum(x, [1]))),
  one('ReduceSum', [2, 3, N, 4], (x) => ops.reduceSum(x, [1, 3])),
  final(one('ReduceMax', [N, 33], (x) => ops.reduceMax(x, [0]))),
  final(one('ReduceMax', [N, 3, 4], (x) => ops.reduceMax(x, [0, 2]))),
  final(one('ReduceMax', [3, N, 4], (x) => ops.reduceMax(x, [1], true))),
  one('ReduceMax', [N, 3, 4], (x) => ops.reduceMax(x, [1])),
  one('ReduceMax', [3, N, 4], (x) => ops.reduceMax(x, [0, 2])),
  ...(
    [
      [[N, 9], 1],
      [[N, 4, 3], 1],
      [[4, N, 3], 0],
      [[N, 4, 3], 2],
      [[5], 0],
    ] as const
  ).flatMap(([shape, axis]): Case[] => [
    one('Softmax', shape, (x) => ops.softmax(x, axis)),
    one('LogSoftmax', shape, (x) => ops.logSoftmax(x, axis)),
  ]),
  one('Transpose', [N, 3], (x) => ops.transpose(x, [1, 0])),
  one('Transpose', [N, 3, 4], (x) => ops.transpose(x, [0, 2, 1])),
  one('Transpose', [N, 3, 4], (x) => ops.transpose(x, [2, 0, 1])),
  one('Transpose', [2, 3, N, 4], (x) => ops.transpose(x, [3, 1, 2, 0])),
  one('Transpose', [33, 20], (x) => ops.transpose(x, [1, 0])),
  one('Reshape', [N, 12], (x) => ops.tanh(ops.reshape(x, [N, 3, 4]))),
  one('Reshape', [N, 3, 4], (x) => ops.reshape(ops.tanh(x), [{ batch: 3 }, 4])),
  one('Reshape', [N, 3, 4], (x) => ops.reshape(ops.reshape(x, [N, 12]), [N, 3, 2, 2])),
  one('Expand', [N, 1, 4], (x) => ops.expand(x, [N, 3, 4])),
  one('Expand', [4], (x) => ops.expand(x, [2, 3, 4])),
  one('Expand', [N, 4], (x) => ops.expand(x, [2, N, 4])),
  one('Slice', [N, 9], (x) => ops.slice(x, 1, 2, 7)),
  one('Slice', [N, 9, 2], (x) => ops.slice(x, 1, 1, 8, 3)),
  one('Slice', [6, N, 2], (x) => ops.slice(x, 0, 1, 5, 2)),
  ...LOOKUPS,
  one('TopK', [N, 9], (x) => ops.gather(x, ops.topK(x, 1, 3), 1)),
  one('TopK', [N, 2, 5], (x) => ops.mul(x, ops.cast(ops.topK(x, 2, 1, false), x.dtype))),
  one('TopK', [6, N], (x) => ops.mul(x, ops.cast(ops.topK(x, 0, 1), x.dtype))),
  final(two('ScatterAdd', [N, 3, 5], [N, 3], (u, i) => summed(u, i, 0))),
  final(two('ScatterAdd', [N, 2, 3, 2, 5], [N, 3, 2], (u, i) => summed(u, i, 1))),
  one('Pad', [N, 4], (x) => ops.pad(x, 1, 2, 1)),
  one('Pad', [N, 3, 2], (x) => ops.pad(x, 1, 0, 2, 3)),
  one('Pad', [3, N, 2], (x) => ops.pad(x, 0, 1, 1, 2)),
  ...CONVOLUTIONS,
  two('Concat', [N, 2], [N, 5], (a, c) => ops.concat([a, c, a], 1)),
  two('Concat', [2, N, 3], [1, N, 3], (a, c) => ops.concat([a, c], 0)),
  two('Concat', [N, 2, 3], [N, 2, 1], (a, c) => ops.concat([a, c], 2)),
];

/** The case's output and its cotangents, with and without leading axes; names start with `prefix`. */
function build(c: Case, dtype: FloatType, prefix: string) {
  const { inputs, output } = c.make(dtype);
  const outputs: Record<string, Value> = { [`${prefix} y`]: output };
  const all = Object.fromEntries(inputs.map((v) => [`${prefix} ${v.name}`, v]));
  for (const lead of c.final ? [] : [[], [3]]) {
    const ct = input('ct', output.dtype, new Layout(lead).shapeOf(output.shape));
    const wrt = inputs.filter((v) => isFloat(v.dtype));
    vjp([output], [ct], wrt, { lead }).forEach((g, i) => {
      if (g) outputs[`${prefix} d${wrt[i].name}/${lead.length}`] = g;
    });
    all[`${prefix} ct/${lead.length}`] = ct;
  }
  return { inputs: all, outputs };
}

/** All cases of an operator as one graph, so that plans are not trivial and sessions few. */
function together(op: string, dtype: FloatType) {
  const cases = CASES.filter((c) => c.op === op);
  expect(cases.length).toBeGreaterThan(0);
  const parts = cases.map((c, i) => build(c, dtype, `${i}`));
  const inputs = Object.assign({}, ...parts.map((p) => p.inputs)) as Record<string, Value>;
  const outputs = Object.assign({}, ...parts.map((p) => p.outputs)) as Record<string, Value>;
  const caseOf = (name: string): Case => cases[Number(name.split(' ')[0])];
  return { g: graph(inputs, outputs), caseOf };
}

/** Random contents of the graph's inputs for n examples, rounded to their own type. */
function fill(inputs: Graph['inputs'], n: number, s: Sequence, caseOf: (name: string) => Case) {
  return new Map(
    inputs.map(({ name, value }) => {
      const shape = concrete(value.shape, n);
      const draw = caseOf(name).draw ?? normal;
      return [
        value,
        tensor(
          value.dtype,
          shape,
          Array.from({ length: sizeOf(shape) }, () => draw(s)),
        ),
      ];
    }),
  );
}

/** Largest difference over the largest magnitude (at least 1). */
function difference(got: Float64Array, want: Float64Array): number {
  expect(got.length).toBe(want.length);
  let top = 1;
  for (const w of want) if (Math.abs(w) > top) top = Math.abs(w);
  let worst = 0;
  got.forEach((g, i) => {
    const d = Math.abs(g - want[i]) / top;
    if (!(d <= worst)) worst = d;
  });
  return worst;
}

interface Candidate {
  readonly name: string;
  readonly make: () => Promise<Engine>;
}

const ENGINES: readonly Candidate[] = [
  { name: 'small, plain loops', make: async () => createSmallEngine({ build: 'typescript' }) },
  { name: 'small, kernels', make: async () => createSmallEngine() },
  { name: 'ort', make: async () => createOrtEngine() },
];

for (const candidate of ENGINES) {
  describe(`${candidate.name}: every operator and its derivatives equal the oracle`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await candidate.make();
    });
    for (const { name: op } of CORE) {
      for (const dtype of ['float32', 'float64'] as const) {
        it(`${op} ${dtype}`, async () => {
          const s = new Sequence(hashString(`${op} ${dtype}`), 'operators');
          const { g, caseOf } = together(op, dtype);
          if (engine.name === 'ort' && unsupportedByOrt(g).length > 0) {
            await expect(engine.compile(g, { maxBatch: MAX })).rejects.toThrow(/no double-precision kernel/);
            expect([operatorOf(op).onnx.doubleKernel, dtype]).toEqual(['no', 'float64']);
            return;
          }
          const program = await engine.compile(g, { maxBatch: MAX });
          for (const n of BATCHES) {
            const data = fill(g.inputs, n, s, caseOf);
            const want = evaluate(
              g.outputs.map((o) => o.value),
              data,
              n,
            );
            for (const { name, value } of g.inputs) program.setInput(name, data.get(value)!.data);
            await program.run(n);
            g.outputs.forEach(({ name, value }, i) => {
              const got = toFloat64(tensor(value.dtype, want[i].shape, program.output(name) as never));
              const bar = TOLERANCE[caseOf(name).coarse ? 'float32' : dtype];
              expect(difference(got, want[i].data), `output ${name}`).toBeLessThanOrEqual(bar);
            });
          }
          program.dispose();
        });
      }
    }
  });
}
