/**
 * Many independent estimates for the price of one: the library's own loop over batches, each batch a whole estimate with draws of its
 * own (its occurrence is its number), the sums taken and emptied after each.
 */
import { UniformStream } from '../../src/core/random.js';
import { createSmallEngine } from '../../src/engine/small/index.js';
import { accumulate, type PassSums, type Sums } from '../../src/fisher/accumulate.js';
import { assemble } from '../../src/fisher/assemble.js';
import type { DiagonalEstimate, DiagonalOptions } from '../../src/fisher/index.js';
import { groupsOf } from '../../src/fisher/groups.js';
import { planPasses } from '../../src/fisher/plan.js';
import type { Likelihood } from '../../src/likelihood/index.js';
import { parameterCount } from '../../src/model/network.js';
import { repeating } from './examples.js';
import type { Model } from './networks.js';

export interface Repeated extends Pick<DiagonalOptions, 'estimator' | 'error' | 'population'> {
  readonly labels: number;
  readonly seed: number;
  readonly repeats: number;
  /** Rows of x that estimate r visits; default: all. */
  readonly rows?: (r: number) => ArrayLike<number>;
}

export async function repeatedEstimates(
  { network, likelihood, x }: Model,
  asked: Repeated,
): Promise<DiagonalEstimate[]> {
  const { estimator, error = 'closed-form', labels, seed, repeats } = asked;
  const N = x.shape[0];
  const rows = asked.rows ?? (() => Array.from({ length: N }, (_, i) => i));
  const T = network.h.shape[1] as number;
  const groups = groupsOf(network);
  const job = {
    engine: createSmallEngine(),
    network,
    likelihood,
    estimator,
    passes: planPasses(estimator, error, likelihood, T, labels),
    groups,
    draws: labels,
    stream: new UniformStream(seed, `${estimator}/repeats`),
    targets: null,
    batch: N,
    budget: 2 ** 25,
  };
  const decided = { ...asked, seed, labels, error, populationSize: N };
  const estimates: DiagonalEstimate[] = [];
  await accumulate(job, repeating(x, repeats, rows), (sums) => {
    const { value, spread } = roles(sums);
    estimates.push(
      assemble({ ...sums, value, spread, groups }, decided, subject(likelihood, network), false),
    );
    empty(sums);
  });
  return estimates;
}

function subject(likelihood: Likelihood, network: Model['network']) {
  return {
    likelihood: likelihood.name,
    outputs: network.h.shape[1] as number,
    parameters: parameterCount(network),
    dtype: 'float64' as const,
    shapes: new Map([...network.parameters].map(([p, v]) => [p, v.shape as readonly number[]])),
  };
}

function roles({ passes }: Sums): { value: PassSums; spread: PassSums } {
  const draws = passes.get('draws');
  const columns = passes.get('columns');
  return { value: (draws ?? columns) as PassSums, spread: (columns ?? draws) as PassSums };
}

function empty(sums: Sums): void {
  sums.examples = 0;
  sums.offMode = 0;
  for (const { tensors, totals } of sums.passes.values()) {
    for (const t of tensors.values()) {
      t.f.count = 0;
      t.f.mean.fill(0);
      t.f.m2.fill(0);
      t.label.fill(0);
    }
    for (const t of totals) {
      Object.assign(t.f, { count: 0, mean: 0, m2: 0, m3: 0 });
      t.label = t.third = t.cross = 0;
    }
  }
}
