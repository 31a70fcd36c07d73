/**
 * @module report/rl/across
 *
 * Results over environments and between algorithms: normalised aggregates, profiles, improvement, paired differences.
 *
 * An algorithm is aggregated where it has three scored runs in every environment of the comparison that has a reference; one that
 * lacks an environment is named and left out, since a mean over easier environments would flatter it.
 */
import { normalisedScore, scoreScale } from '../../rl/scores.js';
import {
  aggregate,
  type Aggregate,
  FEWEST_SEEDS,
  GAP,
  holm,
  IMPROVEMENT,
  IQM,
  MEAN,
  MEDIAN,
  pairedDifference,
  type PairedDifference,
  performanceProfile,
  type Profile,
  type Scores,
  stacked,
} from '../../stats/aggregate/index.js';
import { algorithmsOf, type Cell, environmentsOf } from './cells.js';
import type { CompareReport } from './types.js';

/** Normalised scores of one algorithm over the environments of `Across`. */
export interface ArmAggregate {
  readonly algorithm: string;
  readonly iqm: Aggregate;
  readonly mean: Aggregate;
  readonly median: Aggregate;
  readonly gap: Aggregate;
  readonly profile: Profile;
}

export interface Improvement {
  readonly better: string;
  readonly than: string;
  readonly aggregate: Aggregate;
}

export interface PairedRow {
  readonly environment: string;
  readonly x: string;
  readonly y: string;
  readonly difference: PairedDifference;
  /** p corrected for all rows together. */
  readonly holm: number;
}

export interface Across {
  /** Environments with a reference. */
  readonly environments: readonly string[];
  readonly arms: readonly ArmAggregate[];
  /** Algorithms that lack runs, and where. */
  readonly incomplete: readonly { readonly algorithm: string; readonly environments: readonly string[] }[];
  readonly improvements: readonly Improvement[];
  readonly paired: readonly PairedRow[];
  /** Pairs without a paired test, since their runs of one seed begin differently. */
  readonly unpaired: readonly (readonly [x: string, y: string])[];
}

/** Points of a profile. */
const POINTS = 101;

/** Everything over environments and between algorithms. */
export function acrossOf(report: CompareReport, cells: readonly Cell[]): Across {
  const environments = environmentsOf(report).filter((e) => scoreScale(e) !== null);
  const scored = new Map(cells.map((c) => [keyOf(c.algorithm, c.environment), c.scores]));
  const scoresOf = (algorithm: string, environment: string) =>
    scored.get(keyOf(algorithm, environment)) ?? [];
  const enough = (algorithm: string, environment: string): boolean =>
    scoresOf(algorithm, environment).length >= FEWEST_SEEDS;
  const algorithms = algorithmsOf(report);
  const lacking = algorithms.map((algorithm) => ({
    algorithm,
    environments: environments.filter((e) => !enough(algorithm, e)),
  }));
  const complete =
    environments.length === 0
      ? []
      : lacking.filter((a) => a.environments.length === 0).map((a) => a.algorithm);
  const normalised = complete.map((algorithm) => ({
    algorithm,
    scores: environments.map((e) => scoresOf(algorithm, e).map((s) => normalisedScore(e, s.score))),
  }));
  const options = { seed: report.seed ?? 0 };
  const thresholds = thresholdsFor(normalised.map((a) => a.scores));
  const arms = normalised.map(({ algorithm, scores }) => ({
    algorithm,
    iqm: aggregate(scores, IQM, options),
    mean: aggregate(scores, MEAN, options),
    median: aggregate(scores, MEDIAN, options),
    gap: aggregate(scores, GAP, options),
    profile: performanceProfile(scores, thresholds, options),
  }));
  const all = environmentsOf(report);
  const pairs = pairsOf(algorithms, report.reference);
  const improvements = pairs.flatMap(([better, than]) => {
    const both = all.filter((e) => enough(better, e) && enough(than, e));
    if (both.length === 0) return [];
    const scores = (algorithm: string): Scores => both.map((e) => scoresOf(algorithm, e).map((s) => s.score));
    return [
      { better, than, aggregate: aggregate(stacked(scores(better), scores(than)), IMPROVEMENT, options) },
    ];
  });
  const shared = ([x, y]: readonly [string, string]): boolean =>
    (report.shared ?? []).some((group) => group.includes(x) && group.includes(y));
  const differences = all.flatMap((environment) =>
    pairs.filter(shared).flatMap(([x, y]) => {
      const [a, b] = [scoresOf(x, environment), scoresOf(y, environment)];
      const common = a.filter((s) => b.some((t) => t.seed === s.seed)).length;
      if (common < FEWEST_SEEDS) return [];
      return [{ environment, x, y, difference: pairedDifference(a, b, { shared: true }) }];
    }),
  );
  const corrected = holm(differences.map((d) => d.difference.p));
  return {
    environments,
    arms,
    incomplete: lacking.filter((a) => a.environments.length > 0),
    improvements,
    paired: differences.map((d, i) => ({ ...d, holm: corrected[i] })),
    unpaired: pairs.filter((pair) => !shared(pair)),
  };
}

const keyOf = (algorithm: string, environment: string): string => JSON.stringify([algorithm, environment]);

/** Pairs that a sentence names. */
const NAMED = 6;

/** Why pairs have no paired test, in a sentence; null where all have one. */
export function unpairedText({ unpaired }: Across): string | null {
  if (unpaired.length === 0) return null;
  const shown = unpaired.slice(0, NAMED).map(([x, y]) => `${x} and ${y}`);
  const rest = unpaired.length - shown.length;
  const names = rest > 0 ? `${shown.join('; ')}; and ${rest} more pairs` : shown.join('; ');
  return `No test by seed for ${names}: their settings differ in the number of environments or in the networks, so runs of one seed have no start in common. The probability of improvement compares them.`;
}

/** Every other with the reference, or each unordered pair once. */
function pairsOf(algorithms: readonly string[], reference: string | undefined): [string, string][] {
  if (reference !== undefined)
    return algorithms.filter((a) => a !== reference).map((a): [string, string] => [a, reference]);
  return algorithms.flatMap((a, i) => algorithms.slice(i + 1).map((b): [string, string] => [a, b]));
}

/** Evenly from the lowest score, or 0, to the highest, or 1; a very bad run does not stretch the axis. */
function thresholdsFor(arms: readonly Scores[]): number[] {
  const all = arms.flatMap((scores) => scores.flat());
  const low = Math.max(-0.5, Math.min(0, ...all));
  const high = Math.min(2, Math.max(1, ...all));
  return Array.from({ length: POINTS }, (_, k) => low + ((high - low) * k) / (POINTS - 1));
}
