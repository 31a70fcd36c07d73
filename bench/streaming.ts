/**
 * @module bench/streaming
 *
 * Memory and rows per second of estimates from files that are read by rows, beside reading alone; each row in a process of its own, float32,
 * one thread, the exact diagonal in the order of the file (last row: of the seed).
 *
 *     npx vite-node bench/streaming.ts [FOLDER] [--rows 10000000]
 *
 * Files of `--rows` and of a hundredth of them, 20 numbers each, are made in FOLDER, and one of 10 GB, rows of 784 numbers, which is gone
 * through with a budget of 2 GB. Rows per second are of processor time; peak is the resident memory of the whole process until the estimate
 * is done, the sources' translation at its start included; the pass that only reads comes after it.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { batches } from '../src/data/batches.js';
import { formatNpy } from '../src/data/npy.js';
import { loadDataset } from '../src/disk/index.js';
import { runEstimate } from '../src/jobs/estimate.js';
import { openEngine } from '../src/jobs/open/index.js';
import { getLikelihood } from '../src/likelihood/registry.js';
import { denseNetwork } from '../src/model/dense.js';
import { machine, row } from './tools/measure.js';

const SMALL = [20, 16, 3];
const WIDE = [784, 16, 10];
const BATCH = 256;
const HEAD = ['rows', 'MB of file', 'peak, MB', 'rows/s', 'reading/s'];

const after = (flag: string): string | undefined =>
  process.argv.includes(flag) ? process.argv[process.argv.indexOf(flag) + 1] : undefined;

/** Seconds of processor time so far. */
const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** One row, in this process. */
async function measured(path: string, widths: readonly number[], order: 'file' | 'seed'): Promise<string> {
  const memory = widths === WIDE ? 2e9 : undefined;
  const dataset = loadDataset(path, { inputs: [{ name: 'x', dtype: 'float32', shape: [widths[0]] }] });
  const network = denseNetwork({ widths, activation: 'tanh', seed: 1 });
  const likelihood = getLikelihood('categorical');
  const { engine } = await openEngine(network, likelihood, { batch: BATCH });
  const began = processorSeconds();
  await runEstimate(
    { engine, network, likelihood, dataset, targets: null },
    { estimator: 'exact', order, batch: BATCH, memory, visits: 'uniform' },
    {},
  );
  const estimated = processorSeconds();
  const peak = (1024 * process.resourceUsage().maxRSS) / 1e6;
  let sum = 0;
  for (const { inputs } of batches(dataset, { batch: BATCH, dtype: 'float32', order }))
    for (const { data } of inputs.values()) sum += Number(data[0]);
  const read = processorSeconds();
  if (!Number.isFinite(sum)) throw new Error('numbers that are not finite');
  const size = dataset.reading?.size ?? dataset.n * widths[0] * 4;
  const { n } = dataset;
  return row(
    [`${order}, ${widths.join('-')}`, n, size / 1e6, peak, n / (estimated - began), n / (read - estimated)],
    24,
  );
}

/** A file of rows of numbers, the same ten thousand over and over. */
function make(path: string, rows: number, width: number): string {
  const handle = openSync(path, 'w');
  const block = Float32Array.from({ length: 10_000 * width }, (_, i) => Math.sin(i * 1.7));
  writeSync(handle, formatNpy({ dtype: 'float32', shape: [rows, width], data: new Float32Array(0) }));
  for (let at = 0; at < rows; at += 10_000) {
    const some = block.subarray(0, Math.min(10_000, rows - at) * width);
    for (let done = 0; done < some.byteLength;) {
      done += writeSync(handle, some, done, some.byteLength - done);
    }
  }
  closeSync(handle);
  return path;
}

const task = after('--row');
if (task !== undefined) {
  const [path, width, order] = task.split(',') as [string, string, 'file' | 'seed'];
  console.log(await measured(path, Number(width) === WIDE[0] ? WIDE : SMALL, order));
} else {
  const folder = mkdtempSync(
    join(process.argv[2]?.startsWith('-') === false ? process.argv[2] : tmpdir(), 'fim-'),
  );
  try {
    const rows = Number(after('--rows') ?? 1e7);
    const few = make(join(folder, 'few.npy'), rows / 100, SMALL[0]);
    const many = make(join(folder, 'many.npy'), rows, SMALL[0]);
    const wide = make(join(folder, 'wide.npy'), Math.floor(1e10 / (4 * WIDE[0])), WIDE[0]);
    console.log(machine());
    console.log(row(['', ...HEAD], 24));
    for (const [path, width, order] of [
      [few, SMALL[0], 'file'],
      [many, SMALL[0], 'file'],
      [wide, WIDE[0], 'file'],
      [many, SMALL[0], 'seed'],
    ] as const) {
      const words = [fileURLToPath(import.meta.url), '--row', [path, width, order].join(',')];
      const { status, signal } = spawnSync('npx', ['vite-node', ...words], { stdio: 'inherit' });
      if (status !== 0)
        console.log(`${order}, ${width} numbers: ended by ${signal ?? `status ${String(status)}`}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
