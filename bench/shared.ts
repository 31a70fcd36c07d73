/**
 * @module bench/shared
 *
 * Seconds and memory of the diagonal for weights that meet many positions: LeNet, three convolutions, transformers, a ResNet-18; float32, one thread.
 *
 *     npx vite-node bench/shared.ts [lenet|cifar|transformer|transformer6|resnet18] [rounds] [--memory MB] [--peers] [--nodes ROW]
 *
 * Times are of one batch as an estimate takes it: forward, columns, statistics, sums merged. The floor F/R is the arithmetic of the products
 * alone (forward; each column's way back; its score at every weight, 2·positions·in·out; no sums) at the better rate R of ONNX Runtime's
 * products in the same run. `--peers`: BackPACK, NNGeometry and bare torch take turns with fim (bench/tools/peers), and the bar of a row is
 * 1.2 × the best of them or 1.5 × the floor, whichever is more; with both errors, which none of them has, twice the more of the bars of its
 * parts. Peak memory is the process's, so that each network has a process of its own. `--nodes` says where ONNX Runtime spends it.
 */
import process from 'node:process';
import { UniformStream } from '../src/core/random.js';
import { createOrtEngine, type Engine } from '../src/engine/index.js';
import type { ErrorSource, Estimator } from '../src/fisher/estimate.js';
import { ESTIMATORS } from '../src/fisher/estimators/table.js';
import { accumulateDiagonal } from '../src/fisher/forms/diagonal/accumulation.js';
import { groupsOf } from '../src/fisher/forms/diagonal/groups.js';
import type { PassPlan } from '../src/fisher/forms/diagonal/plan.js';
import { type Job, Worker } from '../src/fisher/loop.js';
import { budgetOf } from '../src/fisher/memory.js';
import { shapesOf } from '../src/fisher/network-shapes.js';
import { rootFor } from '../src/likelihood/roots/index.js';
import { interleaved, machine, row, type Task } from './tools/measure.js';
import { bestPeer, openPeers } from './tools/peers.js';
import { profiled } from './tools/profile.js';
import { bestRate, products } from './tools/rate.js';
import { examplesOf, openShared, SHARED_NETWORKS } from './tools/shared-networks.js';

const words = process.argv.slice(2);
const which = words.find((w) => w in SHARED_NETWORKS) ?? 'lenet';
const ROUNDS = Number(words.find((w) => /^\d+$/.test(w)) ?? 5);
const asked = words.includes('--memory') ? Number(words[words.indexOf('--memory') + 1]) * 1e6 : undefined;

const { network, likelihood } = openShared(which);
const { title, batch: n } = SHARED_NETWORKS[which];
const T = network.h.shape[1] as number;
const x = examplesOf(which, n);

interface Row {
  readonly title: string;
  readonly estimator: Estimator;
  readonly error: ErrorSource;
  readonly plan?: PassPlan;
  /** Columns that are taken back. */
  readonly columns: number;
  /** What others have to set against it. */
  readonly peer: 'exact' | 'one label' | null;
}

const bare = (columns: number): PassPlan => ({
  value: { spec: { columns, squares: false, label: null, totals: null }, law: 'none' },
  spread: null,
});

const ROWS: readonly Row[] = [
  { title: 'exact', estimator: 'exact', error: 'none', plan: bare(T), columns: T, peer: 'exact' },
  { title: 'exact, data errors', estimator: 'exact', error: 'none', columns: T, peer: 'exact' },
  { title: 'one label', estimator: 'type1', error: 'none', plan: bare(1), columns: 1, peer: 'one label' },
  { title: 'one label, both errors', estimator: 'type1', error: 'closed-form', columns: T + 1, peer: null },
];

async function prepare(engine: Engine, { estimator, error, plan }: Row): Promise<Task> {
  const job: Job = {
    engine,
    network,
    likelihood,
    estimator: ESTIMATORS[estimator],
    error,
    draws: estimator === 'exact' ? 0 : 1,
    stream: new UniformStream(1, `bench/${estimator}`),
    root: rootFor(likelihood, T),
    exactPairs: 0,
    targets: null,
    batch: n,
    budget: budgetOf(network, asked),
    doubts: [],
  };
  const form = accumulateDiagonal(job, { groups: groupsOf(network), ...(plan ? { plan } : {}) });
  const worker = await Worker.prepare({ job, forms: [form] }, 1);
  const { batch } = worker;
  const width = x.data.length / n;
  return async () => {
    for (let from = 0; from < n; from += batch) {
      const count = Math.min(batch, n - from);
      const part = x.data.subarray(from * width, (from + count) * width);
      const examples = {
        n: count,
        indices: Uint32Array.from({ length: count }, (_, i) => from + i),
        occurrence: new Uint32Array(count),
        inputs: new Map([
          ['x', { dtype: 'float32' as const, shape: [count, ...x.shape.slice(1)], data: part }],
        ]),
      };
      await worker.add(examples, 0, {});
    }
  };
}

/** Operations of the products for one example: forward, a column's way back, its scores. */
const { forward, backward, parameters } = shapesOf(network);
const floorOf = (columns: number) => n * (forward.products + columns * backward.products);

const ort = await createOrtEngine();
if (words.includes('--nodes')) {
  const { module, stop } = profiled();
  const engine = await createOrtEngine({ module });
  const task = await prepare(engine, ROWS[Number(words[words.indexOf('--nodes') + 1] ?? 1)]);
  for (let i = 0; i < 9; i++) await task();
  const nodes = stop().sort((a, c) => c.us - a.us);
  const total = nodes.reduce((sum, { us }) => sum + us, 0);
  const byOp = new Map<string, number>();
  for (const { op, us } of nodes) byOp.set(op, (byOp.get(op) ?? 0) + us);
  console.log(`all nodes ${(total / 1e3).toFixed(1)} ms`);
  for (const [op, us] of [...byOp].sort((a, c) => c[1] - a[1]).slice(0, 16))
    console.log(row([op, us / 1e3], 24));
  for (const { op, us, shapes } of nodes.slice(0, 40))
    console.log(`${(us / 1e3).toFixed(2)} ms  ${op}  ${shapes}`);
} else {
  const peers = words.includes('--peers') ? await openPeers('shared', which) : null;
  const tasks: Record<string, Task> = { ...(await products(ort)), ...peers?.tasks };
  for (const r of ROWS) tasks[r.title] = await prepare(ort, r);
  const times = await interleaved(tasks, ROUNDS, { warmup: 3 });
  peers?.close();
  const R = bestRate(times);
  const bars = new Map<string, number>();
  console.log(`${title}: ${parameters} parameters, batch ${n}; ${machine()}; R = ${R.toFixed(1)} GFLOP/s`);
  console.log(row(['', 'ms', 'least', 'floor', '× floor', 'best peer', '× peer', '× bar'], 26));
  for (const { title: name, columns, peer: task } of ROWS) {
    const floor = floorOf(columns) / R / 1e6;
    const { median, least } = times[name];
    const peer = peers && task && bestPeer(times, peers, task);
    const own = Math.max(1.5 * floor, 1.2 * (peer?.median ?? 0));
    const bar = task === null ? 2 * Math.max(own, bars.get('exact') as number) : own;
    bars.set(name, bar);
    const beside = peer ? [peer.median, median / peer.median] : ['–', '–'];
    console.log(row([name, median, least, floor, median / floor, ...beside, median / bar], 26));
  }
  for (const key of Object.keys(peers?.tasks ?? {}))
    console.log(row([key, times[key].median, times[key].least], 26));
  console.log(`peak memory ${(process.resourceUsage().maxRSS / 1e3).toFixed(0)} MB`);
}
