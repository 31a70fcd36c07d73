/** The dense form by products of tiles against the same sums written out, example by example and element by element. */
import { describe, expect, it } from 'vitest';
import { deviation, expectClose } from '../../../../test/fisher/close.js';
import { sourceOf } from '../../../../test/fisher/examples.js';
import { Sequence, UniformStream } from '../../../core/random.js';
import { tensor, type Tensor } from '../../../core/tensor.js';
import { createSmallEngine } from '../../../engine/small/index.js';
import { getLikelihood, type Likelihood } from '../../../likelihood/index.js';
import { rootFor, rootWord } from '../../../likelihood/roots/index.js';
import { denseNetwork } from '../../../model/dense.js';
import { type Network, parameterCount } from '../../../model/network.js';
import { closedFormErrors, sampledErrors } from '../../../stats/errors.js';
import { ESTIMATORS } from '../../estimators/table.js';
import { type DenseOptions, estimateDense } from './dense.js';
import { derivatives } from './derivatives.js';
import { elementsOf } from './elements.js';

const engine = createSmallEngine();

function setting(family: string, T: number, scale = 1, options = {}) {
  const network = denseNetwork({ widths: [6, 20, 7, T], initialScale: scale, seed: 3, dtype: 'float64' });
  const rng = new Sequence(5, 'inputs');
  const n = 7;
  const x = tensor(
    'float64',
    [n, 6],
    Array.from({ length: 6 * n }, () => rng.normal()),
  );
  return { network, x, likelihood: getLikelihood(family, options) };
}

const SETTINGS: Record<string, { network: Network; likelihood: Likelihood; x: Tensor }> = {
  'four classes': setting('categorical', 4),
  'four classes, near certain': setting('categorical', 4, 4),
  'two classes': setting('categorical', 2),
  'twenty classes': setting('categorical', 20, 0.5),
  'three Bernoulli outputs': setting('bernoulli', 3),
  'fifteen Bernoulli outputs': setting('bernoulli', 15),
  'three means': setting('gaussian', 3, 1, { variance: 2 }),
};

const CASES: readonly Omit<DenseOptions, 'stream'>[] = [
  { estimator: 'exact' },
  { estimator: 'type1', labels: 3 },
  { estimator: 'type1', labels: 3, error: 'sampled' },
  { estimator: 'type1', labels: 14, error: 'sampled' },
  { estimator: 'rademacher', labels: 2 },
  { estimator: 'rademacher', labels: 2, root: 'class' },
  { estimator: 'rademacher', labels: 2, exactPairs: 1 },
  { estimator: 'rademacher', labels: 3, exactPairs: 1, error: 'sampled' },
];

/** Some elements (i, j) of every tile, the diagonal's among them. */
function placesIn(P: number): [number, number][] {
  const some: [number, number][] = [];
  for (let i = 0; i < P; i += 11) for (let j = i % 7; j < P; j += 13) some.push([i, j]);
  for (let i = 0; i < P; i += 5) some.push([i, i]);
  return some;
}

