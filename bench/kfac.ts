/**
 * @module bench/kfac
 *
 * What Kronecker factors and EKFAC scales cost, with and without errors: 784-128-128-10 (ReLU, softmax), batch 256, float32, one thread.
 *
 *     npx vite-node bench/kfac.ts [rounds] [--peers]
 *
 * `factors` is everything that an estimate does with a batch: the derived graph, the likelihood in between, the float64 moments. The same by
 * BackPACK, NNGeometry and ASDL, in turns with fim: `--peers`. The floor is F/R: the work of the matrix products at the rate R of
 * ONNX Runtime's products in the same run.
 */
import process from 'node:process';
import { UniformStream } from '../src/core/random.js';
import { createOrtEngine, createSmallEngine, type Engine } from '../src/engine/index.js';
import type { Estimator } from '../src/fisher/estimate.js';
import { ESTIMATORS } from '../src/fisher/estimators/table.js';
import { accumulateLayers } from '../src/fisher/forms/layers/accumulation.js';
import { basesOf } from '../src/fisher/forms/layers/basis.js';
import { estimateLayers, planLayers } from '../src/fisher/forms/layers/layers.js';
import type { LayerForm } from '../src/fisher/forms/layers/items.js';
import { type Job, Worker } from '../src/fisher/loop.js';
import { DEFAULT_BUDGET } from '../src/fisher/memory.js';
import { symmetricEigen } from '../src/linalg/index.js';
import { getLikelihood } from '../src/likelihood/registry.js';
import { rootFor } from '../src/likelihood/roots/index.js';
import { N, network, SEED, WIDTHS, x } from './tools/digits-network.js';
import { interleaved, machine, rounds, row, type Task } from './tools/measure.js';
import { bestPeer, openPeers } from './tools/peers.js';
import { bestRate, products } from './tools/rate.js';

const ROUNDS = rounds(40);
const K = WIDTHS[3];
const likelihood = getLikelihood('categorical');
const batch = {
  n: N,
  indices: Uint32Array.from({ length: N }, (_, i) => i),
  occurrence: new Uint32Array(N),
  inputs: new Map([['x', x]]),
};

const edges = 784 * 128 + 128 * 128 + 128 * 10;
const inner = 785 ** 2 + 129 ** 2 + 129 ** 2;
const outer = 128 ** 2 + 128 ** 2 + 10 ** 2;
/** Operations of the products, term by term. */
const forward = 2 * N * edges;
const column = 2 * N * (10 * 128 + 128 * 128);
const WORK = {
  exact: forward + K * column + 2 * N * inner + 2 * N * K * outer,
  label: forward + column + 2 * N * inner + 2 * N * outer,
  exactErrors: forward + K * column + 4 * N * inner + 2 * N * K * outer,
  scale: forward + K * column + 2 * N * (inner + K * outer + 785 * 128 + 129 * 128 + 129 * 10),
};

interface Row {
  readonly title: string;
  readonly estimator: Estimator;
  readonly form: LayerForm;
  readonly errors: boolean;
  readonly flops: number;
  /** What others have to set against it. */
  readonly peer?: string;
}

const ROWS: Readonly<Record<string, Row>> = {
  exact: {
    title: 'kfac, exact',
    estimator: 'exact',
    form: 'kfac',
    errors: false,
    flops: WORK.exact,
    peer: 'exact',
  },
  exactErrors: {
    title: 'kfac, exact, errors of data',
    estimator: 'exact',
    form: 'kfac',
    errors: true,
    flops: WORK.exactErrors,
  },
  label: {
    title: 'kfac, one label',
    estimator: 'type1',
    form: 'kfac',
    errors: false,
    flops: WORK.label,
    peer: 'one label',
  },
  scale: {
    title: 'ekfac, scales in given bases',
    estimator: 'exact',
    form: 'ekfac',
    errors: false,
    flops: WORK.scale,
    peer: 'ekfac, scales in given bases',
  },
};

