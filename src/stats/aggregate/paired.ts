/**
 * @module stats/aggregate/paired
 *
 * Two arms seed by seed: where both begin with the same parameters and reset their environments by the same streams, the difference
 * x_s − y_s of one seed is free of what they share, and its mean has the interval and the two-sided p-value of Student's t with
 * n − 1 degrees of freedom. Differences that are all equal, and not 0, have no standard error and so no p-value. Where they share nothing, pairing by the number of the seed would be a fiction: refused.
 */
import { FimError } from '../../core/errors.js';
import { Moments } from '../moments.js';
import { studentTail } from '../student.js';
import { studentInterval } from './interval.js';
import { FEWEST_SEEDS, fewSeeds } from './scores.js';

/** The score of a run and its seed. */
export interface SeedScore {
  /** Seed of the run. */
  readonly seed: number;
  /** Its score. */
  readonly score: number;
}

/** The difference of two arms over seeds that both have. */
export interface PairedDifference {
  /** Mean of x − y. */
  readonly mean: number;
  /** Standard error of the mean. */
  readonly standardError: number;
  /** 95 %. */
  readonly low: number;
  /** Upper end of the 95 % interval. */
  readonly high: number;
  /** Two-sided, of no difference; NaN where all differences are equal and not 0, of which Student's t knows no error. */
  readonly p: number;
  /** Seeds that both arms have. */
  readonly seeds: readonly number[];
}

/** How two arms are paired. */
export interface PairingOptions {
  /** Whether the arms share initial parameters and reset streams. */
  readonly shared: boolean;
  /** What is compared, for messages. */
  readonly where?: string;
}

/** Throws `stats/unpaired`, `stats/few-seeds`, `stats/seed-twice`. */
export function pairedDifference(
  x: readonly SeedScore[],
  y: readonly SeedScore[],
  options: PairingOptions,
): PairedDifference {
  const { shared, where = 'paired difference' } = options;
  if (!shared) {
    throw new FimError({
      code: 'stats/unpaired',
      kind: 'usage',
      where,
      rule: 'runs are paired by seed only where both arms begin with the same parameters and reset by the same streams',
      next: 'compare them by the probability of improvement',
    });
  }
  const [a, b] = [bySeed(x, where), bySeed(y, where)];
  const seeds = [...a.keys()].filter((seed) => b.has(seed)).sort((s, t) => s - t);
  if (seeds.length < FEWEST_SEEDS) throw fewSeeds(where, seeds.length);
  const differences = seeds.map((seed) => (a.get(seed) as number) - (b.get(seed) as number));
  const { mean, standardError } = Moments.of(differences);
  const [low, high] = studentInterval(differences);
  const t = Math.abs(mean) / standardError;
  const p = standardError > 0 ? 2 * studentTail(t, seeds.length - 1) : mean === 0 ? 1 : NaN;
  return { mean, standardError, low, high, p, seeds };
}

function bySeed(scores: readonly SeedScore[], where: string): Map<number, number> {
  const map = new Map(scores.map(({ seed, score }) => [seed, score]));
  if (map.size === scores.length) return map;
  throw new FimError({
    code: 'stats/seed-twice',
    kind: 'usage',
    where,
    rule: 'a seed stands for one run of an arm',
    got: `${scores.length} runs of ${map.size} seeds`,
  });
}
