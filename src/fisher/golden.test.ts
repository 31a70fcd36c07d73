import { describe, expect, it } from 'vitest';
import { expectClose, expectRatio } from '../../test/fisher/close.js';
import { sourceOf } from '../../test/fisher/examples.js';
import { fixture, referenceJson } from '../../test/fisher/fixtures.js';
import { tensor, toFloat64 } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import { gradient, graph, input, N, ops as b } from '../graph/index.js';
import { denseNetwork } from '../model/dense.js';
import { withWeights } from '../model/network.js';
import { type DiagonalEstimate, type DiagonalOptions, estimateDiagonal } from './index.js';

interface Golden {
  trace: number;
  diag_first5: number[];
  diag_sum_per_tensor: number[];
  empirical_trace: number;
  batchgrad_squared_sum: number;
  mc1_diag_se_first5: number[];
  mc1_trace_se: number;
  hutch_rademacher_S_diag_se_first5: number[];
  x_sampling_se_trace: number;
}

const golden = (referenceJson('golden-4-5-3') as { softmax: Golden }).softmax;
const TOLERANCE = 1e-10;

function estimate(
  options: Partial<DiagonalOptions> & Pick<DiagonalOptions, 'estimator'>,
): Promise<DiagonalEstimate> {
  const { network, likelihood, n, x, targets } = fixture('golden-4-5-3');
  const all = { populationSize: n, targets, ...options };
  return estimateDiagonal(createSmallEngine(), network, likelihood, sourceOf(x), all);
}

/** Entries of W1, b1, W2, b2 one after the other: the order of the closed formula. */
const flat = (e: DiagonalEstimate, which: 'fisher' | 'labelError' | 'dataError'): number[] =>
  e.tensors.flatMap((t) => [...(t[which] as Float64Array)]);

describe('golden 4-5-3', () => {
  it('the file holds the closed formulas', () => {
    const { network, x } = fixture('golden-4-5-3');
    const theta = [...network.parameters.keys()].flatMap((p) => [...toFloat64(network.weights.get(p)!)]);
    expect(theta).toHaveLength(43);
    theta.forEach((v, k) => expect(v).toBeCloseTo(0.6 * Math.sin(1.7 * k + 0.3), 14));
    toFloat64(x).forEach((v, i) => {
      const [n, d] = [Math.floor(i / 4), i % 4];
      expect(v).toBeCloseTo(Math.cos(0.9 * n + 1.3 * d * d + 0.2), 14);
    });
  });

  it('exact: trace, diagonal, tensors, data error', async () => {
    const e = await estimate({ estimator: 'exact' });
    expectRatio(e.trace.value, golden.trace, TOLERANCE);
    expectClose(flat(e, 'fisher').slice(0, 5), golden.diag_first5, TOLERANCE);
    e.tensors.forEach((t, i) => expectRatio(t.trace.value, golden.diag_sum_per_tensor[i], TOLERANCE, t.name));
    expectRatio(e.trace.dataError, golden.x_sampling_se_trace, TOLERANCE);
    // Over the population of these seven inputs there is no data error, and over a distribution there is.
    const fixed = await estimate({ estimator: 'exact', population: 'data' });
    expect(fixed.trace.standardError).toBe(0);
    expect(fixed.trace.interval).toEqual([fixed.trace.value, fixed.trace.value]);
  });

  it('built by denseNetwork with the same numbers: the same Fisher', async () => {
    const { network, likelihood, n, x } = fixture('golden-4-5-3');
    const built = denseNetwork({ widths: [4, 5, 3], activation: 'tanh', dtype: 'float64' });
    const values = [...network.parameters.keys()].map((p) => toFloat64(network.weights.get(p)!));
    const weights = [...built.parameters.entries()].map(([name, v], i) => {
      return [name, tensor('float64', v.shape as number[], values[i])] as const;
    });
    const source = sourceOf(x);
    const options = { estimator: 'exact', populationSize: n } as const;
    const mine = withWeights(built, new Map(weights));
    const e = await estimateDiagonal(createSmallEngine(), mine, likelihood, source, options);
    expectRatio(e.trace.value, golden.trace, TOLERANCE);
    expect(e.layers.map((l) => [l.name, l.parameters])).toEqual([
      ['fc1', ['fc1.weight', 'fc1.bias']],
      ['fc2', ['fc2.weight', 'fc2.bias']],
    ]);
  });

  it('one sampled label: its error, of the trace and of entries', async () => {
    const e = await estimate({ estimator: 'type1', labels: 1, error: 'closed-form' });
    expectRatio(e.trace.labelError, golden.mc1_trace_se, TOLERANCE);
    expectClose(flat(e, 'labelError').slice(0, 5), golden.mc1_diag_se_first5, TOLERANCE);
    expectRatio(e.trace.dataError, golden.x_sampling_se_trace, TOLERANCE);
    expectRatio(
      e.trace.standardError,
      Math.hypot(golden.mc1_trace_se, golden.x_sampling_se_trace),
      TOLERANCE,
    );
    const four = await estimate({ estimator: 'type1', labels: 4, error: 'closed-form' });
    expectRatio(four.trace.labelError, golden.mc1_trace_se / 2, TOLERANCE);
  });

  it('random signs on the class root: their error', async () => {
    const e = await estimate({ estimator: 'rademacher', root: 'class', error: 'closed-form' });
    expectClose(flat(e, 'labelError').slice(0, 5), golden.hutch_rademacher_S_diag_se_first5, TOLERANCE);
  });

  it('empirical: the mean of squared gradients, and not the square of the mean gradient', async () => {
    const e = await estimate({ estimator: 'empirical' });
    expectRatio(e.trace.value, golden.empirical_trace, TOLERANCE);
    // The mistake, computed: the gradient of the mean loss, squared.
    const squared = squaredBatchGradient();
    expectRatio(squared, golden.batchgrad_squared_sum, TOLERANCE);
    expect(() => expectRatio(squared, golden.empirical_trace, TOLERANCE)).toThrow();
    expect(e.trace.value / squared).toBeGreaterThan(9);
  });
});

function squaredBatchGradient(): number {
  const { network, x, n, targets } = fixture('golden-4-5-3');
  const y = input('y', 'float64', [N, 3]);
  const loss = b.scale(b.reduceSum(b.mul(y, b.logSoftmax(network.h, 1)), [0, 1]), -1 / n);
  const parameters = [...network.parameters];
  const gradients = gradient(
    loss,
    parameters.map(([, v]) => v),
  );
  const engine = createSmallEngine();
  const store = engine.store();
  for (const [name, t] of network.weights) store.set(name, t);
  const outputs = Object.fromEntries(parameters.map(([name], i) => [`g/${name}`, gradients[i]!]));
  const inputs = Object.fromEntries([...network.inputs, ...network.parameters, ['y', y]]);
  const program = engine.compileSync(graph(inputs, outputs), { maxBatch: n, store });
  program.setInput('x', x.data);
  const oneHot = Float64Array.from({ length: n * 3 }, (_, i) => +(targets.data[Math.floor(i / 3)] === i % 3));
  program.setInput('y', oneHot);
  program.run(n);
  const all = parameters.flatMap(([name]) => [...(program.output(`g/${name}`) as Float64Array)]);
  return all.reduce((sum, g) => sum + g * g, 0);
}
