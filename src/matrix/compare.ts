/**
 * @module matrix/compare
 *
 * Two Fishers over the same parameters side by side: cosine ⟨F, F'⟩/(‖F‖‖F'‖), relative distance ‖F − F'‖/‖F‖ of the first, ratio of the
 * traces tr F'/tr F, and the share of the largest entries of the diagonal that are the same, which is no smooth function: groups of n/20
 * examples, many more than √n, tell its error all the same (J. Shao, C. Wu, Ann. Statist. 1989). Errors by the jackknife: over groups of both at
 * once where the two are of the same examples in the same groups, else of each by itself, whose corrections and variances add up.
 */
import {
  between,
  jackknife,
  jackknifeSets,
  type NonlinearFigure,
  studentQuantile,
  tellsErrors,
  untold,
} from '../stats/index.js';
import type { BlockMatrix } from './block-matrix.js';
import { isFailure, largestPlaces } from './blocks/block.js';
import type { Groups } from './figures.js';
import { squaredDistance } from './distance.js';
import { innerProduct } from './inner.js';

/** One of the two. */
export interface Compared extends Groups {
  /** Share of variance and bias that is left, 1 − n/N, where the N examples are all there is; 1 for a distribution. */
  readonly left: number;
}

/** How they are compared. */
export interface CompareRequest {
  /** Whether groups of one are those of the other. */
  readonly paired: boolean;
  /** Of the intervals, in (0, 1). */
  readonly level: number;
  /** Share of the entries whose overlap is told. */
  readonly share: number;
  /** Lets timers and signals be heard, between evaluations. */
  pause?(): Promise<void>;
  /** Ends it with what is known: figures without errors. */
  readonly signal?: AbortSignal | undefined;
}

/** Two Fishers side by side. */
export interface Comparison {
  /** ⟨F, F'⟩/(‖F‖‖F'‖); the plug-in value is NaN where it cannot be computed. */
  readonly cosine: NonlinearFigure;
  /** ‖F − F'‖/‖F‖. */
  readonly relativeDistance: NonlinearFigure;
  /** tr F'/tr F. */
  readonly traceRatio: NonlinearFigure;
  /** The same among the largest entries of the diagonal: how many of those are largest in both. */
  readonly overlap: NonlinearFigure & {
    /** Of all entries. */
    readonly share: number;
  };
  /** Whether a signal ended it before the errors were known. */
  readonly interrupted: boolean;
}

const NAMES = ['cosine', 'relativeDistance', 'traceRatio', 'overlap'] as const;
const FEASIBLE = {
  cosine: [-1, 1],
  relativeDistance: [0, Infinity],
  traceRatio: [0, Infinity],
  overlap: [0, 1],
} as const;

/** Why nothing is known of an error. */
const INTERRUPTED = 'interrupted before its error was known';

type Numbers = Readonly<Record<(typeof NAMES)[number], number>>;

/**
 * Compares two Fishers of one layout.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`, `random/seed`, `random/sequence`, `stats/level`
 */
export async function compareFishers(a: Compared, b: Compared, request: CompareRequest): Promise<Comparison> {
  const watch = new Watch(request);
  const { share } = request;
  const whole = await numbersOf(a.whole, b.whole, share);
  const run = request.paired
    ? await evaluated(a, whole, (groups) => numbersOf(a.of(groups), b.of(groups), share), watch)
    : null;
  const alone = request.paired
    ? []
    : [
        await evaluated(a, whole, (groups) => numbersOf(a.of(groups), b.whole, share), watch),
        await evaluated(b, whole, (groups) => numbersOf(a.whole, b.of(groups), share), watch),
      ];
  const figure = (name: (typeof NAMES)[number]): NonlinearFigure => {
    const feasible = FEASIBLE[name];
    if (run) return run(name, request.level, feasible);
    return added(
      alone.map((one) => one(name, request.level, [-Infinity, Infinity])),
      [a, b].map((one) => filled(one.counts)),
      request.level,
      feasible,
    );
  };
  return {
    cosine: figure('cosine'),
    relativeDistance: figure('relativeDistance'),
    traceRatio: figure('traceRatio'),
    overlap: { share, ...uncorrected(figure('overlap')) },
    interrupted: watch.interrupted,
  };
}

/** Asks for a signal between evaluations, and remembers that there was one. */
class Watch {
  interrupted = false;

  constructor(private readonly request: Pick<CompareRequest, 'pause' | 'signal'>) {}

