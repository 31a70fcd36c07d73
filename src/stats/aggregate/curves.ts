/**
 * @module stats/aggregate/curves
 *
 * Sample efficiency: the returns of runs at equal numbers of steps, and a statistic of them with pointwise bands over seeds. Runs end
 * their episodes at different steps, so each curve is read by linear interpolation on a grid that all of them cover; nothing is read
 * beyond the ends of any.
 */
import { FimError } from '../../core/errors.js';
import { drawResamples, type BootstrapOptions } from './bootstrap.js';
import { aggregate, type SeedInterval } from './interval.js';
import { MEAN, type Statistic } from './statistics.js';

/** Returns of one run against steps; steps ascend. */
export interface Curve {
  /** Environment steps, ascending. */
  readonly steps: readonly number[];
  /** The return at each. */
  readonly return: readonly number[];
}

/** A statistic over runs against environment steps. */
export interface EfficiencyCurve {
  /** The grid. */
  readonly steps: readonly number[];
  /** The statistic at each step. */
  readonly value: readonly number[];
  /** Null at every step where the rule of `aggregate` gives no interval. */
  readonly interval: readonly (SeedInterval | null)[];
  /** Runs in the environment that has the fewest. */
  readonly seeds: number;
}

/** Statistic and grid of a curve. */
export interface EfficiencyOptions extends BootstrapOptions {
  /** Default: the interquartile mean. */
  readonly statistic?: Statistic;
  /** Points of the grid. Default 60. */
  readonly points?: number;
}

/** Points of a curve that are numbers: before the first episode ends there is no return. */
function finite(curve: Curve): Curve {
  const keep = curve.steps.map((_, i) => i).filter((i) => Number.isFinite(curve.return[i]));
  return { steps: keep.map((i) => curve.steps[i]), return: keep.map((i) => curve.return[i]) };
}

/** Evenly spaced steps that every curve covers. Throws `stats/curves` where there are none. */
export function commonGrid(curves: readonly Curve[], points = 60): number[] {
  const own = curves.map(finite);
  const first = Math.max(...own.map((c) => c.steps[0] ?? Infinity));
  const last = Math.min(...own.map((c) => c.steps.at(-1) ?? -Infinity));
  if (!(Number.isFinite(first) && first <= last)) {
    throw new FimError({
      code: 'stats/curves',
      where: 'sample-efficiency curves',
      rule: 'all runs have returns at some of the same steps',
      got: own.length === 0 ? 'no run' : `the latest begins at ${first}, the shortest ends at ${last}`,
    });
  }
  if (first === last) return [first];
  return Array.from({ length: points }, (_, k) => first + ((last - first) * k) / (points - 1));
}

/** The curve at ascending `grid`, linear between its points, constant beyond its ends. */
export function curveAt(curve: Curve, grid: readonly number[]): number[] {
  const { steps, return: values } = finite(curve);
  let k = 0;
  return grid.map((step) => {
    while (k + 1 < steps.length && steps[k + 1] <= step) k++;
    if (k + 1 === steps.length || step <= steps[k]) return values[k];
    const share = (step - steps[k]) / (steps[k + 1] - steps[k]);
    return values[k] + share * (values[k + 1] - values[k]);
  });
}

/**
 * A statistic of `curves[environment][run]` along steps; the mean where none is named. Throws as `aggregate` does.
 * @throws FimError with `random/index`, `random/seed`, `stats/curves`, `stats/few-seeds`, `stats/resamples`, `stats/score`
 */
export function efficiencyCurve(
  curves: readonly (readonly Curve[])[],
  options: EfficiencyOptions = {},
): EfficiencyCurve {
  const { statistic = MEAN, points } = options;
  const steps = commonGrid(curves.flat(), points);
  const values = curves.map((runs) => runs.map((curve) => curveAt(curve, steps)));
  const sizes = curves.map((runs) => runs.length);
  const drawn = drawResamples(sizes, options);
  const along = steps.map((_, k) =>
    aggregate(
      values.map((runs) => runs.map((run) => run[k])),
      statistic,
      { drawn, where: 'sample-efficiency curve' },
    ),
  );
  return {
    steps,
    value: along.map((a) => a.value),
    interval: along.map((a) => a.interval),
    seeds: along[0].seeds,
  };
}
