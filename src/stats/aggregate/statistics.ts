/**
 * @module stats/aggregate/statistics
 *
 * Statistics that sum up many runs in one number (Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical
 * precipice", section 4). With x the score of a run, E environments and n_e runs in environment e:
 *
 *   mean          1/E Σ_e mean_e(x)
 *   median        median over environments of mean_e(x): for one environment its mean
 *   iqm           all runs pooled and sorted, ⌊N/4⌋ dropped at each end, mean of the rest (scipy.stats.trim_mean(x, 0.25))
 *   gap           γ − 1/E Σ_e mean_e(min(x, γ)), γ = 1: how far from the reference, where excess does not pay for failure
 *   profile(τ)    1/E Σ_e of the fraction of runs with x > τ
 *   improvement   1/E Σ_e P(x_e > y_e), a tie counts ½ (Mann and Whitney's U over n_x n_y); arms x and y stacked as strata
 *
 * A statistic is written on *counts*: how often each run was drawn, environments one after another. All ones give its value, a
 * resample its bootstrap replicate; what depends on the scores alone (their order) is done once.
 */
import { FimError } from '../../core/errors.js';
import type { Scores } from './scores.js';

/** The value at counts; their sum within each environment is its number of runs. */
export type AtCounts = (counts: ArrayLike<number>) => number;

/** The statistics over runs, by name. */
export type StatisticName = 'mean' | 'median' | 'iqm' | 'gap' | 'profile' | 'improvement';

/** A statistic over runs, as a function of how often each run is counted. */
export interface Statistic {
  /** Its name. */
  readonly name: StatisticName;
  /** How many environments these strata are: two arms have two strata each. */
  environments(scores: Scores): number;
  /** The statistic of these scores as a function of counts. */
  over(scores: Scores): AtCounts;
}

const one = (scores: Scores): number => scores.length;

/** Σ over an environment of counts·f(x), divided by its runs, one number an environment. */
function environmentMeans(scores: Scores, f: (x: number) => number = (x) => x) {
  const values = Float64Array.from(scores.flat(), f);
  const sizes = scores.map((runs) => runs.length);
  const means = new Float64Array(sizes.length);
  return (counts: ArrayLike<number>): Float64Array => {
    for (let e = 0, i = 0; e < sizes.length; e++) {
      let sum = 0;
      for (const end = i + sizes[e]; i < end; i++) sum += counts[i] * values[i];
      means[e] = sum / sizes[e];
    }
    return means;
  };
}

const average = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Mean over all runs, environments weighted alike. */
export const MEAN: Statistic = {
  name: 'mean',
  environments: one,
  over(scores) {
    const means = environmentMeans(scores);
    return (counts) => average(means(counts));
  },
};

/** Median over environments of their mean scores. */
export const MEDIAN: Statistic = {
  name: 'median',
  environments: one,
  over(scores) {
    const means = environmentMeans(scores);
    return (counts) => {
      const sorted = means(counts).sort();
      const half = sorted.length >> 1;
      return sorted.length % 2 === 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
    };
  },
};

/** Interquartile mean: the mean of the middle half of all runs (Agarwal et al. 2021). */
export const IQM: Statistic = {
  name: 'iqm',
  environments: one,
  over(scores) {
    const pooled = Float64Array.from(scores.flat());
    const order = Uint32Array.from(pooled.keys()).sort((a, b) => pooled[a] - pooled[b]);
    const sorted = Float64Array.from(order, (i) => pooled[i]);
    const cut = Math.floor(pooled.length / 4);
    const last = pooled.length - cut;
    return (counts) => {
      let sum = 0;
      for (let k = 0, rank = 0; rank < last; k++) {
        const from = Math.max(rank, cut);
        rank += counts[order[k]];
        const kept = Math.min(rank, last) - from;
        if (kept > 0) sum += kept * sorted[k];
      }
      return sum / (last - cut);
    };
  },
};

/** The optimality gap below γ. */
export function optimalityGapBelow(gamma: number): Statistic {
  return {
    name: 'gap',
    environments: one,
    over(scores) {
      const means = environmentMeans(scores, (x) => Math.min(x, gamma));
      return (counts) => gamma - average(means(counts));
    },
  };
}

/** Mean of max(0, 1 − score) over runs: how far scores stay below 1 (Agarwal et al. 2021). */
export const GAP: Statistic = optimalityGapBelow(1);

/** The fraction of runs above τ. */
export function fractionAbove(tau: number): Statistic {
  return {
    name: 'profile',
    environments: one,
    over(scores) {
      const means = environmentMeans(scores, (x) => (x > tau ? 1 : 0));
      return (counts) => average(means(counts));
    },
  };
}

/** The probability that a run of the first arm beats one of the second; strata are x_1 … x_E, y_1 … y_E. */
export const IMPROVEMENT: Statistic = {
  name: 'improvement',
  environments: (scores) => scores.length / 2,
  over(scores) {
    const E = scores.length / 2;
    const starts = scores.map((_, s) => scores.slice(0, s).reduce((sum, runs) => sum + runs.length, 0));
    const wins = scores
      .slice(0, E)
      .map((x, e) => x.map((a) => Float64Array.from(scores[E + e], (b) => win(a, b))));
    return (counts) => {
      let total = 0;
      for (let e = 0; e < E; e++) {
        let sum = 0;
        const [x, y] = [starts[e], starts[E + e]];
        const table = wins[e];
        for (let i = 0; i < table.length; i++) {
          const row = table[i];
          let own = 0;
          for (let j = 0; j < row.length; j++) own += counts[y + j] * row[j];
          sum += counts[x + i] * own;
        }
        total += sum / (table.length * table[0].length);
      }
      return total / E;
    };
  },
};

const win = (a: number, b: number): number => (a > b ? 1 : a === b ? 0.5 : 0);

/** Two arms over the same environments, as strata of `IMPROVEMENT`. Throws `stats/score` where their numbers differ. */
export function stacked(x: Scores, y: Scores): Scores {
  if (x.length === y.length) return [...x, ...y];
  throw new FimError({
    code: 'stats/score',
    kind: 'usage',
    where: 'probability of improvement',
    rule: 'both algorithms have runs in the same environments',
    got: `${x.length} and ${y.length} environments`,
  });
}

/** The statistic of these runs. */
export function valueOf(statistic: Statistic, scores: Scores): number {
  return statistic.over(scores)(new Uint8Array(scores.flat().length).fill(1));
}

/** Interquartile mean of all runs: ⌊N/4⌋ dropped at each end. */
export const interquartileMean = (scores: Scores): number => valueOf(IQM, scores);
/** γ − mean of min(score, γ). */
export const optimalityGap = (scores: Scores, gamma = 1): number =>
  valueOf(optimalityGapBelow(gamma), scores);
/**
 * P(x > y) + ½ P(x = y), mean over environments.
 * @throws FimError with `stats/score`
 */
export const probabilityOfImprovement = (x: Scores, y: Scores): number => valueOf(IMPROVEMENT, stacked(x, y));
