/**
 * @module bench/threads
 *
 * Batches over two threads beside one: the exact diagonal with errors of 784-128-128-10 and 20-64-64-10, float32, batches of the default size,
 * on both engines.
 *
 *     npx vite-node bench/threads.ts [examples] [rounds]
 *
 * Both take turns, and give the same bits, which is checked. Times are on the clock, so that they say something only where both cores
 * are free; beside them, seconds of processor time, what two threads spend beyond one, and the ratio that two free cores would allow: the
 * processor time of one over the longest of what the host does and half of all.
 */
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { tensor } from '../src/core/tensor.js';
import { batches, makeDataset } from '../src/data/index.js';
import { createEngine, type Engine } from '../src/engine/index.js';
import { estimateDiagonal } from '../src/fisher/index.js';
import { getLikelihood } from '../src/likelihood/registry.js';
import { denseNetwork } from '../src/model/dense.js';
import { assertAgree, machine, row } from './tools/measure.js';

const [examples = 10_000, rounds = 15] = process.argv.slice(2).map(Number);
const likelihood = getLikelihood('categorical');

/** Processor milliseconds of each thread of the process so far. */
function spent(): Map<string, number> {
  return new Map(
    readdirSync('/proc/self/task').map((id) => {
      const [ns] = readFileSync(`/proc/self/task/${id}/schedstat`, 'utf8').split(' ');
      return [id, Number(ns) / 1e6];
    }),
  );
}

interface Times {
  readonly clock: number[];
  readonly all: number[];
  readonly host: number[];
}

const least = (times: readonly number[]): number => Math.min(...times);
const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1];

async function compare(name: 'ort' | 'small', widths: readonly number[]): Promise<void> {
  const network = denseNetwork({ widths: [...widths], activation: 'relu', seed: 1, dtype: 'float32' });
  const size = examples * widths[0];
  const x = tensor(
    'float32',
    [examples, widths[0]],
    Float32Array.from({ length: size }, (_, i) => Math.sin(0.7 * i)),
  );
  const dataset = makeDataset({ source: 'sines', inputs: new Map([['x', x]]) });
  const run = (engine: Engine) =>
    estimateDiagonal(engine, network, likelihood, (batch, dtype) => batches(dataset, { batch, dtype }), {
      estimator: 'exact',
      populationSize: examples,
    });
  const engines = [
    (await createEngine({ engine: name })).engine,
    (await createEngine({ engine: name, threads: 2 })).engine,
  ];
  const times = engines.map((): Times => ({ clock: [], all: [], host: [] }));
  const first = await run(engines[0]);
  for (let round = 0; round < rounds; round++)
    for (const [i, engine] of engines.entries()) {
      const [before, began] = [spent(), performance.now()];
      const made = await run(engine);
      times[i].clock.push(performance.now() - began);
      const each = [...spent()].map(([id, ms]) => [id, ms - (before.get(id) ?? 0)] as const);
      times[i].all.push(each.reduce((sum, [, ms]) => sum + ms, 0));
      times[i].host.push(each.find(([id]) => id === String(process.pid))?.[1] ?? 0);
      made.tensors.forEach((t, k) => assertAgree(t.name, t.fisher, first.tensors[k].fisher, 0));
    }
  for (const engine of engines) engine.dispose();
  const [one, two] = times;
  const bound = median(one.all) / Math.max(median(two.host), median(two.all) / 2);
  console.log(
    row(
      [
        `${widths.join('-')}, ${name}`,
        least(one.clock),
        least(two.clock),
        least(one.clock) / least(two.clock),
        median(one.clock) / median(two.clock),
        median(one.all),
        median(two.all),
        median(two.host),
        bound,
      ],
      26,
      9,
    ),
  );
}

console.log(`${machine()}; ${examples} examples, batches of 256, ${rounds} rounds in turn\n`);
console.log(row(['ms', 'one', 'two', 'ratio', 'medians', 'cpu one', 'cpu two', 'host', 'allowed'], 26, 9));
for (const name of ['ort', 'small'] as const)
  for (const widths of [
    [784, 128, 128, 10],
    [20, 64, 64, 10],
  ])
    await compare(name, widths);
