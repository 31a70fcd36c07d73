import { describe, expect, it } from 'vitest';
import { MAPS } from '../../../../test/graph/maps.js';
import { runOrt } from '../../../../test/onnx/runtime.js';
import { Sequence } from '../../../core/random.js';
import { castTensor, type FloatType, sizeOf, type Tensor, tensor } from '../../../core/tensor.js';
import { evaluate } from '../../../engine/oracle/evaluate.js';
import * as b from '../../build.js';
import { vjp } from '../../derive.js';
import { concrete, N, type Shape } from '../../dims.js';
import { graph, graphNodes, type Named } from '../../graph.js';
import { CORE } from '../../ops/index.js';
import { apply } from '../../registry.js';
import { constant, input, type Value } from '../../value.js';
import { exportModel } from '../index.js';
import { hasDoubleKernel } from './operators.js';

const EXAMPLES = 3;

interface Case {
  readonly name: string;
  readonly inputs: Record<string, Shape>;
  /** Values drawn from this interval. */
  readonly range?: readonly [number, number];
  readonly build: (v: Record<string, Value>) => Value;
}

const X: Record<string, Shape> = { x: [N, 4] };
const XY: Record<string, Shape> = { x: [N, 4], y: [3, 1, 4] };
const unary = (name: string, build: (x: Value) => Value, range?: [number, number]): Case => ({
  name,
  inputs: X,
  build: ({ x }) => build(x),
  ...(range && { range }),
});
const float = (v: Value, like: Value) => b.cast(v, like.dtype);

const ids = (x: Value): Value => b.cast(b.scale(x, 0.9), 'int64');

