/**
 * @module bench/diagonal
 *
 * What a diagonal Fisher costs, with and without its error bars: 784-128-128-10 (ReLU, softmax), batch 256, float32, one thread.
 *
 *     npx vite-node bench/diagonal.ts [rounds] [--peers] [--row KEY …]
 *
 * `fim` is one batch from x to its sums: both halves of the derived graph, with the likelihood in between. `merged` is everything that an
 * estimate does with a batch: also the running float64 moments of every parameter, and the totals. Beside them a graph written by hand
 * for this one network (bench/baselines/byHand) from x to the same sums, whose numbers must be the same. The floor is F/R: the work of
 * the matrix products alone at the rate R of ONNX Runtime's products here. `--peers`: BackPACK, NNGeometry and bare torch take turns with them.
 * `--row bare`: that row alone, since the results of many rows in one process are what its collector passes over.
 */
import process from 'node:process';
import { UniformStream } from '../src/core/random.js';
import type { Tensor } from '../src/core/tensor.js';
import { createOrtEngine, createSmallEngine, type Engine } from '../src/engine/index.js';
import type { ColumnSource } from '../src/fisher/columns.js';
import type { Estimator } from '../src/fisher/estimate.js';
import { exactColumns } from '../src/fisher/estimators/exact.js';
import { ESTIMATORS } from '../src/fisher/estimators/table.js';
import { accumulateDiagonal } from '../src/fisher/forms/diagonal/accumulation.js';
import { groupsOf } from '../src/fisher/forms/diagonal/groups.js';
import { planPass } from '../src/fisher/forms/diagonal/pass.js';
import { type PassPlan, planPasses } from '../src/fisher/forms/diagonal/plan.js';
import type { DiagonalSums } from '../src/fisher/forms/diagonal/sums.js';
import { columnsOf, type Job, Worker } from '../src/fisher/loop.js';
import { DEFAULT_BUDGET } from '../src/fisher/memory.js';
import { type BackwardGraph, Passes } from '../src/fisher/passes.js';
import { outputs } from '../src/likelihood/batch.js';
import { getLikelihood } from '../src/likelihood/registry.js';
import { rootFor } from '../src/likelihood/roots/index.js';
import { byHand, type ByHand } from './baselines/by-hand.js';
import { N, network, SEED, WIDTHS, x } from './tools/digits-network.js';
import { assertAgree, interleaved, machine, rounds, row, type Task } from './tools/measure.js';
import { openPeers } from './tools/peers.js';
import { type NodeTime, profiled } from './tools/profile.js';
import { bestRate, products, productName, SIZES } from './tools/rate.js';

const K = WIDTHS[3];
const ROUNDS = rounds(60);

/** Floating-point operations of the matrix products, term by term. */
const edges = 784 * 128 + 128 * 128 + 128 * 10;
const FLOPS = {
  /** h = W₃φ(W₂φ(W₁x)). */
  forward: 2 * N * edges,
  /** Cotangents of one column per example, back through W₃ and W₂ (to the outputs of layers 2 and 1). */
  column: 2 * N * (10 * 128 + 128 * 128),
  /** One sum over examples Σ t ⊗ a² or Σ t ⊗ a⁴ of every weight. */
  sum: 2 * N * edges,
};
const bare = FLOPS.forward + K * FLOPS.column + FLOPS.sum; // 211 MFLOP
const WORK = {
  bare,
  data: bare + FLOPS.sum, // Σ f²: 272 MFLOP
  both: bare + 2 * FLOPS.sum, // Σ f² and Σ v: 332 MFLOP
  draw: FLOPS.forward + FLOPS.column + FLOPS.sum, // 130 MFLOP
  drawAndBoth: bare + FLOPS.column + 3 * FLOPS.sum, // the draw's own column and Σ f, Σ f² and Σ v: 402 MFLOP
};
/** Most that the exact diagonal with both error parts may take, in units of its F/R. */
const BAR = 1.75;

const likelihood = getLikelihood('categorical');
const batch = {
  n: N,
  indices: Uint32Array.from({ length: N }, (_, i) => i),
  occurrence: new Uint32Array(N),
  inputs: new Map<string, Tensor>([['x', x]]),
};

