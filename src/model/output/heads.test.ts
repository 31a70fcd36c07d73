import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../../test/fixtures/data/index.js';
import { bytesOf, info, type ModelParts, node } from '../../../test/onnx/builder.js';
import { drawn } from '../../../test/onnx/exporters.js';
import { makeDataset } from '../../data/dataset.js';
import { batches } from '../../data/batches.js';
import { createSmallEngine } from '../../engine/small/index.js';
import { estimateDiagonal } from '../../fisher/index.js';
import { loadNetwork, type LoadNetworkOptions } from '../index.js';
import { meaningOf } from './head-names.js';

const WIDTH = { x: 3, hidden: 4, out: 2 };
const X = drawn('x', [7, WIDTH.x]);
const W = drawn('W', [WIDTH.x, WIDTH.hidden]);
const M = drawn('M', [WIDTH.hidden, WIDTH.out]);
const S = drawn('S', [WIDTH.hidden, WIDTH.out]);

/** tanh(xW)M and tanh(xW)S, under any names, as outputs of their own. */
function twoHeads(mean: string, scale: string, more: Partial<ModelParts> = {}): ModelParts {
  return {
    inputs: [info('x', 'float32', ['n', WIDTH.x])],
    outputs: [mean, scale],
    nodes: [
      node('MatMul', ['x', 'W'], 'z'),
      node('Tanh', ['z'], 't'),
      node('MatMul', ['t', 'M'], mean),
      node('MatMul', ['t', 'S'], scale),
    ],
    weights: { W, M, S },
    ...more,
  };
}

const load = (parts: ModelParts, options: Partial<LoadNetworkOptions> = {}) =>
  loadNetwork(bytesOf(parts), {
    file: 'net.onnx',
    dtype: 'float64',
    likelihood: 'gaussian-mv',
    ...options,
  });

async function trace(parts: ModelParts, options: Partial<LoadNetworkOptions> = {}): Promise<number> {
  const { network, likelihood } = load(parts, options);
  const dataset = makeDataset({ source: 'x', inputs: new Map([['x', X]]) });
  const source = (batch: number, dtype: 'float32' | 'float64') => batches(dataset, { batch, dtype });
  const e = await estimateDiagonal(createSmallEngine(), network, likelihood, source, {
    estimator: 'exact',
    populationSize: X.shape[0],
  });
  return e.trace.value;
}

/** E Σ_a ‖∇μ_a‖²/σ_a² + 2 (σ′/σ)² ‖∇s_a‖², with ∇ of (tanh(xW)B)_a: ‖a‖² + Σ_j (B_ja (1 − a_j²))² ‖x‖². */
function right(logSd: (s: number) => number, slope: (s: number) => number): number {
  const [x, w, m, s] = [X, W, M, S].map((t) => Array.from(t.data as Float32Array));
  const n = X.shape[0];
  let sum = 0;
  for (let e = 0; e < n; e++) {
    const row = x.slice(e * WIDTH.x, (e + 1) * WIDTH.x);
    const a = Array.from({ length: WIDTH.hidden }, (_, j) =>
      Math.tanh(row.reduce((z, v, i) => z + v * w[i * WIDTH.hidden + j], 0)),
    );
    const [xx, aa] = [row, a].map((v) => v.reduce((z, t) => z + t * t, 0));
    const squares = (b: number[], o: number) =>
      aa + xx * a.reduce((z, t, j) => z + (b[j * WIDTH.out + o] * (1 - t * t)) ** 2, 0);
    for (let o = 0; o < WIDTH.out; o++) {
      const scale = a.reduce((z, t, j) => z + t * s[j * WIDTH.out + o], 0);
      sum += squares(m, o) * Math.exp(-2 * logSd(scale)) + 2 * slope(scale) ** 2 * squares(s, o);
    }
  }
  return sum / n;
}

const LOG_VARIANCE = right(
  (s) => s / 2,
  () => 0.5,
);
const LOG_SD = right(
  (s) => s,
  () => 1,
);