const CASES: Case[] = [
  unary('TopK', (x) => b.gather(x, b.topK(x, 1, 2), 1)),
  { name: 'Gather', inputs: { x: [N, 2, 3], t: [4, 3, 5] }, build: ({ x, t }) => b.gather(t, ids(x), 1) },
  {
    name: 'Gather of its own',
    inputs: { x: [N, 2], t: [N, 4, 3] },
    build: ({ x, t }) => b.gather(t, ids(x), 2),
  },
  {
    name: 'ScatterAdd',
    inputs: { x: [N, 2], u: [N, 3, 2] },
    build: ({ x, u }) => b.scatterAdd(u, ids(x), { axis: 2, length: 3 }),
  },
  ...Object.entries(MAPS).map(([op, { range }]) => unary(op, (x) => apply(op, [x]), [...range])),
  unary('Abs', b.abs),
  unary('Neg', b.neg),
  unary('Exp', b.exp),
  unary('Log', b.log, [0.1, 3]),
  unary('Sqrt', b.sqrt, [0.1, 3]),
  unary('Sign', b.sign),
  unary('Tanh', b.tanh),
  unary('Sigmoid', b.sigmoid),
  unary('Softplus', b.softplus),
  unary('Softplus far out', (x) => b.softplus(b.scale(x, 300))),
  unary('Relu', b.relu),
  unary('Erf', b.erf),
  unary('Reciprocal', b.reciprocal, [0.5, 2]),
  unary('Not', (x) => float(b.not(b.greater(x, b.scalar(0, x.dtype))), x)),
  unary('Cast to integers and back', (x) => float(b.cast(b.scale(x, 10), 'int64'), x)),
  unary('Softmax', (x) => b.softmax(x, 1)),
  unary('LogSoftmax', (x) => b.logSoftmax(x, 1)),
  ...(
    [
      ['Add', b.add],
      ['Sub', b.sub],
      ['Mul', b.mul],
      ['Div', b.div],
      ['Max', b.maximum],
      ['Min', b.minimum],
      ['Mod', (p: Value, q: Value) => apply('Mod', [p, q])],
      ['Pow', b.pow],
    ] as const
  ).map(([name, f]): Case => ({ name, inputs: XY, range: [0.5, 2], build: ({ x, y }) => f(x, y) })),
  ...(
    [
      ['Greater', b.greater],
      ['GreaterOrEqual', b.greaterOrEqual],
      ['Less', b.less],
      ['LessOrEqual', b.lessOrEqual],
      ['Equal', b.equal],
    ] as const
  ).map(([name, f]): Case => ({
    name,
    inputs: XY,
    build: ({ x, y }) => float(f(b.sign(x), b.sign(y)), x),
  })),
  { name: 'Where', inputs: XY, build: ({ x, y }) => b.where(b.less(x, y), x, y) },
  { name: 'MatMul', inputs: { x: [N, 4], w: [4, 2] }, build: ({ x, w }) => b.matmul(x, w) },
  {
    name: 'MatMul stacked',
    inputs: { x: [N, 2, 4], w: [5, 1, 4, 2] },
    build: ({ x, w }) => b.matmul(b.unsqueeze(b.reshape(x, [N, 2, 4]), [1]), b.reshape(w, [5, 4, 2])),
  },
  {
    name: 'MatMul over examples',
    inputs: { x: [N, 4], y: [N, 2] },
    build: ({ x, y }) => b.matmul(b.swapLast(x), y),
  },
  { name: 'ReduceSum', inputs: { x: [N, 2, 4] }, build: ({ x }) => b.reduceSum(x, [2]) },
  {
    name: 'ReduceSum over examples',
    inputs: { x: [N, 2, 4] },
    build: ({ x }) => b.reduceSum(x, [0, 2], true),
  },
  { name: 'ReduceMax', inputs: { x: [N, 2, 4] }, build: ({ x }) => b.reduceMax(x, [1, 2], true) },
  { name: 'Reshape', inputs: { x: [N, 2, 4] }, build: ({ x }) => b.reshape(x, [{ batch: 8 }, 1]) },
  {
    name: 'Reshape behind an axis',
    inputs: { x: [2, N, 4] },
    build: ({ x }) => b.reshape(x, [2, { batch: 2 }, 2]),
  },
  { name: 'Reshape to a scalar', inputs: { x: [1, 1] }, build: ({ x }) => b.reshape(x, []) },
  { name: 'Reshape of nothing', inputs: { x: [N, 0, 4] }, build: ({ x }) => b.reshape(x, [{ batch: 4 }, 0]) },
  { name: 'Transpose', inputs: { x: [N, 2, 4] }, build: ({ x }) => b.transpose(x, [2, 0, 1]) },
  { name: 'Expand', inputs: { x: [N, 1, 4] }, build: ({ x }) => b.expand(x, [2, N, 3, 4]) },
  { name: 'Concat', inputs: { x: [N, 2], y: [N, 3] }, build: ({ x, y }) => b.concat([x, y, x], 1) },
  { name: 'Slice', inputs: { x: [N, 7] }, build: ({ x }) => b.slice(x, 1, 1, 6, 2) },
  { name: 'Pad', inputs: { x: [N, 3, 2] }, build: ({ x }) => b.pad(x, 1, 2, 1) },
  { name: 'Pad between', inputs: { x: [N, 3, 2] }, build: ({ x }) => b.pad(x, 1, 2, 1, 3) },
  { name: 'Pad between, more than after', inputs: { x: [N, 3] }, build: ({ x }) => b.pad(x, 1, 0, 4, 2) },
  { name: 'Pad of nothing', inputs: { x: [N, 0, 2] }, build: ({ x }) => b.pad(x, 1, 2, 1, 3) },
  ...[
    { kernel: [3, 2], stride: [2, 1], dilation: [1, 2], before: [1, -1], count: [2, 2], length: [5, 6] },
    { kernel: [1, 2], stride: [1, 3], dilation: [1, 1], before: [0, 0], count: [5, 1], length: [5, 6] },
  ].flatMap((map, i): Case[] => [
    { name: `Unfold ${i}`, inputs: { x: [N, 2, 5, 6] }, build: ({ x }) => apply('Unfold', [x], map) },
    {
      name: `Fold ${i}`,
      inputs: { x: [N, 2, ...map.kernel, ...map.count] },
      build: ({ x }) => apply('Fold', [x], map),
    },
  ]),
  {
    name: 'constants',
    inputs: X,
    build: ({ x }) => b.add(b.mul(x, constant(tensor(x.dtype, [4], [1, 2, 3, 4]))), b.scalar(-0.5, x.dtype)),
  },
];

function draw(
  name: string,
  dtype: FloatType,
  shape: readonly number[],
  range: readonly [number, number],
): Tensor {
  const s = new Sequence(7, name, 0);
  return tensor(
    dtype,
    shape,
    Array.from({ length: sizeOf(shape) }, () => Math.fround(range[0] + (range[1] - range[0]) * s.next())),
  );
}

function worst(got: Tensor, want: Float64Array): number {
  expect(got.data.length).toBe(want.length);
  let error = 0;
  want.forEach(
    (w, i) => (error = Math.max(error, Math.abs(Number(got.data[i]) - w) / Math.max(1, Math.abs(w)))),
  );
  return error;
}