interface Row {
  readonly title: string;
  readonly estimator: Estimator;
  readonly passes: PassPlan;
  readonly flops: number;
  readonly hand: ByHand | null;
}

const exactly = (squares: boolean, label: boolean): PassPlan => ({
  value: {
    spec: { columns: K, squares, label: label ? 'enumerated' : null, totals: squares ? 'norms' : null },
    law: label ? 'enumerated' : 'none',
  },
  spread: null,
});
const oneDraw: PassPlan = {
  value: { spec: { columns: 1, squares: false, label: null, totals: null }, law: 'none' },
  spread: null,
};
const root = rootFor(likelihood, K);
/** That the graph written by hand draws its signs on. */
const classRoot = rootFor(likelihood, K, 'class');
const request = { likelihood, outputs: K, draws: 1, root, exactPairs: 0 };
const withErrors = (e: Estimator) => planPasses(ESTIMATORS[e], 'closed-form', request);

const ROWS: Readonly<Record<string, Row>> = {
  bare: {
    title: 'exact',
    estimator: 'exact',
    passes: exactly(false, false),
    flops: WORK.bare,
    hand: 'exact',
  },
  data: {
    title: 'exact, data error',
    estimator: 'exact',
    passes: exactly(true, false),
    flops: WORK.data,
    hand: 'data',
  },
  both: {
    title: 'exact, data error and variance of one label',
    estimator: 'exact',
    passes: exactly(true, true),
    flops: WORK.both,
    hand: 'both',
  },
  label: { title: 'one label', estimator: 'type1', passes: oneDraw, flops: WORK.draw, hand: 'label' },
  labelErrors: {
    title: 'one label, both errors in closed form',
    estimator: 'type1',
    passes: withErrors('type1'),
    flops: WORK.drawAndBoth,
    hand: null,
  },
  signs: { title: 'Rademacher', estimator: 'rademacher', passes: oneDraw, flops: WORK.draw, hand: 'signs' },
  signErrors: {
    title: 'Rademacher, both errors in closed form',
    estimator: 'rademacher',
    passes: withErrors('rademacher'),
    flops: WORK.drawAndBoth,
    hand: null,
  },
};

const streamOf = (estimator: Estimator) => new UniformStream(SEED, `bench/${estimator}`);

/** One batch from x to its sums, nothing merged. */
async function sumsOf(engine: Engine, row: Row): Promise<Task> {
  const { value, spread } = row.passes;
  const plan = (name: string, { spec }: PassPlan['value'], source: ColumnSource) =>
    planPass(name, network, spec, source, spec.columns);
  const planned = [
    plan('value', value, columnsOf(jobOf(engine, row))),
    ...(spread ? [plan('spread', spread, exactColumns(likelihood, K))] : []),
  ];
  const graphs = Object.assign({}, ...planned.map((p) => p.graphs)) as Record<string, BackwardGraph>;
  const programs = await Passes.compile(engine, network, graphs, N);
  const data = new Map([['x', x.data]]);
  return async () => {
    const h = outputs(await programs.forward(data, N), N, K);
    for (const pass of planned) await pass.run(programs, { ...batch, h });
  };
}

const jobOf = (engine: Engine, { estimator, hand }: Row): Job => ({
  engine,
  network,
  likelihood,
  estimator: ESTIMATORS[estimator],
  error: estimator === 'exact' ? 'none' : 'closed-form',
  draws: estimator === 'exact' ? 0 : 1,
  stream: streamOf(estimator),
  root: hand === 'signs' ? classRoot : root,
  exactPairs: 0,
  targets: null,
  batch: N,
  budget: DEFAULT_BUDGET,
  doubts: [],
});

/** The loop's worker on one batch, and its sums. */
async function prepare(
  engine: Engine,
  row: Row,
): Promise<{ add(): Promise<unknown>; dispose(): void; readonly sums: DiagonalSums }> {
  const job = jobOf(engine, row);
  const form = accumulateDiagonal(job, { groups: groupsOf(network), plan: row.passes });
  const worker = await Worker.prepare({ job, forms: [form] }, 1);
  return {
    add: () => worker.add(batch, 0, {}),
    dispose: () => worker.dispose(),
    sums: form.sums[0],
  };
}

