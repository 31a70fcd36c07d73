/**
 * Many independent estimates for the price of one: the library's own loop over batches, each batch a whole estimate with draws of its
 * own (its occurrence is its number), the sums taken and emptied after each.
 */
import { createSmallEngine } from '../../src/engine/small/index.js';
import { Counts } from '../../src/fisher/counts.js';
import { decide } from '../../src/fisher/decided.js';
import { accumulateDiagonal } from '../../src/fisher/forms/diagonal/accumulation.js';
import { assemble } from '../../src/fisher/forms/diagonal/assemble.js';
import { groupsOf } from '../../src/fisher/forms/diagonal/groups.js';
import type { DiagonalSums } from '../../src/fisher/forms/diagonal/sums.js';
import type { DiagonalEstimate, DiagonalOptions } from '../../src/fisher/index.js';
import { jobOf } from '../../src/fisher/job.js';
import { loop } from '../../src/fisher/loop.js';
import { describe } from '../../src/fisher/subject.js';
import { repeating } from './examples.js';
import type { Model } from './networks.js';

export interface Repeated extends Pick<DiagonalOptions, 'estimator' | 'error' | 'population' | 'exactPairs'> {
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
  const { error = 'closed-form', repeats } = asked;
  const N = x.shape[0];
  const rows = asked.rows ?? (() => Array.from({ length: N }, (_, i) => i));
  const groups = groupsOf(network);
  const engine = createSmallEngine();
  const source = repeating(x, repeats, rows);
  const settings = { ...asked, error, stream: 'repeats', batch: N, populationSize: N };
  const decided = decide(settings);
  const job = await jobOf(engine, network, likelihood, source, settings);
  const form = accumulateDiagonal(job, { groups });
  const subject = describe(network, likelihood);
  const estimates: DiagonalEstimate[] = [];
  await loop([{ job, forms: [form] }], source, {
    onBatch([worker]) {
      const [counts] = worker.counts;
      estimates.push(assemble({ ...form.sums[0], counts, groups }, decided, subject, false));
      empty(counts, form.sums[0]);
    },
  });
  return estimates;
}

function empty(counts: Counts, { value, spread }: DiagonalSums): void {
  Object.assign(counts, new Counts(0));
  for (const { tensors, totals } of [value, spread]) {
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
