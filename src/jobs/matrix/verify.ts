/**
 * @module jobs/matrix/verify
 *
 * The ratio of what a network does to what a Fisher of a file says of it, r = mean_x dᵀF_x d / dᵀF̂d along directions d, the first from
 * divergences (jobs/matrix/moved-network). 1: the matrix has the right scale there.
 *
 * The error, where the file's groups of examples are the visits made here, is a jackknife over groups of both at once, so that what the
 * examples have in common falls out; a direction that the matrix chose is judged by the groups of odd number alone, having been chosen by
 * the even ones. All examples in exact columns leave no error. Else both sides are independent: the spread of dᵀF_x d over examples on
 * one, a jackknife over groups on the other, or, of a file without groups, as much again and 2/K (dᵀF_x d)² for K draws.
 */
import { setting } from '../../core/settings/reference.js';
import { FimError } from '../../core/errors.js';
import type { GroupedFisher } from '../../matrix/index.js';
import type { BlockMatrix } from '../../matrix/index.js';
import type { Direction, DirectionKind } from './directions.js';
import type { FisherFacts } from './file.js';
import type { Curvatures, MovedNetwork } from './moved-network.js';

/** A direction with its ratio. */
export interface Verified {
  /** How the direction was found. */
  readonly kind: DirectionKind;
  /** Where it lies. */
  readonly name: string;
  /** Mean divergence over ½ε²dᵀF̂d. */
  readonly ratio: number;
  /** Of the ratio. */
  readonly standardError: number;
  /** Whether the form claims to be the Fisher there. */
  readonly exact: boolean;
  /** Whether the ratio is off 1 by more than 3 errors and 2 %, where the form makes that claim. */
  readonly off: boolean;
}

/** The Fisher with its visits. */
export interface VerifyRequest {
  /** Of the file. */
  readonly fisher: GroupedFisher;
  /** Of its manifest. */
  readonly facts: FisherFacts;
  /** Whether the examples that the network is moved over are those of the file, in its order. */
  readonly same: boolean;
  /** Group of a visit by its place, where groups are no stretches of the visits; undefined: they are. */
  readonly drawnGroups?: ((place: number) => number) | undefined;
  /** All examples, of which the file's are all. */
  readonly examples: number;
  /** Directions of a matrix. */
  directions(matrix: BlockMatrix): readonly Direction[];
  /** Hears how far it is, 0 … 1. */
  progress(share: number): void;
}

const ERRORS = 3;
const TOLERANCE = 0.02;
/** Part of a quadratic form that sums of groups leave of nothing. */
const ROUNDING = 1e-9;

/** Ratios of all directions. Throws `verify/directions` where the form has none. */
export async function verifyFisher(moved: MovedNetwork, request: VerifyRequest): Promise<Verified[]> {
  const { fisher, facts } = request;
  const groups = filled(fisher.counts);
  const cut = groups.length >= 4 ? halvesOf(fisher, groups) : null;
  const chosen = cut ? request.directions(cut.first) : [];
  // Of few weighted visits one half may hold none.
  const halves = chosen.length > 0 ? cut : null;
  const asked = halves ? chosen : request.directions(fisher.whole);
  if (asked.length === 0) throw withoutDirections(fisher);
  const measured: Curvatures[] = [];
  for (const { vector } of asked) {
    measured.push(await moved.along(vector));
    request.progress(measured.length / asked.length);
  }
  const sides = halves ? [await sideOf(fisher, asked, groups), await sideOf(fisher, asked, halves.odd)] : [];
  const plain = await quadraticsOf(fisher.whole, asked);
  const verified = asked.flatMap((direction, i): Verified[] => {
    const { kind, name, exact, chosen } = direction;
    const side = sides[chosen ? 1 : 0] as Side | undefined;
    // What few examples have, as a row of a table, the other half may not have at all, or one group of it alone.
    const told = side && side.whole[i] > ROUNDING * plain[i] ? byGroups(side, i, measured[i], request) : null;
    const { ratio, standardError } =
      told && Number.isFinite(told.standardError) ? told : byExamples(plain[i], measured[i], facts, request);
    if (!Number.isFinite(ratio)) return [];
    const off = exact && isOff({ ratio, standardError });
    return [{ kind, name, ratio, standardError, exact, off }];
  });
  if (verified.length === 0) throw withoutDirections(fisher);
  return verified;
}

const withoutDirections = ({ whole }: GroupedFisher): FimError =>
  new FimError({
    code: 'verify/directions',
    where: `${whole.form} Fisher`,
    rule: 'has a direction in which it is above 0',
    got: 'zeros',
    next: setting('directions', 'V.npz'),
  });

/** Groups that have examples. */
const filled = (counts: ArrayLike<number>): number[] =>
  Array.from(counts, (_, g) => g).filter((g) => counts[g] > 0);

/**
 * Ratios of all directions for a matrix over the very examples, of which only quadratic forms are known: what is left of ε is the error. Every
 * direction is judged.
 */
