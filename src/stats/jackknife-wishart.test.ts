import { expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { jackknife, jackknifeSets } from './jackknife.js';
import { Moments } from './moments.js';

/** A symmetric matrix [[a, b], [b, c]]. */
type Two = readonly [a: number, b: number, c: number];

const logdet = ([a, b, c]: Two): number => Math.log(a * c - b * b);
const eigenvalue =
  (sign: 1 | -1) =>
  ([a, b, c]: Two): number =>
    (a + c + sign * Math.hypot(a - c, 2 * b)) / 2;

/** Repeats, groups, normal pairs of a group. */
const [R, B, SIZE] = [2000, 20, 5];
const n = B * SIZE;
const COUNTS = Array.from({ length: B }, () => SIZE);
const SETS = jackknifeSets(COUNTS);
const ALL = [...COUNTS.keys()];

/**
 * Plug-in and corrected values less θ of diag(λ₁, λ₂), and the share of intervals that hold it, for R means of n normal xxᵀ. Of the values the
 * part that is linear in F̂ − F is taken away, whose mean is 0: what is left has the same mean and a tenth of the spread.
 */
function wishart(theta: (F: Two) => number, gradient: Two, [first, second]: readonly [number, number]) {
  const random = new Sequence(7, 'wishart');
  const truth = theta([first, 0, second]);
  const [plain, corrected] = [new Moments(), new Moments()];
  let covered = 0;
  for (let r = 0; r < R; r++) {
    const sums = COUNTS.map((): Two => {
      const sum: [number, number, number] = [0, 0, 0];
      for (let i = 0; i < SIZE; i++) {
        const [x, y] = [Math.sqrt(first) * random.normal(), Math.sqrt(second) * random.normal()];
        sum[0] += x * x;
        sum[1] += x * y;
        sum[2] += y * y;
      }
      return sum;
    });
    const meanOf = (groups: readonly number[]): Two => {
      const mean = (i: 0 | 1 | 2): number =>
        groups.reduce((s, g) => s + sums[g][i], 0) / (groups.length * SIZE);
      return [mean(0), mean(1), mean(2)];
    };
    const of = (groups: readonly number[]): number => theta(meanOf(groups));
    const { plugIn, value, interval } = jackknife(
      { whole: of(ALL), without: SETS.without.map(of), halves: SETS.halves.map(of) },
      { counts: COUNTS, left: 1, level: 0.95, feasible: [-Infinity, Infinity], bends: false },
    );
    const [a, b, c] = meanOf(ALL);
    const linear = gradient[0] * (a - first) + gradient[1] * b + gradient[2] * (c - second);
    plain.add(plugIn - truth - linear);
    corrected.add(value - truth - linear);
    const [low, high] = interval as [number, number];
    if (low <= truth && truth <= high) covered++;
  }
  return { plain, corrected, covered: covered / R };
}

it('the log-determinant of a Wishart matrix: the exact bias before, none after, and 95 % is covered (2,000 repeats, z within 4.5)', () => {
  const { plain, corrected, covered } = wishart(logdet, [1 / 3, 0, 1], [3, 1]);
  // E log det F̂ − log det F = Σ_i ψ((n + 1 − i)/2) + 2 log(2/n), which is 2(ψ(n − 1) − log n) by the duplication formula of ψ.
  let digamma = -0.5772156649015329;
  for (let k = 1; k <= n - 2; k++) digamma += 1 / k;
  const bias = 2 * (digamma - Math.log(n));
  expect(Math.abs(plain.mean - bias) / plain.standardError).toBeLessThanOrEqual(4.5);
  expect(Math.abs(bias) / plain.standardError).toBeGreaterThan(9);
  expect(Math.abs(corrected.mean) / corrected.standardError).toBeLessThanOrEqual(4.5);
  expect(covered).toBeGreaterThan(0.925);
  expect(covered).toBeLessThan(0.975);
});

it('eigenvalues of a Wishart matrix that are far apart: the bias of second order is taken away, and 95 % is covered (2,000 repeats)', () => {
  const [first, second] = [2, 1];
  // λ₁λ₂/(n(λ₁ − λ₂)) of either sign, E(v₁ᵀ(F̂ − F)v₂)² = λ₁λ₂/n; the next term is of 1/n².
  const bias = (first * second) / (n * (first - second));
  for (const sign of [1, -1] as const) {
    const gradient: Two = sign > 0 ? [1, 0, 0] : [0, 0, 1];
    const { plain, corrected, covered } = wishart(eigenvalue(sign), gradient, [first, second]);
    expect(Math.abs(plain.mean - sign * bias)).toBeLessThanOrEqual(4.5 * plain.standardError + 0.15 * bias);
    expect(bias).toBeGreaterThan(9 * plain.standardError);
    expect(Math.abs(corrected.mean)).toBeLessThanOrEqual(4.5 * corrected.standardError);
    expect(covered).toBeGreaterThan(0.92);
    expect(covered).toBeLessThan(0.975);
  }
});