/** What the estimate holds at `places`, in plain loops. */
async function written(
  { network, likelihood, x }: (typeof SETTINGS)[string],
  options: DenseOptions,
  weights?: Float64Array,
) {
  const P = parameterCount(network);
  const T = network.h.shape[1] as number;
  const { estimator: name, exactPairs = 0, labels = 1, error = 'closed-form', stream } = options;
  const estimator = ESTIMATORS[name];
  const root = rootFor(likelihood, T, options.root);
  const request = { likelihood, outputs: T, draws: labels, stream, root, exactPairs, targets: null };
  const places = placesIn(P);
  const value: Float64Array[] = [];
  const exact: Float64Array[] = [];
  const label: Float64Array[] = [];
  for await (const batch of derivatives(engine, network, sourceOf(x), { second: false })) {
    const source = estimator.columns(request);
    const K = source.columns;
    const columns = new Float64Array(batch.n * K * T);
    const w = new Float64Array(batch.n * K);
    const of = { ...batch.examples, h: batch.h };
    source.fill(of, { from: 0, count: K }, columns, w);
    const all = root.columnCount(T);
    const rootColumns = new Float64Array(batch.n * all * T);
    const rootWeights = new Float64Array(batch.n * all);
    root.columns(batch.h, rootColumns, rootWeights, { from: 0, count: all });
    let e = 0;
    for (const elements of elementsOf(batch, likelihood)) {
      const along = (c: Float64Array, count: number) =>
        Array.from({ length: count }, (_, k) =>
          Float64Array.from({ length: P }, (_, i) => {
            let sum = 0;
            for (let a = 0; a < T; a++) sum += c[(e * count + k) * T + a] * elements.jacobian[a * P + i];
            return sum;
          }),
        );
      const scores = along(columns, K);
      const own = w.subarray(e * K, (e + 1) * K);
      const f = new Float64Array(places.length);
      const v = new Float64Array(places.length);
      value.push(
        Float64Array.from(places, ([i, j]) => scores.reduce((sum, s, k) => sum + own[k] * s[i] * s[j], 0)),
      );
      const R = along(rootColumns, all);
      const rw = rootWeights.subarray(e * all, (e + 1) * all);
      const drawn = scores.slice(exactPairs);
      places.forEach(([i, j], at) => {
        const element = elements.at(i, j);
        f[at] = element.fisher;
        if (error === 'sampled') {
          const z = drawn.map((s) => s[i] * s[j]);
          const mean = z.reduce((a, b) => a + b, 0) / labels;
          v[at] = z.reduce((a, b) => a + (b - mean) ** 2, 0) / (labels - 1);
        } else if (name === 'type1') v[at] = element.type1;
        else if (name === 'rademacher')
          for (let r = exactPairs; r < all; r++)
            for (let q = exactPairs; q < r; q++)
              v[at] += rw[r] * rw[q] * (R[r][i] * R[q][j] + R[q][i] * R[r][j]) ** 2;
      });
      exact.push(f);
      label.push(v);
      e += 1;
    }
  }
  const n = value.length;
  const omega = weights ?? new Float64Array(n).fill(1);
  const W = omega.reduce((a, b) => a + b, 0);
  const centre = error === 'sampled' || !estimator.drawn ? value : exact;
  const out = [0, 1, 2].map(() => new Float64Array(places.length));
  const count = omega.filter((o) => o > 0).length;
  for (let at = 0; at < places.length; at++) {
    const mean = (a: Float64Array[]) => a.reduce((s, m, e) => s + omega[e] * m[at], 0) / W;
    const c = mean(centre);
    const spread = centre.reduce((s, m, e) => s + (omega[e] * (m[at] - c)) ** 2, 0);
    const labels2 = label.reduce((s, m, e) => s + omega[e] ** 2 * m[at], 0);
    const scale = (count / W) ** 2;
    const design = { examples: count, draws: Math.max(1, labels), fraction: 0 };
    const s2 = (scale * spread) / (count - 1);
    const errors =
      error === 'sampled' && estimator.drawn
        ? sampledErrors(s2, (scale * labels2) / count, design)
        : closedFormErrors(estimator.drawn ? scale * labels2 : 0, s2, design);
    out[0][at] = mean(value);
    out[1][at] = Math.sqrt(errors.label ?? NaN);
    out[2][at] = Math.sqrt(errors.data ?? NaN);
  }
  return { fisher: out[0], labelError: out[1], dataError: out[2], places, P };
}

const name = ({ estimator, labels, error, root, exactPairs }: Omit<DenseOptions, 'stream'>) =>
  [estimator, labels, error, root && rootWord(root), exactPairs && `${exactPairs} exact`]
    .filter(Boolean)
    .join(' ');

describe.each(Object.keys(SETTINGS))('%s', (which) => {
  const { network, likelihood, x } = SETTINGS[which];
  const columns = rootFor(likelihood, network.h.shape[1] as number).columnCount(network.h.shape[1] as number);
  const cases = CASES.filter(({ exactPairs = 0 }) => exactPairs < columns);
  const omega = Float64Array.from({ length: 7 }, (_, i) => [1, 0, 2.5, 0.5][i % 4]);

  it.each(cases.map((c) => [name(c), c] as const))('%s', async (_, options) => {
    for (const weights of [undefined, omega]) {
      const stream = new UniformStream(7, 'products');
      const want = await written(SETTINGS[which], { ...options, stream }, weights);
      const got = await estimateDense(engine, network, likelihood, sourceOf(x), {
        ...options,
        stream,
        batch: 4,
        ...(weights ? { weights } : {}),
      });
      expect(want.P).toBeGreaterThan(256);
      const at = (m: Float64Array | null) => want.places.map(([i, j]) => (m as Float64Array)[i * want.P + j]);
      expectClose(at(got.fisher), want.fisher, 1e-13, 'fisher');
      const scale = Math.max(...want.dataError);
      for (const part of ['labelError', 'dataError'] as const) {
        // What cancels is made again: also where nothing varies, nothing is left over.
        const found = at(got[part]);
        expect(deviation(found, want[part], scale), part).toBeLessThanOrEqual(1e-11);
        const off = found.map((v, i) => (want[part][i] > 1e-9 * scale ? Math.abs(v / want[part][i] - 1) : 0));
        expect(Math.max(...off), part).toBeLessThanOrEqual(1e-9);
      }
    }
  });
});

describe('without errors of elements', () => {
  it('the matrix is the same, and nothing is said of errors', async () => {
    const { network, likelihood, x } = SETTINGS['four classes'];
    const stream = new UniformStream(7, 'products');
    for (const estimator of ['exact', 'type1', 'type2', 'mix', 'rademacher'] as const) {
      const [a, b] = [
        await estimateDense(engine, network, likelihood, sourceOf(x, [0, 1]), { estimator, stream }),
        await estimateDense(engine, network, likelihood, sourceOf(x, [0, 1]), {
          estimator,
          stream,
          errors: false,
        }),
      ];
      expect(b.fisher).toEqual(a.fisher);
      expect(b).toMatchObject({ labelError: null, dataError: null, standardError: null });
    }
  });
});
