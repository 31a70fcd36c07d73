/**
 * @module optim/running-means
 *
 * Exponential moving averages of per-batch sums, without start-up bias: m_k = β_k m_{k−1} + (1 − β_k) x_k/n_k with β_k = min(1 − 1/k, ρ). The first 1/(1 − ρ) batches weigh the
 * same, so the first mean is the first batch and nothing has to be corrected; ρ = 0 keeps the last batch only.
 * J. Martens, R. Grosse, ICML 2015, §5.
 */
import { FimError } from '../core/errors.js';
import type { Sums } from './column-pass.js';

export class RunningMeans {
  private readonly means: ReadonlyMap<string, Float64Array>;
  private count = 0;

  /** `sizes`: numbers of each mean, by the name of its sum. Throws `optim/decay`. */
  constructor(
    sizes: Iterable<readonly [string, number]>,
    private readonly decay: number,
  ) {
    checkDecay(decay);
    this.means = new Map([...sizes].map(([name, size]) => [name, new Float64Array(size)]));
  }

  /** Batches seen. */
  get updates(): number {
    return this.count;
  }

  /** A mean, the present numbers. */
  of(name: string): Float64Array {
    return this.means.get(name) as Float64Array;
  }

  /** Takes the sums over n examples. Throws `optim/factor-not-finite`, and then nothing has changed. */
  learn(sums: Sums, n: number): void {
    for (const name of this.means.keys()) {
      const sum = sums(name);
      for (let i = 0; sum && i < sum.length; i++) if (!Number.isFinite(sum[i])) throw notFinite(name, sum[i]);
    }
    this.count += 1;
    const keep = Math.min(1 - 1 / this.count, this.decay);
    const share = (1 - keep) / n;
    for (const [name, mean] of this.means) {
      const sum = sums(name);
      if (sum) for (let i = 0; i < mean.length; i++) mean[i] = keep * mean[i] + share * sum[i];
    }
  }

  save(): Record<string, Float64Array> {
    const state: Record<string, Float64Array> = { updates: Float64Array.of(this.count) };
    for (const [name, mean] of this.prefixed()) state[name] = mean.slice();
    return state;
  }

  /** Throws `optim/state` where the state is that of another network. */
  load(state: Readonly<Record<string, Float64Array>>): void {
    for (const [name, { length }] of [['updates', { length: 1 }] as const, ...this.prefixed()]) {
      if (state[name]?.length !== length) throw otherState(name, length, state[name]);
    }
    [this.count] = state.updates;
    for (const [name, mean] of this.prefixed()) mean.set(state[name]);
  }

  private prefixed(): [string, Float64Array][] {
    return [...this.means].map(([name, mean]) => [`mean/${name}`, mean]);
  }
}

/** Throws `optim/decay` unless 0 ≤ ρ < 1. */
export function checkDecay(decay: number): void {
  if (decay >= 0 && decay < 1) return;
  throw new FimError({
    code: 'optim/decay',
    kind: 'usage',
    where: 'decay ρ of running means',
    rule: 'is at least 0 and below 1',
    got: String(decay),
    next: '0 for the last batch only; 0.95 remembers about 20 batches, 0.99 about 100',
  });
}

function notFinite(name: string, got: number): FimError {
  return new FimError({
    code: 'optim/factor-not-finite',
    where: `statistic ${name} of the batch`,
    rule: 'must be finite',
    got: String(got),
    cause: 'parameters that have diverged, or σ so small that scores overflow',
    next: 'lower the learning rate or the KL target, or raise the damping or the entropy coefficient',
  });
}

function otherState(name: string, length: number, got: Float64Array | undefined): FimError {
  return new FimError({
    code: 'optim/state',
    where: `saved state of a preconditioner, ${name}`,
    rule: `holds ${length} numbers`,
    got: got ? `${got.length} numbers` : 'nothing',
    cause: 'a state saved with another network, or other options',
  });
}
