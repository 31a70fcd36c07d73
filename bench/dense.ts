/**
 * @module bench/dense
 *
 * What a whole P×P Fisher costs, with and without the errors of its elements: 64-56-20-10 (tanh, softmax, P = 4,990), float32, ONNX Runtime
 * with one thread, and the small engine.
 *
 *     npx vite-node bench/dense.ts [examples]
 *
 * Seconds of processor time, which on a quiet machine are those on the clock; beside them R, ONNX Runtime's rate at 256×784×128 in float32 in
 * the same run, and seconds · R/95, what a machine of 95 GFLOP/s takes.
 */
import { UniformStream } from '../src/core/random.js';
import { tensor } from '../src/core/tensor.js';
import { batches } from '../src/data/batches.js';
import { makeDataset } from '../src/data/dataset.js';
import { createOrtEngine, createSmallEngine } from '../src/engine/index.js';
import { estimateDense } from '../src/fisher/forms/dense/dense.js';
import { getLikelihood } from '../src/likelihood/registry.js';
import { denseNetwork } from '../src/model/dense.js';
import { assertAgree, interleaved, machine, rounds, row } from './tools/measure.js';
import { flops, products, productName, SIZES } from './tools/rate.js';

const N = rounds(2000);
const network = denseNetwork({ widths: [64, 56, 20, 10], activation: 'tanh', seed: 1 });
const x = tensor(
  'float32',
  [N, 64],
  Float32Array.from({ length: N * 64 }, (_, i) => Math.sin(i * i)),
);
const dataset = makeDataset({ source: 'made', inputs: new Map([['x', x]]) });

async function rate(): Promise<number> {
  const engine = await createOrtEngine();
  const times = await interleaved(await products(engine), 60);
  engine.dispose();
  return flops(SIZES[0]) / times[productName(SIZES[0])].median / 1e6;
}

async function timed(name: 'ort' | 'small', errors: boolean) {
  const engine = name === 'ort' ? await createOrtEngine() : createSmallEngine();
  const before = process.cpuUsage();
  const began = process.hrtime.bigint();
  const { fisher, parameters } = await estimateDense(
    engine,
    network,
    getLikelihood('categorical'),
    (batch, dtype) => batches(dataset, { batch, dtype }),
    { estimator: 'exact', errors, batch: 64, stream: new UniformStream(0, 'none') },
  );
  const { user, system } = process.cpuUsage(before);
  const clock = Number(process.hrtime.bigint() - began) / 1e9;
  engine.dispose();
  return { fisher, parameters, seconds: (user + system) / 1e6, clock };
}

console.log(machine());
console.log(row(['', 's (processor)', 's (clock)', 'R', 's · R/95'], 30, 14));
let first: Float64Array | null = null;
for (const name of ['ort', 'small'] as const)
  for (const errors of [false, true]) {
    const R = (await rate()) / 2;
    const { fisher, parameters, seconds, clock } = await timed(name, errors);
    const mean = R + (await rate()) / 2;
    first ??= fisher;
    assertAgree(`${name}`, fisher, first, 1e-4);
    const title = `${name}, ${errors ? 'with' : 'no'} errors, P ${parameters}, n ${N}`;
    console.log(row([title, seconds, clock, mean, (seconds * mean) / 95], 30, 14));
  }
