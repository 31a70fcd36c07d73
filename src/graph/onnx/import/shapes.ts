/**
 * @module graph/onnx/import/shapes
 *
 * Imports operators that make known numbers: Constant in all its forms, the shape of a value, ranges and filled tensors.
 */
import { isFloat, tensor } from '../../../core/tensor.js';
import { countOf, type Dim, isBatch, mulDim } from '../../dims.js';
import { isDense, type OnnxTensor } from '../proto/index.js';
import type { Normaliser, NormaliserTable, OpContext } from './context.js';
import { broadcastOver } from './examples.js';
import { folded, type Folded, itemOf } from './items.js';

/** Attributes of a Constant, of which it has one. */
const FORMS = [
  'value',
  'value_float',
  'value_int',
  'value_floats',
  'value_ints',
  'value_string',
  'value_strings',
  'sparse_value',
];

const constant: Normaliser = (c) => {
  const name = c.node.outputs[0];
  const form = FORMS.find((own) => c.attribute(own));
  const a = form === undefined ? null : c.attribute(form);
  switch (a?.type) {
    case 'tensor':
      return itemOf(name, dense(c, a.value), 'constant-node');
    case 'float':
      return folded('float32', [], [a.value]);
    case 'int':
      return folded('int64', [], [a.value]);
    case 'floats':
      return itemOf(name, tensor('float32', [a.value.length], a.value), 'constant-node');
    case 'ints':
      return folded('int64', [a.value.length], a.value);
    default:
      throw c.refuse(`holds a ${a?.type ?? 'missing'} value; numbers are covered`);
  }
};

function dense(c: OpContext, t: OnnxTensor): Parameters<typeof itemOf>[1] {
  if (!isDense(t)) throw c.refuse(`elements of type ${t.dtype} are not covered`, 'onnx/element-type');
  return t;
}

/** The dimensions from `start` to `end` (from opset 15), N among them. */
const shape: Normaliser = (c) => {
  const dims = c.shape(0);
  const clip = (i: number): number => Math.min(Math.max(i < 0 ? i + dims.length : i, 0), dims.length);
  const from = clip(c.int('start', 0));
  const part = dims.slice(from, Math.max(from, clip(c.int('end', dims.length)))).map(countOf);
  return folded('int64', [part.length], part);
};

const size: Normaliser = (c) => {
  const total = c.shape(0).reduce<Dim | null>((p, d) => p && mulDim(p, d), 1);
  if (total === null) throw c.coupled('the size of a value that pairs examples');
  return folded('int64', [], [countOf(total)]);
};

const range: Normaliser = (c) => {
  const [start, limit, delta] = [0, 1, 2].map((i) => c.knownNumber(i, 'a bound'));
  const count = c.limited(Math.max(0, Math.ceil((limit - start) / delta)));
  const first = c.item(0);
  const dtype = 'dtype' in first ? first.dtype : 'float32';
  return folded(
    dtype,
    [count],
    Array.from({ length: count }, (_, i) => start + i * delta),
  );
};

/** A tensor filled with one value, 0 in float32 where none is given; along the examples where its shape has N. */
const constantOfShape: Normaliser = (c) => {
  const dims = c.dims(0, 'the shape');
  const negative = dims.find((d): d is number => !isBatch(d) && d < 0);
  if (negative !== undefined) throw c.refuse(`a dimension is not ${negative}`, 'graph/shape');
  const a = c.attribute('value');
  const value: Folded = a?.type === 'tensor' ? filler(c, a.value) : folded('float32', [], [0]);
  if (!dims.some(isBatch)) {
    const total = (dims as number[]).reduce((p, d) => p * d, 1);
    return folded(value.dtype, dims as number[], new Array<Dim>(c.limited(total)).fill(value.items[0]));
  }
  const one = c.reader.materialise(folded(value.dtype, new Array<number>(dims.length).fill(1), value.items));
  return broadcastOver(c, one, dims);
};

function filler(c: OpContext, t: OnnxTensor): Folded {
  const { dtype, data } = dense(c, t);
  return folded(isFloat(dtype) ? c.dtype : dtype, [], [Number(data[0])]);
}

export const SHAPES: NormaliserTable = {
  Constant: constant,
  Shape: shape,
  Size: size,
  Range: range,
  ConstantOfShape: constantOfShape,
};
