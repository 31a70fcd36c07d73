/**
 * @module engine/oracle/evaluate
 *
 * The oracle: every operator as the plainest loop over float64, one value at a time, nothing planned, nothing shared. Engines are
 * tested against it; it is not one of them.
 */
import { invariant } from '../../core/errors.js';
import { erf, sigmoid, softplus } from '../../core/numeric.js';
import { type DType, isFloat, sizeOf, stridesOf, type Tensor, toFloat64 } from '../../core/tensor.js';
import { nodesOf } from '../../graph/derive.js';
import { concrete, type Shape } from '../../graph/dims.js';
import type { Node, Value } from '../../graph/value.js';

/** A value's numbers, always float64, with the shape they have for this batch. */
export interface Result {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Computes `outputs` for `n` examples, given a tensor for every input that they read. */
export function evaluate(outputs: readonly Value[], inputs: ReadonlyMap<Value, Tensor>, n: number): Result[] {
  const known = new Map<Value, Result>();
  const get = (v: Value): Result => {
    const before = known.get(v);
    if (before) return before;
    const t = v.constant ?? inputs.get(v);
    invariant(t, `evaluate: ${v.name}`, 'has no value');
    const r = { shape: concrete(v.shape, n), data: toFloat64(t) };
    invariant(
      sizeOf(r.shape) === r.data.length,
      `evaluate: ${v.name}`,
      `was given ${r.data.length} elements for [${r.shape.join(', ')}]`,
    );
    known.set(v, r);
    return r;
  };
  for (const node of nodesOf(outputs)) {
    const shape = concrete(node.output.shape, n);
    const data = round(run(node, node.inputs.map(get), shape, n), node.output.dtype);
    known.set(node.output, { shape, data });
  }
  return outputs.map(get);
}

/** Booleans are 0 or 1, integers whole; floating-point types all are float64 here. */
function round(data: Float64Array, dtype: DType): Float64Array {
  if (isFloat(dtype)) return data;
  return data.map(dtype === 'bool' ? (x) => (x !== 0 ? 1 : 0) : Math.trunc);
}

const UNARY: Record<string, (x: number) => number> = {
  Neg: (x) => -x,
  Exp: Math.exp,
  Log: Math.log,
  Sqrt: Math.sqrt,
  Abs: Math.abs,
  Sign: Math.sign,
  Tanh: Math.tanh,
  Sigmoid: sigmoid,
  Softplus: softplus,
  Relu: (x) => (x > 0 ? x : x === x ? 0 : x),
  Erf: erf,
  Reciprocal: (x) => 1 / x,
  Not: (x) => (x ? 0 : 1),
  Cast: (x) => x,
};

const BINARY: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: Math.pow,
  Max: Math.max,
  Min: Math.min,
  Greater: (a, b) => +(a > b),
  GreaterOrEqual: (a, b) => +(a >= b),
  Less: (a, b) => +(a < b),
  LessOrEqual: (a, b) => +(a <= b),
  Equal: (a, b) => +(a === b),
};

/** Strides that read `from` as if it had the larger shape `to`. */
function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const s = stridesOf(from);
  const offset = to.length - from.length;
  return to.map((_, i) => (i < offset || from[i - offset] === 1 ? 0 : s[i - offset]));
}

/** Calls `visit` with the flat index and the multi-index of each element. */
function each(shape: readonly number[], visit: (flat: number, index: readonly number[]) => void): void {
  const index = shape.map(() => 0);
  const total = sizeOf(shape);
  for (let flat = 0; flat < total; flat++) {
    visit(flat, index);
    for (let a = shape.length - 1; a >= 0; a--) {
      if (++index[a] < shape[a]) break;
      index[a] = 0;
    }
  }
}

const dot = (index: readonly number[], strides: readonly number[]): number =>
  index.reduce((sum, i, a) => sum + i * strides[a], 0);

function elementwise(
  inputs: readonly Result[],
  shape: readonly number[],
  f: (xs: number[]) => number,
): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const strides = inputs.map((r) => broadcastStrides(r.shape, shape));
  each(shape, (flat, index) => {
    out[flat] = f(inputs.map((r, i) => r.data[dot(index, strides[i])]));
  });
  return out;
}