const { layers, arrays } = await estimateLayers(createSmallEngine(), network, likelihood, () => [batch], {
  estimator: 'exact',
  populationSize: N,
  formOf: () => 'ekfac',
  errors: false,
});
const bases = basesOf({ layers, arrays });

async function prepare(engine: Engine, { estimator, form, errors }: Row): Promise<Task> {
  const job: Job = {
    ...{ engine, network, likelihood, estimator: ESTIMATORS[estimator] },
    error: estimator === 'exact' ? 'none' : 'sampled',
    draws: estimator === 'exact' ? 0 : 1,
    stream: new UniformStream(SEED, `bench/${estimator}`),
    root: rootFor(likelihood, K),
    ...{ exactPairs: 0, targets: null, batch: N, budget: DEFAULT_BUDGET, doubts: [] },
  };
  const given = form === 'ekfac' ? bases : null;
  const { items } = planLayers(network, {
    estimator,
    populationSize: N,
    formOf: () => form,
    ...(given ? { bases: given } : {}),
  });
  const worker = await Worker.prepare(
    { job, forms: [accumulateLayers(job, { items, sharing: 'expand', bases: given, errors })] },
    1,
  );
  return () => worker.add(batch, 0, {});
}

const engines = { ort: await createOrtEngine(), small: createSmallEngine() };
const peers = process.argv.includes('--peers') ? await openPeers('kfac') : null;
const tasks: Record<string, Task> = { ...(await products(engines.ort)), ...peers?.tasks };
for (const [key, spec] of Object.entries(ROWS))
  for (const [name, engine] of Object.entries(engines)) tasks[`${key}/${name}`] = await prepare(engine, spec);

// The same twice with the eigenvectors of all factors in between.
const factors = await estimateLayers(createSmallEngine(), network, likelihood, () => [batch], {
  estimator: 'exact',
  populationSize: N,
  formOf: () => 'kfac',
  errors: false,
});
const eigenvectors = () =>
  factors.arrays.forEach(({ shape: [d], value }) => symmetricEigen(Float64Array.from(value), d));
tasks['eigenvectors'] = eigenvectors;
tasks['whole'] = async () => {
  await tasks['exact/ort']();
  eigenvectors();
  await tasks['scale/ort']();
};

console.log(`${machine()}; medians of ${ROUNDS}, processor time`);
const times = await interleaved(tasks, ROUNDS, { warmup: 4 });
peers?.close();
const R = bestRate(times);
console.log(`784-128-128-10, batch ${N}, float32, one thread; R = ${R.toFixed(1)} GFLOP/s\n`);
console.log(row(['ms', 'MFLOP', 'F/R', 'ort', '/(F/R)', 'small', '/(F/R)', 'peer', '/peer'], 32, 8));
for (const [key, { title, flops, peer: task }] of Object.entries(ROWS)) {
  const floor = flops / R / 1e6;
  const [ort, small] = ['ort', 'small'].map((name) => times[`${key}/${name}`].median);
  const peer = peers && task && bestPeer(times, peers, task);
  console.log(
    row(
      [
        title,
        (flops / 1e6).toFixed(0),
        floor.toFixed(2),
        ort.toFixed(2),
        (ort / floor).toFixed(2),
        small.toFixed(2),
        (small / floor).toFixed(2),
        ...(peer ? [peer.median, ort / peer.median] : ['–', '–']),
      ],
      32,
      8,
    ),
  );
}
const whole = peers && bestPeer(times, peers, 'ekfac, whole');
console.log(
  row(
    [
      'ekfac, whole: factors, eigenvectors, scales',
      times.whole.median,
      ...(whole ? [whole.median, times.whole.median / whole.median] : []),
    ],
    44,
    8,
  ),
);
console.log(row(['of which eigenvectors', times.eigenvectors.median], 44, 8));
for (const key of Object.keys(peers?.tasks ?? {}))
  console.log(row([key, times[key].median, times[key].least], 44, 8));
for (const engine of Object.values(engines)) engine.dispose();