export async function verifyQuadratics(
  moved: MovedNetwork,
  directions: readonly Direction[],
  heard: { quadratic(v: Float64Array): Promise<number>; progress(share: number): void },
): Promise<Verified[]> {
  const out: Verified[] = [];
  for (const [i, { kind, name, vector, exact }] of directions.entries()) {
    const { values, remainder } = await moved.along(vector);
    const q = await heard.quadratic(vector);
    const ratio = momentsOf(values).mean / q;
    const standardError = Math.abs(remainder / q);
    out.push({ kind, name, ratio, standardError, exact, off: isOff({ ratio, standardError }) });
    heard.progress((i + 1) / directions.length);
  }
  return out;
}

/** Whether a ratio is off 1 by more than 3 errors and 2 %. */
function isOff({ ratio, standardError }: Ratio): boolean {
  const far = Math.abs(ratio - 1);
  return far > TOLERANCE && !(far <= ERRORS * standardError);
}

function halvesOf(
  fisher: GroupedFisher,
  groups: readonly number[],
): { first: BlockMatrix; odd: readonly number[] } {
  const [even, odd] = [0, 1].map((side) => groups.filter((_, k) => k % 2 === side));
  return { first: fisher.of(even), odd };
}

/** dᵀF̂d by some groups, and without each of them. */
interface Side {
  readonly groups: readonly number[];
  /** [directions]. */
  readonly whole: readonly number[];
  /** [groups][directions]. */
  readonly without: readonly (readonly number[])[];
}

async function sideOf(
  fisher: GroupedFisher,
  directions: readonly Direction[],
  groups: readonly number[],
): Promise<Side> {
  const without: number[][] = [];
  for (const g of groups)
    without.push(await quadraticsOf(fisher.of(groups.filter((other) => other !== g)), directions));
  return { groups, whole: await quadraticsOf(fisher.of(groups), directions), without };
}

const quadraticsOf = (matrix: BlockMatrix, directions: readonly Direction[]): Promise<number[]> =>
  Promise.all(directions.map(({ vector }) => matrix.quadratic(vector)));

interface Ratio {
  readonly ratio: number;
  readonly standardError: number;
}

function byGroups(
  { groups, whole, without }: Side,
  i: number,
  { values, remainder }: Curvatures,
  { fisher, same, drawnGroups }: VerifyRequest,
): Ratio {
  const own = without.map((row) => row[i]);
  if (!same) {
    const K = momentsOf(values);
    const ratio = K.mean / whole[i];
    const Q = jackknifeError(own);
    return {
      ratio,
      standardError: Math.hypot(K.error / whole[i], (ratio * Q) / whole[i], remainder / whole[i]),
    };
  }
  const all = sumsByGroup(values, fisher.counts, drawnGroups);
  const sums = groups.map((g) => all[g]);
  const counts = groups.map((g) => fisher.counts[g]);
  const [sum, count] = [total(sums), total(counts)];
  const ratio = sum / count / whole[i];
  const each = own.map((q, k) => (sum - sums[k]) / (count - counts[k]) / q);
  return { ratio, standardError: Math.hypot(jackknifeError(each), remainder / whole[i]) };
}

function byExamples(
  q: number,
  { values, remainder }: Curvatures,
  { estimator, labels, examples }: FisherFacts,
  { same, examples: all }: VerifyRequest,
): Ratio {
  const { mean, error, square } = momentsOf(values);
  const ratio = mean / q;
  if (same && estimator === 'exact' && examples === all)
    return { ratio, standardError: Math.abs(remainder / q) };
  const drawn = labels > 0 ? (2 * square) / labels : 0;
  const variance = 2 * error * error + drawn / values.length;
  return { ratio, standardError: Math.hypot(Math.sqrt(variance) * (ratio / mean), remainder / q) };
}

/** Mean, its error and the mean square. */
function momentsOf(x: Float64Array): { mean: number; error: number; square: number } {
  const n = x.length;
  const mean = total(x) / n;
  const variance = x.reduce((s, v) => s + (v - mean) ** 2, 0) / Math.max(1, n - 1);
  return { mean, error: Math.sqrt(variance / n), square: x.reduce((s, v) => s + v * v, 0) / n };
}

/** Of values that leave out one group each. */
function jackknifeError(each: readonly number[]): number {
  const G = each.length;
  const mean = total(each) / G;
  return Math.sqrt(((G - 1) / G) * each.reduce((s, v) => s + (v - mean) ** 2, 0));
}

/** Sums over the visits of each group: one stretch after the other, or as they were drawn. */
function sumsByGroup(
  values: Float64Array,
  counts: Float64Array,
  drawn: VerifyRequest['drawnGroups'],
): Float64Array {
  const sums = new Float64Array(counts.length);
  let [g, end] = [0, counts[0]];
  values.forEach((v, place) => {
    while (place >= end) end += counts[++g];
    sums[drawn ? drawn(place) : g] += v;
  });
  return sums;
}

const total = (x: Iterable<number>): number => {
  let sum = 0;
  for (const v of x) sum += v;
  return sum;
};
