/**
 * @module model/front/run
 *
 * Runs of a front: examples in, the values behind it out, examples first. A file that fixes its batch is run in groups of that length, the last
 * filled up with its own examples. Cost: one forward pass of the front; the values are held for all examples at once.
 */
import { FimError } from '../../core/errors.js';
import { allocate, castTensor, type DType, sizeOf, type Tensor } from '../../core/tensor.js';
import { type OrtFile, openOrtFile } from '../../engine/ort/index.js';
import type { Front } from './front.js';

/** Examples in one run where the file does not fix them. */
const GROUP = 64;

/** Examples that are run by themselves too, to see that the front treats each by itself. */
const CHECKED = 3;

/** Difference of an example alone and in company that is no rounding in float32, relative to the largest value. */
const MOVED = 1e-3;

/** Runs a loaded front: inputs [n, …] by name in, arrays as the file makes them out. */
export async function runGroup(
  file: OrtFile,
  front: Pick<Front, 'inputs' | 'feeds' | 'types' | 'constants' | 'fixedBatch'>,
  inputs: ReadonlyMap<string, Tensor>,
): Promise<ReadonlyMap<string, Tensor>> {
  const feeds = new Map(front.constants);
  for (const { name } of front.inputs) {
    const given = inputs.get(name)!;
    const whole = front.fixedBatch === null ? given : filledUp(given, front.fixedBatch);
    const cast = castTensor(whole, typeInFile(front.types.get(name), given.dtype));
    feeds.set(name, moveAxis(cast, 0, front.feeds.get(name)?.axis ?? 0));
  }
  return file.run(feeds);
}

/** The type that the file declares; half precision is refused when the front is opened. */
const typeInFile = (declared: string | null | undefined, otherwise: DType): DType =>
  declared === 'float64' || declared === 'float32' ? declared : otherwise;

/** The values [n, …] of all examples, by name. Throws `front/shape`, `front/coupled`, `engine/ort-…`. */
export async function runFront(
  front: Front,
  inputs: ReadonlyMap<string, Tensor>,
  n: number,
): Promise<ReadonlyMap<string, Tensor>> {
  const file = await openOrtFile(front.bytes, front.where, front.module);
  try {
    const group = front.fixedBatch ?? GROUP;
    const out = new Map<string, Tensor>();
    for (let start = 0; start < n; start += group) {
      const count = Math.min(group, n - start);
      const results = await examplesOf(file, front, inputs, start, count);
      if (start === 0) await checkApart(file, front, inputs, results, count);
      for (const [name, t] of results) append(out, front, name, t, start, n);
    }
    return out;
  } finally {
    file.dispose();
  }
}

/** The values of examples `start` … `start + count`, examples first. */
async function examplesOf(
  file: OrtFile,
  front: Front,
  inputs: ReadonlyMap<string, Tensor>,
  start: number,
  count: number,
): Promise<ReadonlyMap<string, Tensor>> {
  const group = new Map(
    front.inputs.map(({ name }) => [name, rows(inputs.get(name)!, start, count)] as const),
  );
  const results = await runGroup(file, front, group);
  return new Map(
    front.values.map((name) => {
      const t = moveAxis(results.get(name)!, front.axes.get(name)!, 0);
      if (t.shape[0] < count) throw otherShape(front, name, `${t.shape[0]} rows for ${count} examples`);
      return [name, rows(t, 0, count)] as const;
    }),
  );
}

/** Adds the rows of one run to those of all examples. */
function append(
  out: Map<string, Tensor>,
  front: Front,
  name: string,
  t: Tensor,
  start: number,
  n: number,
): void {
  const shape = [n, ...t.shape.slice(1)];
  const whole = out.get(name) ?? { dtype: t.dtype, shape, data: allocate(t.dtype, sizeOf(shape)) };
  if (String(whole.shape) !== String(shape))
    throw otherShape(front, name, `[${shape.join(', ')}] behind [${whole.shape.join(', ')}]`);
  (whole.data as Float64Array).set(t.data as Float64Array, start * sizeOf(shape.slice(1)));
  out.set(name, whole);
}