async function check(
  g: ReturnType<typeof graph>,
  values: ReadonlyMap<Value, Tensor>,
  opset: number,
  tolerance: number,
) {
  const bytes = exportModel(g, { opset, lowerDouble: true });
  const feeds = Object.fromEntries(g.inputs.map((i: Named) => [i.name, values.get(i.value) as Tensor]));
  const got = await runOrt(bytes, feeds);
  const want = evaluate(
    g.outputs.map((o) => o.value),
    values,
    EXAMPLES,
  );
  g.outputs.forEach((o, i) => {
    expect(got[o.name].shape).toEqual(want[i].shape);
    expect(worst(got[o.name], want[i].data)).toBeLessThanOrEqual(tolerance);
  });
}

describe('exported operators in ONNX Runtime', () => {
  it('writes every core operator', () => {
    const written = CASES.flatMap((c) => {
      const inputs = Object.fromEntries(
        Object.entries(c.inputs).map(([n, s]) => [n, input(n, 'float32', s)]),
      );
      return graphNodes(graph(inputs, { h: c.build(inputs) })).map((node) => node.op);
    });
    expect([...new Set(written)].sort()).toEqual(CORE.map((op) => op.name).sort());
  });

  for (const dtype of ['float32', 'float64'] as const) {
    for (const c of CASES) {
      it(`${c.name}, ${dtype}`, async () => {
        const inputs = Object.fromEntries(Object.entries(c.inputs).map(([n, s]) => [n, input(n, dtype, s)]));
        const h = c.build(inputs);
        const outputs: Record<string, Value> = { h };
        // The gradient's graph too: derivatives use operators in ways that forward passes do not.
        const wrt = c.name === 'ReduceSum over examples' ? [] : Object.values(inputs);
        const ct = input('ct', dtype, h.shape);
        const grads = vjp([h], [ct], wrt);
        grads.forEach((g, i) => g && (outputs[`grad_${wrt[i].name}`] = g));
        const all = { ...inputs, ...(grads.some(Boolean) && { ct }) };
        const g = graph(all, outputs);
        const values = new Map<Value, Tensor>();
        for (const [n, v] of Object.entries(all)) {
          values.set(v, draw(`${c.name} ${n}`, dtype, concrete(v.shape, EXAMPLES), c.range ?? [-2, 2]));
        }
        const possible = graphNodes(g).every((node) => hasDoubleKernel(node, true));
        if (dtype === 'float32') expect(possible).toBe(true);
        if (!(c.name in MAPS)) expect(possible).toBe(!(dtype === 'float64' && c.name === 'Erf'));
        if (!possible) return;
        for (const opset of c.name === 'Reshape of nothing' ? [14, 22] : [13, 17, 18, 22])
          await check(g, values, opset, dtype === 'float32' ? 2e-6 : 1e-14);
      });
    }
  }

  it('keeps names, parameters, metadata, and outputs that are inputs, constants or twice the same', async () => {
    const x = input('x', 'float64', [N, 2]);
    const w = input('w', 'float64', [2, 2]);
    const h = b.matmul(x, w);
    const k = constant(tensor('float64', [2], [3, 4]));
    const g = graph({ x, w }, { h, again: h, same: x, k, weight: w });
    const parameters = new Map([['w', tensor('float64', [2, 2], [1, 2, 3, 4])]]);
    const bytes = exportModel(g, { parameters, metadata: { likelihood: 'gaussian' } });
    const got = await runOrt(bytes, { x: tensor('float64', [1, 2], [1, 1]) });
    expect([...got.h.data]).toEqual([4, 6]);
    expect([...got.again.data]).toEqual([4, 6]);
    expect([...got.same.data]).toEqual([1, 1]);
    expect([...got.k.data]).toEqual([3, 4]);
    expect([...got.weight.data]).toEqual([1, 2, 3, 4]);
  });

  it('refuses a parameter of another shape, an opset out of range, and one name for two', () => {
    const x = input('x', 'float32', [N, 2]);
    const w = input('w', 'float32', [2, 2]);
    const g = graph({ x, w }, { h: b.matmul(x, w) });
    const wrong = new Map([['w', castTensor(tensor('float64', [4], [1, 2, 3, 4]), 'float32')]]);
    expect(() => exportModel(g, { parameters: wrong })).toThrow(/parameter "w": must be float32\[2, 2\]/);
    expect(() => exportModel(g, { opset: 12 })).toThrow(/opset must be from 13 to 22/);
    const empty = input('e', 'float32', [N, 0, 4]);
    const flat = graph({ empty }, { h: b.reshape(empty, [N, 4, 0]) });
    expect(() => exportModel(flat, { opset: 13 })).toThrow(/length 0/);
    expect(() => exportModel(graph({ x, w }, { x: b.matmul(x, w) }))).toThrow(/"x" more than once/);
  });
});