describe('two outputs of a Gaussian are one head', () => {
  it.each([
    ['mu', 'logvar', { output: 'mu,logvar' }],
    ['mu', 'logvar', { output: 'mu' }],
    ['Mean', 'headLogVar', { output: 'Mean' }],
    ['logvar', 'mu', { output: 'mu,logvar' }],
    ['a', 'b', { output: 'a,b', link: 'log-variance' }],
    ['a', 'b', { output: 'a', link: 'log-variance' }],
    ['a,b', 'c', { output: 'a,b', link: 'log-variance' }],
  ])('%s and %s by %o', async (mean, scale, options) => {
    const swapped = mean === 'logvar';
    const parts = swapped ? twoHeads(scale, mean, { outputs: [mean, scale] }) : twoHeads(mean, scale);
    expect(await trace(parts, options)).toBeCloseTo(LOG_VARIANCE, 12);
  });

  it('by the link that the scale is named after, unless another is said', async () => {
    const parts = twoHeads('loc', 'log_std');
    expect(await trace(parts, { output: 'loc,log_std' })).toBeCloseTo(LOG_SD, 12);
    expect(load(parts, { output: 'loc' })).toMatchObject({ link: 'log-sd', output: { name: 'loc,log_std' } });
    const said = load(parts, { output: 'loc', link: 'log-variance' });
    expect(said.link).toBe('log-variance');
    expect(said.warnings.join()).toContain("named like `link: 'log-sd'`");
    expect(LOG_SD / LOG_VARIANCE).toBeGreaterThan(1.5);
  });

  it('a guess by likeness alone is a warning with the way out', () => {
    const { warnings } = load(twoHeads('a', 'b'), { output: 'a' });
    expect(warnings.join()).toContain("`outputOrder: 'blocks'`");
    expect(load(twoHeads('a', 'b'), { output: 'a', outputOrder: 'blocks' }).network.h.shape[1]).toBe(2);
    expect(load(twoHeads('mu', 'logvar'), { output: 'mu' }).warnings).toEqual([]);
  });

  it('a half that either order fits is refused with the line that joins', () => {
    const next = (parts: ModelParts, output?: string) =>
      complaintOf(() => load(parts, output === undefined ? {} : { output })).complaint.next;
    expect(next(twoHeads('mu', 'logvar'), 'logvar')).toContain("`output: 'mu,logvar'`");
    expect(next(twoHeads('mu', 'logvar'))).toBe("`output: 'mu,logvar'`");
    expect(next(twoHeads('a', 'b'), 'b')).toContain("`output: 'b,a'`");
    expect(next(twoHeads('mu', 'sigma'), 'sigma,mu')).toBe("`output: 'mu,sigma'`");
  });

  it('interleaved columns are put in order where that is said', async () => {
    const columns = (t: typeof M, u: typeof S) =>
      Array.from({ length: WIDTH.hidden }, (_, j) =>
        [0, 1].flatMap((o) => [t, u].map((v) => Number(v.data[j * WIDTH.out + o]))),
      ).flat();
    const B = { ...M, shape: [WIDTH.hidden, 2 * WIDTH.out], data: Float32Array.from(columns(M, S)) };
    const parts: ModelParts = {
      ...twoHeads('mu', 's'),
      outputs: ['h'],
      nodes: [node('MatMul', ['x', 'W'], 'z'), node('Tanh', ['z'], 't'), node('MatMul', ['t', 'B'], 'h')],
      weights: { W, B },
    };
    const mended = { link: 'log-variance', outputOrder: 'interleaved' } as const;
    expect(await trace(parts, mended)).toBeCloseTo(LOG_VARIANCE, 12);
    expect(Math.abs((await trace(parts, { link: 'log-variance' })) / LOG_VARIANCE - 1)).toBeGreaterThan(0.02);
    expect(load(parts, { link: 'log-variance' }).notes.join()).toContain('means, then');
  });

  it('heads of other likelihoods: listed, joined where that has a meaning, refused where it has none', () => {
    const parts = twoHeads('cats', 'dogs');
    const one = load(parts, { likelihood: 'categorical', output: 'cats' });
    expect(one.notes.join()).toContain('left aside: output "dogs"');
    expect(one.network.h.shape[1]).toBe(2);
    const both = complaintOf(() => load(parts, { likelihood: 'categorical', output: 'cats,dogs' }));
    expect([both.code, both.complaint.next]).toEqual([
      'onnx/heads',
      expect.stringContaining("`output: 'cats'`"),
    ]);
    expect(load(parts, { likelihood: 'bernoulli', output: 'cats,dogs' }).network.h.shape[1]).toBe(4);
    const mean = load(twoHeads('mu', 'logvar'), {
      likelihood: 'gaussian',
      likelihoodOptions: { variance: 1 },
      output: 'mu',
    });
    expect(mean.notes.join()).toContain("`likelihood: 'gaussian-mv', output: 'mu,logvar'`");
  });
});

it('names say what an output is by whole words', () => {
  const said = ['mu', 'y_mean', 'logVar', 'log_variance', 'lnSigma', 'sigma2', 'std', 'h', 'scalar', 'muon'];
  expect(said.map(meaningOf)).toEqual([
    'mean',
    'mean',
    'log-variance',
    'log-variance',
    'log-sd',
    'variance',
    'sd',
    null,
    null,
    null,
  ]);
});

describe('an end that the likelihood has inside', () => {
  const ending = (op: string): ModelParts => ({
    ...twoHeads('a', 'b'),
    outputs: ['p'],
    nodes: [node('MatMul', ['x', 'W'], 'z'), node(op, ['z'], 'p')],
    weights: { W },
  });
  it.each([
    ['Softmax', 'categorical'],
    ['Sigmoid', 'categorical'],
    ['Sigmoid', 'bernoulli'],
    ['Softmax', 'bernoulli'],
    ['Exp', 'poisson'],
    ['Softplus', 'poisson'],
  ])('%s under %s is no natural parameter unless that is confirmed', (op, likelihood) => {
    const refused = complaintOf(() => load(ending(op), { likelihood, outputIs: 'natural' }));
    expect(refused.code).toBe('onnx/kept-link');
    expect(refused.complaint.next).toContain("`outputIs: 'as-it-stands'`");
    const kept = load(ending(op), { likelihood, outputIs: 'as-it-stands' });
    expect(kept.warnings.join()).toContain('as asked');
    expect(kept.output.removed).toEqual([]);
  });

  it.each([
    ['LogSoftmax', 'categorical'],
    ['Tanh', 'categorical'],
    ['Relu', 'bernoulli'],
  ])('%s under %s may be one', (op, likelihood) => {
    const { warnings, output } = load(ending(op), { likelihood, outputIs: 'natural' });
    expect([warnings, output.removed]).toEqual([[], []]);
  });
});
