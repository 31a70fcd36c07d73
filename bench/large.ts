/**
 * @module bench/large
 *
 * Memory and seconds of large networks inside a stated bound: growth of a process, and seconds an example; float32, ONNX Runtime with one
 * thread, each row in a process of its own.
 *
 *     npx vite-node bench/large.ts [NETWORK…] [--memory 2GB] [--examples 8] [--row exact|errors|label|both]
 *
 * Growth is of the peak resident memory over what the process held with the network read and ONNX Runtime loaded. Rows: `exact` and
 * `label` are the values of ten classes and of one label with the data error, `both` one label with both errors.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { bytesOfText, bytesText } from '../src/core/settings/bytes.js';
import { batches } from '../src/data/batches.js';
import { makeDataset } from '../src/data/dataset.js';
import { createOrtEngine } from '../src/engine/index.js';
import { estimateDiagonal } from '../src/fisher/diagonal.js';
import type { DiagonalOptions } from '../src/fisher/options.js';
import { machine, row } from './tools/measure.js';
import { examplesOf, openShared, SHARED_NETWORKS } from './tools/shared-networks.js';

const ROWS: Readonly<Record<string, Pick<DiagonalOptions, 'estimator' | 'error' | 'labels'>>> = {
  exact: { estimator: 'exact' },
  label: { estimator: 'type1', labels: 1, error: 'sampled' },
  both: { estimator: 'type1', labels: 1, error: 'closed-form' },
};

const words = process.argv.slice(2);
const after = (flag: string): string | undefined => words[words.indexOf(flag) + 1 || words.length];
const memory = bytesOfText(after('--memory') ?? '2GB') as number;
const n = Number(after('--examples') ?? 8);
const HEAD = ['MB', 'growth, MB', 's/example', 'trace'];

/** One row, in this process. */
async function measured(which: string, name: string): Promise<string> {
  const { network, likelihood } = openShared(which);
  const engine = await createOrtEngine();
  const { data, shape } = examplesOf(which, n);
  const dataset = makeDataset({
    source: which,
    inputs: new Map([['x', { dtype: 'float32' as const, shape, data }]]),
  });
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const began = process.hrtime.bigint();
  const { trace } = await estimateDiagonal(
    engine,
    network,
    likelihood,
    (batch, dtype) => batches(dataset, { batch, dtype }),
    { ...ROWS[name], memory, populationSize: n },
  );
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const peak = 1024 * process.resourceUsage().maxRSS;
  return row([`${which}, ${name}`, peak / 1e6, (peak - before) / 1e6, seconds / n, trace.value], 24);
}

if (words.includes('--row')) console.log(await measured(words[0], after('--row') as string));
else {
  const chosen = words.filter((w) => w in SHARED_NETWORKS);
  console.log(`${bytesText(memory)}, ${n} examples; ${machine()}`);
  console.log(row(['', ...HEAD], 24));
  for (const which of chosen.length > 0 ? chosen : ['lenet', 'resnet18', 'transformer6'])
    for (const name of Object.keys(ROWS)) {
      const own = [process.argv[1], fileURLToPath(import.meta.url), which, '--row', name];
      const { stdout, stderr, status } = spawnSync(
        process.execPath,
        ['--expose-gc', ...process.execArgv, ...own, '--memory', `${memory}`, '--examples', `${n}`],
        { encoding: 'utf8' },
      );
      process.stdout.write(
        status === 0 ? stdout : `${which}, ${name}: ${stderr.trim().split('\n').at(-1) ?? ''}\n`,
      );
    }
}
