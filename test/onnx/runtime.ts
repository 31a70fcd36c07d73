/**
 * @module test/onnx/runtime
 *
 * An ONNX model's bytes run by ONNX Runtime, to compare with.
 */
import * as ort from 'onnxruntime-node';
import { type DType, type Tensor, tensor, type TypedArrayOf } from '../../src/core/tensor.js';

/**
 * Runs a model once, on one thread. Feeds are by input name; the result by output name. Doubles take the level `basic`: beyond it a factor
 * behind a product becomes a float32 attribute.
 */
export async function runOrt(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  outputs?: readonly string[],
  level: 'all' | 'basic' = 'all',
): Promise<Record<string, Tensor>> {
  const session = await ort.InferenceSession.create(bytes, {
    graphOptimizationLevel: level,
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  try {
    const given = Object.fromEntries(
      session.inputNames
        .filter((name) => feeds[name] !== undefined)
        .map((name) => {
          const t = feeds[name];
          return [name, new ort.Tensor(t.dtype, t.data as Float32Array, t.shape)];
        }),
    );
    const results = await session.run(given, [...(outputs ?? session.outputNames)]);
    return Object.fromEntries(
      Object.entries(results).map(([name, t]) => [
        name,
        tensor(t.type as DType, [...t.dims], t.data as TypedArrayOf[DType]),
      ]),
    );
  } finally {
    await session.release();
  }
}