/** The same random numbers as the library draws, for the graph written by hand. */
function randomOf(kind: ByHand): Float32Array | null {
  if (kind === 'label') {
    const stream = streamOf('type1');
    return Float32Array.from({ length: N }, (_, i) => stream.at(i, 0, 0, 0));
  }
  if (kind !== 'signs') return null;
  const stream = streamOf('rademacher');
  const signs = new Float64Array(N * K);
  for (let i = 0; i < N; i++) stream.fill(signs, i * K, K, i, 0, 0);
  return Float32Array.from(signs, (u) => (u > 0.5 ? 1 : -1));
}

/** Sums of the library after one batch against those written by hand. */
function check(title: string, work: DiagonalSums, got: Readonly<Record<string, { data: unknown }>>): void {
  for (const [name, sums] of work.value.tensors) {
    const f = got[`f/${name}`].data as Float32Array;
    assertAgree(
      `${title}: ${name}`,
      sums.f.mean,
      Float64Array.from(f, (s) => s / N),
      1e-5,
    );
    const fourth = got[`f2/${name}`]?.data as Float32Array | undefined;
    if (!fourth) continue;
    const squares = sums.f.m2.map((m2, i) => m2 + N * sums.f.mean[i] ** 2);
    assertAgree(`${title}: squares of ${name}`, squares, fourth.subarray(0, f.length), 1e-5);
    if (fourth.length > f.length) {
      assertAgree(`${title}: label variance of ${name}`, sums.label, fourth.subarray(f.length), 1e-5);
    }
  }
}

const ort = await createOrtEngine();
const small = createSmallEngine();
const peers = process.argv.includes('--peers') ? await openPeers('diagonal') : null;
const tasks: Record<string, Task> = { ...(await products(ort)), ...peers?.tasks };
const ASKED = process.argv.flatMap((word, i) => (word === '--row' ? [process.argv[i + 1]] : []));
const rows = Object.entries(ROWS).filter(([key]) => ASKED.length === 0 || ASKED.includes(key));
for (const [key, spec] of rows) {
  const [onOrt, onSmall] = [await prepare(ort, spec), await prepare(small, spec)];
  await onOrt.add();
  await onSmall.add();
  tasks[`${key}/ort`] = await sumsOf(ort, spec);
  tasks[`${key}/merged`] = () => onOrt.add();
  tasks[`${key}/small`] = await sumsOf(small, spec);
  if (!spec.hand) continue;
  const hand = await byHand(spec.hand, network, x.data, N, randomOf(spec.hand));
  const sums = await hand.run();
  check(`${spec.title}, ONNX Runtime`, onOrt.sums, sums);
  check(`${spec.title}, small engine`, onSmall.sums, sums);
  tasks[`${key}/hand`] = () => hand.run();
}

console.log(`${machine()}; ${ort.build}; small engine ${small.build}; medians of ${ROUNDS}, processor time`);
console.log(`784-128-128-10, batch ${N}, float32, one thread; same numbers as by hand to 1e-5\n`);
const times = await interleaved(tasks, ROUNDS, { again: true });
peers?.close();
const R = bestRate(times);
for (const size of SIZES) {
  const t = times[productName(size)];
  const rate = (ms: number) => (2 * size[0] * size[1] * size[2]) / ms / 1e6;
  console.log(
    `${productName(size)}: ${rate(t.median).toFixed(1)} GFLOP/s (at best ${rate(t.least).toFixed(1)})`,
  );
}
console.log(`R = ${R.toFixed(1)} GFLOP/s\n`);
console.log(
  row(
    ['ms', 'MFLOP', 'F/R', 'by hand', 'fim', '/hand', '/(F/R)', 'merged', '/(F/R)', 'small', '/(F/R)'],
    46,
    8,
  ),
);
for (const [key, { title, flops }] of rows) {
  const floor = flops / R / 1e6;
  const fim = times[`${key}/ort`].median;
  const hand = times[`${key}/hand`]?.median;
  const merged = times[`${key}/merged`].median;
  const other = times[`${key}/small`].median;
  console.log(
    row(
      [
        title,
        (flops / 1e6).toFixed(0),
        floor,
        hand ?? '–',
        fim,
        hand ? fim / hand : '–',
        fim / floor,
        merged,
        merged / floor,
        other,
        other / floor,
      ],
      46,
      8,
    ),
  );
}
for (const key of Object.keys(peers?.tasks ?? {}))
  console.log(row([key, times[key].median, times[key].least], 46, 8));