function otherShape(front: Front, name: string, got: string): FimError {
  return new FimError({
    code: 'front/shape',
    kind: 'unsupported',
    where: front.where,
    rule: `"${name}" has the same shape for every example`,
    got,
    cause: 'a value whose length depends on the data',
    next: 'name a value before it or behind it',
  });
}

/** The first examples alone: what an example becomes must not hang on its company. Throws `front/coupled`. */
async function checkApart(
  file: OrtFile,
  front: Front,
  inputs: ReadonlyMap<string, Tensor>,
  together: ReadonlyMap<string, Tensor>,
  count: number,
): Promise<void> {
  if (count < 2) return;
  for (let i = 0; i < Math.min(CHECKED, count); i++) {
    for (const [name, t] of await examplesOf(file, front, inputs, i, 1)) {
      const all = together.get(name)!;
      const width = sizeOf(all.shape.slice(1));
      const largest = numbers(all).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      const own = numbers(all).slice(i * width, (i + 1) * width);
      const at = numbers(t).findIndex((v, k) => Math.abs(v - own[k]) > MOVED * largest);
      if (at >= 0) throw coupled(front, name, i, own[at], numbers(t)[at]);
    }
  }
}

const numbers = (t: Tensor): number[] => Array.from(t.data as ArrayLike<number | bigint>, Number);

function coupled(front: Front, name: string, i: number, together: number, alone: number): FimError {
  return new FimError({
    code: 'front/coupled',
    where: front.where,
    rule: 'an example’s value does not depend on the other examples of its batch',
    got: `"${name}" of example ${i} is ${together.toPrecision(4)} in a batch and ${alone.toPrecision(4)} alone`,
    cause: 'a batch normalisation in training mode, or a sum over the batch',
    next: 'export the model after model.eval()',
  });
}

/** Zeros of n examples for each input. */
export function zeroInputs({ inputs }: Pick<Front, 'inputs'>, n: number): Map<string, Tensor> {
  return new Map(
    inputs.map(({ name, value }) => {
      const shape = [n, ...(value.shape.slice(1) as number[])];
      return [name, { dtype: value.dtype, shape, data: allocate(value.dtype, sizeOf(shape)) }];
    }),
  );
}

/** Rows `start` … `start + count` of [n, …]. */
function rows(t: Tensor, start: number, count: number): Tensor {
  const width = sizeOf(t.shape.slice(1));
  const data = (t.data as Float64Array).subarray(start * width, (start + count) * width);
  return { dtype: t.dtype, shape: [count, ...t.shape.slice(1)], data };
}

/** [n, …] as [length, …], its rows again from the first on where it is shorter. */
function filledUp(t: Tensor, length: number): Tensor {
  const n = t.shape[0];
  if (n === length) return t;
  const width = sizeOf(t.shape.slice(1));
  const data = allocate(t.dtype, length * width) as Float64Array;
  for (let i = 0; i < length; i++) {
    const from = (i % n) * width;
    data.set((t.data as Float64Array).subarray(from, from + width), i * width);
  }
  return { dtype: t.dtype, shape: [length, ...t.shape.slice(1)], data };
}

/** The tensor with one axis moved to another place, copied where that is another. */
export function moveAxis(t: Tensor, from: number, to: number): Tensor {
  if (from === to) return t;
  const order = t.shape.map((_, i) => i).filter((i) => i !== from);
  order.splice(to, 0, from);
  const strides = t.shape.map((_, i) => sizeOf(t.shape.slice(i + 1)));
  const shape = order.map((i) => t.shape[i]);
  const data = allocate(t.dtype, t.data.length) as Float64Array;
  const steps = order.map((i) => strides[i]);
  const index = shape.map(() => 0);
  for (let at = 0, place = 0; at < data.length; at++) {
    data[at] = (t.data as Float64Array)[place];
    for (let k = shape.length - 1; k >= 0; k--) {
      place += steps[k];
      if (++index[k] < shape[k]) break;
      place -= steps[k] * shape[k];
      index[k] = 0;
    }
  }
  return { dtype: t.dtype, shape, data };
}
