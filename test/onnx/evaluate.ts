/**
 * @module test/onnx/evaluate
 *
 * A model's bytes read by the library and computed by the oracle.
 */
import { castTensor, type FloatType, isFloat, type Tensor } from '../../src/core/tensor.js';
import { evaluate } from '../../src/engine/oracle/evaluate.js';
import type { Numbers } from '../../src/graph/operator.js';
import { type ImportedModel, importModel } from '../../src/graph/onnx/index.js';
import type { Value } from '../../src/graph/value.js';

/** A tensor for every input and every weight that `outputs` read. */
export function bindings(
  model: ImportedModel,
  outputs: readonly Value[],
  feeds: Readonly<Record<string, Tensor>>,
): Map<Value, Tensor> {
  const values = new Map<Value, Tensor>();
  for (const { name, value } of model.inputs) {
    const t = feeds[name];
    if (t) values.set(value, isFloat(t.dtype) ? castTensor(t, model.dtype) : t);
  }
  for (const c of model.candidates(outputs)) values.set(c.value, c.tensor);
  return values;
}

/** The named outputs for `n` examples. */
export function runImported(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  outputs: readonly string[],
  n: number,
  dtype: FloatType = 'float64',
): Numbers[] {
  const model = importModel(bytes, { dtype });
  const values = outputs.map((name) => model.value(name));
  return evaluate(values, bindings(model, values, feeds), n);
}

/** Largest |got − want| relative to the larger of 1 and the largest |want|. */
export function worstError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Infinity;
  let scale = 1;
  let error = 0;
  for (let i = 0; i < want.length; i++) {
    if (Object.is(got[i], want[i])) continue;
    const difference = Math.abs(got[i] - want[i]);
    error = Math.max(error, Number.isNaN(difference) ? Infinity : difference);
    scale = Math.max(scale, Math.abs(want[i]));
  }
  return error / scale;
}
