/**
 * @module studies/shipped/forward
 *
 * A file's output by fim and by ONNX Runtime on the same random inputs, example by example: the largest difference over the largest
 * number. ONNX Runtime gets one example at a time, so that wherever the examples' axis lies the numbers lie alike.
 */
import { openNetwork, type Network, tensor, type Tensor } from 'fim';
import { UniformStream } from 'fim/core';
import { createEngine } from 'fim/engine';
import { graph } from 'fim/graph';
import type * as Runtime from 'onnxruntime-node';
import type { Settings } from './settings.js';

/** Examples that are compared. */
export const COMPARED = 2;

/** What both give. */
export interface Compared {
  readonly output: string;
  /** Numbers of an example's output. */
  readonly size: number;
  /** Largest difference over the largest number of ONNX Runtime's, over 1 of probabilities. */
  readonly difference: number;
}

/** Inputs in [0, 1), n examples of each; whole numbers are 0. */
export function randomInputs(network: Network, n: number): Map<string, Tensor> {
  return new Map(
    [...network.inputs].map(([name, { shape: open, dtype }]): [string, Tensor] => {
      const shape = [n, ...open.slice(1).map(Number)];
      const size = shape.reduce((p, d) => p * d, 1);
      if (dtype !== 'float32') return [name, tensor('int32', shape, new Int32Array(size))];
      const draws = new UniformStream(7, name);
      const numbers = Float32Array.from({ length: size }, (_, i) => draws.at(i, 0, 0, 0));
      return [name, tensor('float32', shape, numbers)];
    }),
  );
}

/** Throws what `openNetwork` throws, and what ONNX Runtime does. */
export async function compareForward(path: string, settings: Settings): Promise<Compared> {
  const { inputShape, constant, output } = settings;
  const said = {
    ...(inputShape && { inputShape }),
    ...(constant && { constant }),
    ...(output && { output }),
  };
  const {
    network,
    model,
    output: taken,
  } = await openNetwork(path, {
    ...said,
    likelihood: 'gaussian',
    likelihoodOptions: { variance: 1 },
    outputIs: 'as-it-stands',
  });
  const inputs = randomInputs(network, COMPARED);
  const own = await ownOutput(network, inputs);
  const theirs = await runtimeOutput(path, taken.name, inputs, settings);
  // Probabilities are compared on their own scale: ONNX Runtime's small ones are right to 2⁻²⁴ of 1.
  const squashed = ['Sigmoid', 'Softmax'].includes(model.value(taken.name).node?.op ?? '');
  let [most, difference] = [squashed ? 1 : 0, 0];
  for (let i = 0; i < own.length; i++) {
    most = Math.max(most, Math.abs(theirs[i]));
    difference = Math.max(difference, Math.abs(own[i] - theirs[i]));
  }
  const same = own.length === theirs.length && Number.isFinite(difference);
  return { output: taken.name, size: own.length / COMPARED, difference: same ? difference / most : Infinity };
}

/** h [n·T] as the file's output stands, by the small engine. */
async function ownOutput(network: Network, inputs: ReadonlyMap<string, Tensor>): Promise<Float32Array> {
  const { engine } = await createEngine({ engine: 'small', threads: 1 });
  try {
    const store = engine.store();
    for (const [name, t] of network.weights) store.set(name, t);
    const whole = graph([...network.inputs, ...network.parameters, ...network.fixed], { h: network.h });
    const program = await engine.compile(whole, { maxBatch: COMPARED, store });
    for (const [name, t] of inputs) program.setInput(name, t.data);
    await program.run(COMPARED);
    return Float32Array.from(program.output('h') as Float32Array);
  } finally {
    engine.dispose();
  }
}

/** The file's own output, one example after the other. */
async function runtimeOutput(
  path: string,
  output: string,
  inputs: ReadonlyMap<string, Tensor>,
  { inputShape = {}, constant = {} }: Settings,
): Promise<Float32Array> {
  const runtime = await import('onnxruntime-node');
  const session = await runtime.InferenceSession.create(path, { logSeverityLevel: 3 });
  const all: number[] = [];
  try {
    for (let example = 0; example < COMPARED; example++) {
      const feeds: Record<string, Runtime.Tensor> = {};
      for (const meta of session.inputMetadata) {
        if (!meta.isTensor) continue;
        const said = inputShape[meta.name]?.split(',').map((d) => (d === 'N' ? 1 : Number(d)));
        const dims = said ?? meta.shape.map((d) => (typeof d === 'number' ? d : 1));
        const own = inputs.get(meta.name);
        const size = dims.reduce((p, d) => p * d, 1);
        const data = own?.data.subarray(example * size, (example + 1) * size) as Float32Array | undefined;
        const value = constant[meta.name] ?? 0;
        feeds[meta.name] =
          meta.type === 'int64'
            ? new runtime.Tensor(
                'int64',
                BigInt64Array.from({ length: size }, () => BigInt(value)),
                dims,
              )
            : new runtime.Tensor('float32', data ?? new Float32Array(size).fill(value), dims);
      }
      const { [output]: result } = await session.run(feeds, [output]);
      for (const v of result.data as Float32Array) all.push(v);
    }
  } finally {
    await session.release();
  }
  return Float32Array.from(all);
}
