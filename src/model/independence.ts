/**
 * @module model/independence
 *
 * Confirms on real data what shape inference concluded from the graph: that an example's output depends on no other example.
 * One example is changed; the outputs of all others must not move by a bit on the small engine, or beyond rounding elsewhere.
 */
import { FimError } from '../core/errors.js';
import type { FloatArray, TypedArray } from '../core/tensor.js';

/** Runs the network's forward pass on n examples. */
export type Forward = (inputs: ReadonlyMap<string, TypedArray>, n: number) => Promise<FloatArray>;

/** Relative change that different kernels for different batches may make. */
const ROUNDING = 1e-4;

/** Throws `model/examples-coupled` where another example's output moves with the first one's input. */
export async function requireIndependent(
  forward: Forward,
  inputs: ReadonlyMap<string, TypedArray>,
  n: number,
  outputs: number,
): Promise<void> {
  if (n < 2) return;
  const before = (await forward(inputs, n)).slice(0, n * outputs);
  const changed = new Map([...inputs].map(([name, data]) => [name, perturbFirst(data, n)]));
  const after = await forward(changed, n);
  let size = 0;
  for (const v of before) size = Math.max(size, Math.abs(v));
  for (let i = outputs; i < n * outputs; i++) {
    if (Math.abs(after[i] - before[i]) <= ROUNDING * size) continue;
    throw new FimError({
      code: 'model/examples-coupled',
      where: `network output of example ${Math.floor(i / outputs)}`,
      rule: 'examples must be independent',
      got: `it moved from ${before[i]} to ${after[i]} when only example 0 was changed`,
      cause: 'a normalisation over the batch, or a graph exported in training mode',
      next: 'call model.eval() before torch.onnx.export',
    });
  }
  await forward(inputs, n);
}

function perturbFirst(data: TypedArray, n: number): TypedArray {
  const copy = data.slice() as Float64Array;
  const size = data.length / n;
  for (let i = 0; i < size; i++) {
    if (data instanceof BigInt64Array) continue;
    copy[i] =
      Number(copy[i]) * 0.5 + (data instanceof Float32Array || data instanceof Float64Array ? 0.25 : 0);
  }
  return copy;
}
