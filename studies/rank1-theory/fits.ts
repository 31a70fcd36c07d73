/**
 * @module studies/rank1-theory/fits
 *
 * Statistics over seeds: curves of means, slopes of power laws and ratios of means, with the jackknife's standard error over seeds
 * (checks of one run are dependent, so an error from the scatter around the line would be far too small).
 *
 *   SE² = (n−1)/n Σ_i (f₍ᵢ₎ − f̄)²
 */
import type { Descent } from './descent.js';

export interface Measured {
  readonly value: number;
  readonly se: number;
}

/** f of all rows with its jackknife error. Needs two rows. */
export function jackknife<T>(rows: readonly T[], f: (rows: readonly T[]) => number): Measured {
  const n = rows.length;
  const without = rows.map((_, i) => f(rows.filter((__, j) => j !== i)));
  const mean = without.reduce((a, b) => a + b, 0) / n;
  const squares = without.reduce((a, b) => a + (b - mean) ** 2, 0);
  const value = f(rows);
  return { value, se: beyondRounding(Math.sqrt(((n - 1) / n) * squares), value) };
}

/** An error, 0 where the rows do not differ and rounding is all that is left. */
export const beyondRounding = (se: number, value: number): number => (se < 1e-9 * Math.abs(value) ? 0 : se);

export const meanOf = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

/** Slope of log y on log x by ordinary least squares. */
export function logLogSlope(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const [mu, mv] = [meanOf(u), meanOf(v)];
  let [uu, uv] = [0, 0];
  u.forEach((ui, i) => {
    uu += (ui - mu) ** 2;
    uv += (ui - mu) * (v[i] - mv);
  });
  return uv / uu;
}

/** The quantities whose rates are fitted. */
export const QUANTITIES = ['gap', 'gradient2', 'minGradient2', 'meanGradient2'] as const;
export type Quantity = (typeof QUANTITIES)[number];

/** Mean over seeds at each check; `minGradient2` is min_{k so far} of the mean ‖∇J̄‖² over checks. */
export function curveOf(runs: readonly Descent[], quantity: Quantity): number[] {
  const checks = runs[0].samples.length;
  const mean = (pick: (d: Descent) => readonly number[]) =>
    Array.from({ length: checks }, (_, i) => meanOf(runs.map((r) => pick(r)[i] ?? Infinity)));
  if (quantity !== 'minGradient2') return mean((r) => r[quantity]);
  let least = Infinity;
  return mean((r) => r.gradient2).map((g) => (least = Math.min(least, g)));
}

/** Largest part of the samples that a slope is fitted over. */
export const FIT_SHARE = 1 / 16;

/** A descent is under way where its mean suboptimality is below this share of the start's. */
const UNDER_WAY = 0.5;

/** Fewest checks in a fit, each twice the one before. */
const LEAST = 3;

/**
 * First check of a fit: the last factor of 16 of the samples, less what a descent spends on its first plateau, of which no rate speaks.
 * Null where a run diverged, or fewer than three checks remain.
 */
export function windowOf(runs: readonly Descent[]): number | null {
  if (runs.length === 0 || runs.some((r) => r.diverged !== null)) return null;
  const { samples } = runs[0];
  const gap = curveOf(runs, 'gap');
  const from = samples.findIndex(
    (s, i) => s >= FIT_SHARE * samples[samples.length - 1] && gap[i] <= UNDER_WAY * gap[0],
  );
  return from < 0 || samples.length - from < LEAST ? null : from;
}

function slopeFrom(runs: readonly Descent[], quantity: Quantity, from: number): number {
  return logLogSlope(runs[0].samples.slice(from), curveOf(runs, quantity).slice(from));
}

/** Whether a curve stays above rounding. */
function resolved(runs: readonly Descent[], quantity: Quantity): boolean {
  const curve = curveOf(runs, quantity);
  return curve.every((y) => y > 1e-12 * curve[0]);
}

/** Slope of log mean against log samples; null without a window, or where a curve has reached rounding. */
export function rateOf(runs: readonly Descent[], quantity: Quantity): Measured | null {
  const from = windowOf(runs);
  if (from === null || !resolved(runs, quantity)) return null;
  return jackknife(runs, (rows) => slopeFrom(rows, quantity, from));
}

/** Slope of one arm minus that of another over the checks that count for both, seeds paired. */
export function rateDifference(
  a: readonly Descent[],
  b: readonly Descent[],
  quantity: Quantity,
): Measured | null {
  const [first, second] = [windowOf(a), windowOf(b)];
  if (first === null || second === null || !resolved(a, quantity) || !resolved(b, quantity)) return null;
  const from = Math.max(first, second);
  return jackknife(
    a.map((run, i) => [run, b[i]] as const),
    (rows) =>
      slopeFrom(
        rows.map(([x]) => x),
        quantity,
        from,
      ) -
      slopeFrom(
        rows.map(([, y]) => y),
        quantity,
        from,
      ),
  );
}

/** Mean suboptimality over a run's checks but the first: smaller is faster. Infinite where it diverged. */
export function lag(run: Descent): number {
  return run.diverged === null ? meanOf(run.gap.slice(1)) : Infinity;
}

/** A mean lag below this is rounding: the runs were over at their first checks. */
const ROUNDING = 1e-12;

/** log(mean lag of a / mean lag of b), seeds paired; null where a run diverged or a mean is rounding. Below 0: a is faster. */
export function logLagRatio(a: readonly number[], b: readonly number[]): Measured | null {
  // Infinite where one diverged.
  if (![meanOf(a), meanOf(b)].every((lag) => Number.isFinite(lag) && lag > ROUNDING)) return null;
  return jackknife(
    a.map((x, i) => [x, b[i]] as const),
    (r) => Math.log(meanOf(r.map(([x]) => x)) / meanOf(r.map(([, y]) => y))),
  );
}