  async stopped(): Promise<boolean> {
    await this.request.pause?.();
    this.interrupted ||= this.request.signal?.aborted ?? false;
    return this.interrupted;
  }
}

type Figures = (
  name: (typeof NAMES)[number],
  level: number,
  feasible: readonly [number, number],
) => NonlinearFigure;

async function evaluated(
  { counts, left }: Compared,
  whole: Numbers,
  at: (groups: readonly number[]) => Promise<Numbers>,
  watch: Watch,
): Promise<Figures> {
  const told = tellsErrors(counts) && left > 0;
  const sets = told ? jackknifeSets(counts) : { without: [], halves: [] };
  const each = async (groups: readonly (readonly number[])[]): Promise<Numbers[]> => {
    const out: Numbers[] = [];
    for (const set of groups) {
      if (await watch.stopped()) break;
      out.push(await at(set));
    }
    return out;
  };
  const [without, halves] = [await each(sets.without), await each(sets.halves)];
  return (name, level, feasible) =>
    told && watch.interrupted
      ? untold(whole[name], INTERRUPTED)
      : jackknife(
          { whole: whole[name], without: without.map((v) => v[name]), halves: halves.map((v) => v[name]) },
          { counts, left, level, feasible, bends: false },
        );
}

/** Corrections and variances of independent parts, added; degrees of freedom by Satterthwaite. */
function added(
  parts: readonly NonlinearFigure[],
  groups: readonly number[],
  level: number,
  feasible: readonly [number, number],
): NonlinearFigure {
  const { plugIn } = parts[0];
  const value = parts.reduce((sum, p) => sum + p.value - plugIn, plugIn);
  const open = parts.find((p) => p.standardError === null);
  if (open) return untold(plugIn, open.unresolved);
  const squares = parts.map((p) => (p.standardError as number) ** 2);
  const variance = squares.reduce((sum, v) => sum + v, 0);
  const freedom = variance ** 2 / squares.reduce((sum, v, k) => sum + v ** 2 / Math.max(1, groups[k] - 1), 0);
  const standardError = Math.sqrt(variance);
  const half = variance > 0 ? studentQuantile((1 + level) / 2, freedom) * standardError : 0;
  return { plugIn, standardError, ...between(value, half, feasible) };
}

const filled = (counts: ArrayLike<number>): number => Array.from(counts).filter((n) => n > 0).length;

/** A count of entries about itself: a correction of what moves in steps is noise. */
function uncorrected(figure: NonlinearFigure): NonlinearFigure {
  const { plugIn, value, interval } = figure;
  if (!interval) return { ...figure, value: plugIn };
  const half = Math.max(interval[1] - value, value - interval[0]);
  return { ...figure, value: plugIn, interval: [Math.max(0, plugIn - half), Math.min(1, plugIn + half)] };
}

async function numbersOf(a: BlockMatrix, b: BlockMatrix, share: number): Promise<Numbers> {
  const [x, y] = [(await a.frobenius()).value, (await b.frobenius()).value];
  const [s, t] = [(await a.trace()).value, (await b.trace()).value];
  const { cosine, squared } = await anglesOf(a, b, x, y);
  return {
    cosine,
    relativeDistance: Math.sqrt(Math.max(0, squared)) / x,
    traceRatio: t / s,
    overlap: await overlapOf(a, b, share),
  };
}

/** Of norms x and y, the cosine and ‖F − F'‖²: by the difference of the two where they are near, by their product else. */
async function anglesOf(
  a: BlockMatrix,
  b: BlockMatrix,
  x: number,
  y: number,
): Promise<{ cosine: number; squared: number }> {
  const direct = squaredDistance(a, b);
  if (direct === 0 && x > 0) return { cosine: 1, squared: 0 };
  if (direct !== null && direct < x * y)
    return { cosine: (x * x + y * y - direct) / (2 * x * y), squared: direct };
  const inner = await innerProduct(a, b);
  const known = isFailure(inner) ? NaN : inner;
  return { cosine: known / (x * y), squared: direct ?? x * x - 2 * known + y * y };
}

async function overlapOf(a: BlockMatrix, b: BlockMatrix, share: number): Promise<number> {
  const k = Math.max(1, Math.ceil(share * a.size));
  const [x, y] = [largestPlaces(await a.diagonal(), k), largestPlaces(await b.diagonal(), k)];
  const first = new Set(x);
  return y.reduce((same, i) => same + (first.has(i) ? 1 : 0), 0) / k;
}