const merged = (key: string, by: number): string => (times[`${key}/merged`].median / by).toFixed(2);
const has = (key: string): boolean => rows.some(([name]) => name === key);
if (has('bare')) console.log(`\nexact, merged: ${merged('bare', WORK.bare / R / 1e6)} × F/R, bar 1.45`);
if (has('signErrors'))
  console.log(
    `Rademacher with both errors, merged: ${merged('signErrors', times['signErrors/ort'].median)} × its sums, bar 1.5`,
  );
if (has('both')) {
  const ratio = (times['both/ort'].median * R * 1e6) / WORK.both;
  const least =
    ((times['both/ort'].least / times[productName(SIZES[0])].least) * (2 * N * 784 * 128)) / WORK.both;
  console.log(
    `both error parts, a batch's sums: ${ratio.toFixed(2)} × F/R by medians, ${least.toFixed(2)} × by the shortest times; bar ${BAR}: ${ratio <= BAR ? 'kept' : 'missed'}`,
  );
}
if (ASKED.length > 0) process.exit(0);

// ---- where the time goes ----
const p = profiled();
const watched = await createOrtEngine({ module: p.module });
const work = await prepare(watched, ROWS.both);
for (let i = 0; i < Math.max(50, ROUNDS); i++) await work.add();
const nodes = p.stop();
work.dispose();

/** 2 × the number of multiply-adds of a product. */
function flopsOf({ shapes }: NodeTime): number {
  const [a, b, out] = [...shapes.matchAll(/\[([\d,]*)\]/g)].map((m) => m[1].split(',').map(Number));
  const last = shapes
    .slice(shapes.lastIndexOf('[') + 1, -1)
    .split(',')
    .map(Number);
  const volume = (s: readonly number[]) => s.reduce((q, d) => q * d, 1);
  const stacks = a.length > 2 && b.length > 2 ? a[0] : 1;
  const result = out.length === last.length && shapes.endsWith(`→ [${out.join(',')}]`) ? out : last;
  return 2 * volume(result) * Math.sqrt((volume(a) * volume(b)) / volume(result) / stacks);
}

function kindOf(node: NodeTime): string {
  const columns = /\[256,10,128\]/.test(node.shapes);
  if (/Gemm|MatMul/.test(node.op)) {
    if (/^\[256,1,10\]/.test(node.shapes)) return 'contractions Σ_k w_k x_k';
    return flopsOf(node) >= 2e6 ? 'matrix products' : 'small products and sums over examples';
  }
  if (node.op === 'ReduceSum') return 'norms';
  return columns ? `${node.op} of [256, 10, 128]` : 'other elementwise';
}

const kinds = new Map<string, { us: number; count: number; flops: number }>();
for (const node of nodes) {
  const kind = kindOf(node);
  const sum = kinds.get(kind) ?? { us: 0, count: 0, flops: 0 };
  sum.us += node.us;
  sum.count += 1;
  if (kind === 'matrix products') sum.flops += flopsOf(node);
  kinds.set(kind, sum);
}
const total = nodes.reduce((s, n) => s + n.us, 0);
console.log(
  `\nboth error parts, inside ONNX Runtime: ${(total / 1e3).toFixed(2)} ms (its profiler, medians)`,
);
for (const [kind, { us, count, flops }] of [...kinds].sort((a, b) => b[1].us - a[1].us)) {
  const note =
    flops > 0 ? `   ${(flops / 1e6).toFixed(0)} MFLOP at ${(flops / us / 1e3).toFixed(0)} GFLOP/s` : '';
  console.log(`${row([kind, `${(us / 1e3).toFixed(2)} ms`, `${count} nodes`])}${note}`);
}