function run(node: Node, inputs: readonly Result[], shape: readonly number[], n: number): Float64Array {
  const [x] = inputs;
  const at = node.attrs;
  if (UNARY[node.op]) return x.data.map(UNARY[node.op]);
  if (BINARY[node.op]) return elementwise(inputs, shape, ([a, b]) => BINARY[node.op](a, b));
  switch (node.op) {
    case 'Where':
      return elementwise(inputs, shape, ([c, a, b]) => (c ? a : b));
    case 'Reshape':
      return x.data.slice();
    case 'Expand':
      return elementwise(inputs, shape, ([a]) => a);
    case 'MatMul':
      return matmul(inputs[0], inputs[1], shape);
    case 'ReduceSum':
      return reduce(x, at.axes as number[], (a, b) => a + b, 0);
    case 'ReduceMax':
      return reduce(x, at.axes as number[], Math.max, -Infinity);
    case 'Softmax':
      return normalise(x, at.axis as number, (v, top, sum) => Math.exp(v - top) / sum);
    case 'LogSoftmax':
      return normalise(x, at.axis as number, (v, top, sum) => v - top - Math.log(sum));
    case 'Transpose':
      return transpose(x, at.perm as number[], shape);
    case 'Concat':
      return concat(inputs, at.axis as number, shape);
    case 'Slice':
      return strided(shape, x, at.axis as number, (i) => (at.start as number) + i * (at.step as number));
    case 'Pad':
      return padded(x, at as Record<string, number>, shape);
  }
  invariant(false, `evaluate: ${node.op} at ${n}`, 'is not known to the oracle');
}

function matmul(a: Result, b: Result, shape: readonly number[]): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const [m, n] = shape.slice(-2);
  const k = a.shape[a.shape.length - 1];
  const stack = shape.slice(0, -2);
  const sa = broadcastStrides(a.shape.slice(0, -2), stack).map((s) => s * m * k);
  const sb = broadcastStrides(b.shape.slice(0, -2), stack).map((s) => s * k * n);
  each(stack, (flat, index) => {
    const pa = dot(index, sa);
    const pb = dot(index, sb);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) sum += a.data[pa + i * k + l] * b.data[pb + l * n + j];
        out[flat * m * n + i * n + j] = sum;
      }
    }
  });
  return out;
}

function reduce(
  x: Result,
  axes: readonly number[],
  f: (a: number, b: number) => number,
  start: number,
): Float64Array {
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const out = new Float64Array(sizeOf(kept)).fill(start);
  const strides = broadcastStrides(kept, x.shape);
  each(x.shape, (flat, index) => {
    const o = dot(index, strides);
    out[o] = f(out[o], x.data[flat]);
  });
  return out;
}

function normalise(
  x: Result,
  axis: number,
  f: (v: number, top: number, sum: number) => number,
): Float64Array {
  const kept = x.shape.map((d, i) => (i === axis ? 1 : d));
  const top = reduce(x, [axis], Math.max, -Infinity);
  const shifted = elementwise([x, { shape: kept, data: top }], x.shape, ([v, t]) => Math.exp(v - t));
  const sum = reduce({ shape: x.shape, data: shifted }, [axis], (a, b) => a + b, 0);
  return elementwise([x, { shape: kept, data: top }, { shape: kept, data: sum }], x.shape, ([v, t, s]) =>
    f(v, t, s),
  );
}

function transpose(x: Result, perm: readonly number[], shape: readonly number[]): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const strides = perm.map((p) => stridesOf(x.shape)[p]);
  each(shape, (flat, index) => {
    out[flat] = x.data[dot(index, strides)];
  });
  return out;
}

function strided(
  shape: readonly number[],
  x: Result,
  axis: number,
  from: (i: number) => number,
): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const strides = stridesOf(x.shape);
  each(shape, (flat, index) => {
    let p = 0;
    index.forEach((i, a) => (p += (a === axis ? from(i) : i) * strides[a]));
    out[flat] = x.data[p];
  });
  return out;
}

function concat(inputs: readonly Result[], axis: number, shape: readonly number[]): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const strides = stridesOf(shape);
  let offset = 0;
  for (const r of inputs) {
    each(r.shape, (flat, index) => {
      let p = offset * strides[axis];
      index.forEach((i, a) => (p += i * strides[a]));
      out[p] = r.data[flat];
    });
    offset += r.shape[axis];
  }
  return out;
}

function padded(x: Result, at: Record<string, number>, shape: Shape): Float64Array {
  const out = new Float64Array(sizeOf(shape as number[]));
  const strides = stridesOf(shape as number[]);
  each(x.shape, (flat, index) => {
    let p = 0;
    index.forEach((i, a) => (p += (a === at.axis ? at.before + i * at.step : i) * strides[a]));
    out[p] = x.data[flat];
  });
  return out;
}
