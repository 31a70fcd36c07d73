/**
 * Do the errors of single entries cover? A small classifier of digits is trained, near-certain or mild; its exact diagonal over all images is
 * the truth. Estimates are repeated with fresh inputs, drawn with replacement, and fresh draws, or over all images with fresh draws alone.
 */
import { readFileSync } from 'node:fs';
import { Sequence } from '../../src/core/random.js';
import { tensor, type Tensor } from '../../src/core/tensor.js';
import { openArrays } from '../../src/data/arrays.js';
import { makeDataset } from '../../src/data/dataset.js';
import { createSmallEngine } from '../../src/engine/small/index.js';
import { type DiagonalOptions, estimateDiagonal } from '../../src/fisher/index.js';
import { fit } from '../../src/jobs/fit.js';
import { getLikelihood, type Likelihood } from '../../src/likelihood/index.js';
import { denseNetwork } from '../../src/model/dense.js';
import type { Network } from '../../src/model/network.js';
import { adam } from '../../src/optim/adam.js';
import { range, sourceOf } from './examples.js';

const SIDE = 7;
const FULL = 28;

/** The images of digits/digits.npz as means over 4×4 pixels, in [0, 1], and their labels. */
function digits(): { x: Tensor; y: Tensor } {
  const arrays = openArrays(
    new Uint8Array(readFileSync(new URL('../../digits/digits.npz', import.meta.url))),
    'digits.npz',
  );
  const pixels = arrays.get('train_x');
  const [n] = pixels.shape;
  const x = new Float64Array(n * SIDE * SIDE);
  for (let i = 0; i < pixels.data.length; i++) {
    const [e, row, column] = [Math.floor(i / FULL ** 2), Math.floor((i % FULL ** 2) / FULL), i % FULL];
    x[(e * SIDE + Math.floor(row / 4)) * SIDE + Math.floor(column / 4)] += Number(pixels.data[i]) / 15 / 16;
  }
  const y = Int32Array.from(arrays.get('train_y').data as Uint8Array);
  return { x: tensor('float64', [n, SIDE * SIDE], x), y: tensor('int32', [n], y) };
}

/** A network with its inputs, which stand for the population, and the truth over them by tensor. */
export interface Population {
  readonly network: Network;
  readonly likelihood: Likelihood;
  readonly x: Tensor;
  readonly truth: readonly Float64Array[];
}

/** tanh 49-20-16-10 after so many epochs of Adam. */
export async function trained(epochs: number): Promise<Population> {
  const { x, y } = digits();
  const likelihood = getLikelihood('categorical');
  const engine = createSmallEngine();
  const dataset = makeDataset({ source: 'digits', inputs: new Map([['x', x]]) });
  const start = denseNetwork({
    widths: [SIDE * SIDE, 20, 16, 10],
    activation: 'tanh',
    dtype: 'float64',
    seed: 2,
  });
  const data = { dataset, labels: likelihood.readTargets(y, x.shape[0], 10) };
  const { network } = await fit(engine, start, likelihood, data, data, {
    ...{ epochs, batch: 50, learningRate: 0.01, seed: 1 },
    optimiser: adam(),
  });
  const all = await estimateDiagonal(engine, network, likelihood, sourceOf(x), {
    estimator: 'exact',
    populationSize: x.shape[0],
  });
  engine.dispose();
  return { network, likelihood, x, truth: all.tensors.map((t) => t.fisher) };
}

/** What is repeated; n null: all inputs, which are then the population. */
export interface Repeated extends Pick<DiagonalOptions, 'estimator' | 'labels' | 'error' | 'exactPairs'> {
  readonly n: number | null;
  readonly repeats: number;
}

export interface EntryCoverage {
  /** Mean over entries and repeats of whether value ± 1.96 SE holds the truth. */
  readonly covered: number;
  /** The same by √(label² + data²), where both are known. */
  readonly plain: number;
  /** Share of entries that are more than eight SE off. */
  readonly beyond: number;
  /** Entries with an SE of 0. */
  readonly zeros: number;
  /** What the last estimate expects of labels off the mode, and all on average of this coverage. */
  readonly offMode: number | null;
  readonly expected: number;
}

/** Measured over `repeats` estimates. */
export async function entryCoverage(
  of: Population,
  { n, repeats, ...asked }: Repeated,
): Promise<EntryCoverage> {
  const { network, likelihood, x, truth } = of;
  const N = x.shape[0];
  const engine = createSmallEngine();
  const rng = new Sequence(7, `entry coverage/${JSON.stringify([n, asked])}`);
  const sum = { covered: 0, plain: 0, beyond: 0, zeros: 0, entries: 0, expected: 0 };
  let offMode: number | null = null;
  for (let r = 0; r < repeats; r++) {
    const order = n === null ? range(N) : Array.from({ length: n }, () => Math.floor(rng.next() * N));
    const e = await estimateDiagonal(engine, network, likelihood, sourceOf(x, order), {
      ...asked,
      ...{ populationSize: N, population: n === null ? 'data' : 'distribution', seed: r, batch: 512 },
    });
    ({ offModeLabels: offMode } = e);
    sum.expected += (e.entries.expectedCoverage ?? NaN) / repeats;
    e.tensors.forEach((t, k) => {
      const se = t.standardError as Float64Array;
      t.fisher.forEach((v, i) => {
        const off = Math.abs(v - truth[k][i]);
        const plain = Math.hypot(t.labelError?.[i] ?? NaN, t.dataError?.[i] ?? NaN);
        sum.entries++;
        if (se[i] === 0) sum.zeros++;
        if (off <= 1.96 * se[i]) sum.covered++;
        if (off <= 1.96 * plain) sum.plain++;
        if (off > 8 * se[i]) sum.beyond++;
      });
    });
  }
  engine.dispose();
  const per = (x: number) => x / sum.entries;
  return {
    ...{ covered: per(sum.covered), plain: per(sum.plain), beyond: per(sum.beyond), zeros: sum.zeros },
    ...{ offMode, expected: sum.expected },
  };
}
