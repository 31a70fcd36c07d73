/**
 * @module matrix/figures
 *
 * Figures of a Fisher, trace, norm, log-determinant, effective dimension and its largest eigenvalues, each plug-in, corrected and with its
 * error by the jackknife over groups of examples (stats/jackknife). All are computed of each of the 31 sets of groups, so a figure costs 31
 * times its evaluation. Eigenvalues of different sets are compared by rank.
 */
import { jackknife, jackknifeSets, type NonlinearFigure, tellsErrors, untold } from '../stats/index.js';
import type { BlockMatrix } from './block-matrix.js';
import { type DampedBlock, isFailure } from './blocks/block.js';

/** Groups of examples of which matrices can be made. */
export interface Groups {
  /** Of all examples. */
  readonly whole: BlockMatrix;
  /** Examples of each group [B]; empty: none are told apart. */
  readonly counts: ArrayLike<number>;
  /** Of the examples of some groups. */
  of(groups: readonly number[]): BlockMatrix;
}

/** Figures beside the eigenvalues. */
export type FigureName = 'trace' | 'frobenius' | 'logdet' | 'effectiveDimension';

/** What is asked of a Fisher. */
export interface FigureRequest {
  /** λ of log-determinant and effective dimension. */
  readonly damping: number;
  /** Largest eigenvalues. */
  readonly top: number;
  /** Of the intervals, in (0, 1). */
  readonly level: number;
  /** Share of variance and bias that is left, 1 − n/N, where the N examples are all there is; 1 for a distribution. */
  readonly left: number;
  /** Those that are wanted; default all. The others are NaN, and cost nothing. */
  readonly only?: readonly FigureName[] | undefined;
  /** Lets timers and signals be heard, between and within evaluations. */
  pause?(): Promise<void>;
  /** Ends it with what is known: figures without errors, or those that were computed. */
  readonly signal?: AbortSignal | undefined;
}

/** Figures of a Fisher. */
export interface MatrixFigures {
  /** tr F. */
  readonly trace: NonlinearFigure;
  /** ‖F‖. */
  readonly frobenius: NonlinearFigure;
  /** log det(F + λI); the cause where it has none. */
  readonly logdet: NonlinearFigure;
  /** tr F(F + λI)⁻¹. */
  readonly effectiveDimension: NonlinearFigure;
  /** The largest eigenvalues, falling. */
  readonly top: readonly NonlinearFigure[];
  /** Whether a signal ended it before all was known. */
  readonly interrupted: boolean;
}

/** trace, norm, log-determinant, effective dimension, then the eigenvalues; NaN where there is none, undefined where it was not reached. */
type Evaluation = readonly (number | undefined)[];

/**
 * The figures of a Fisher held in groups.
 * @throws FimError with `random/seed`, `random/sequence`, `stats/level`
 */
export async function figuresOf(groups: Groups, request: FigureRequest): Promise<MatrixFigures> {
  const { whole, counts } = groups;
  const stopped = async (): Promise<boolean> => {
    await request.pause?.();
    return request.signal?.aborted ?? false;
  };
  const told = tellsErrors(counts) && request.left > 0;
  const sets = told ? jackknifeSets(counts) : { without: [], halves: [] };
  const each = async (of: readonly (readonly number[])[]): Promise<Evaluation[]> => {
    const out: Evaluation[] = [];
    for (const set of of) if (!(await stopped())) out.push(await evaluate(groups.of(set), request, stopped));
    return out;
  };
  const all = await evaluate(whole, request, stopped, true);
  const [without, halves] = [await each(sets.without), await each(sets.halves)];
  const reached = (e: Evaluation): boolean => e.every((v) => v !== undefined);
  const missing = sets.without.length + sets.halves.length - without.length - halves.length;
  const interrupted = missing > 0 || ![all, ...without, ...halves].every(reached);
  const figure = (k: number, feasible: readonly [number, number], bends = false): NonlinearFigure => {
    const plugIn = all[k];
    if (plugIn === undefined) return untold(NaN, 'interrupted before it was computed');
    if (interrupted && told) return untold(plugIn, 'interrupted before its error was known');
    const numbers = (of: readonly Evaluation[]): number[] => of.map((e) => e[k] ?? NaN);
    return jackknife(
      { whole: plugIn, without: numbers(without), halves: numbers(halves) },
      { counts, left: request.left, level: request.level, feasible, bends },
    );
  };
  const POSITIVE = [0, Infinity] as const;
  return {
    trace: figure(0, POSITIVE),
    frobenius: figure(1, POSITIVE),
    logdet: figure(2, [-Infinity, Infinity], true),
    effectiveDimension: figure(3, [0, whole.size], true),
    top: all.slice(4).map((_, k) => figure(4 + k, POSITIVE)),
    interrupted,
  };
}

/** Of one matrix, part by part; `stopped` is asked before each, and where `atLeast` is set heeded only before those of n³. */
async function evaluate(
  matrix: BlockMatrix,
  { damping, top, only }: FigureRequest,
  stopped: () => Promise<boolean>,
  atLeast = false,
): Promise<Evaluation> {
  const wanted = (name: FigureName): boolean => only?.includes(name) ?? true;
  const k = Math.min(top, matrix.size);
  const part = async <T>(asked: boolean, none: T, compute: () => T | Promise<T>): Promise<T | undefined> =>
    !asked ? none : (await stopped()) && !atLeast ? undefined : compute();
  const trace = await part(wanted('trace'), NaN, async () => (await matrix.trace()).value);
  const norm = await part(wanted('frobenius'), NaN, async () => (await matrix.frobenius()).value);
  const largest = await part<ArrayLike<number>>(k > 0, [], () => matrix.largest(k));
  const bent = wanted('logdet') || wanted('effectiveDimension');
  const damped = await part(bent, null, () => dampedBlocks(matrix, damping, stopped));
  const sum = (name: 'logdet' | 'effectiveDimension'): Promise<number | undefined> =>
    wanted(name) ? summed(damped, name, stopped) : Promise.resolve(NaN);
  const [logdet, dimension] = [await sum('logdet'), await sum('effectiveDimension')];
  const values = Array.from({ length: k }, (_, i) => largest?.[i]);
  return [trace, norm, logdet, dimension, ...values];
}

/** Every block damped; null: one of them cannot be, undefined: it was not reached. */
async function dampedBlocks(
  { blocks }: BlockMatrix,
  damping: number,
  stopped: () => Promise<boolean>,
): Promise<readonly DampedBlock[] | null | undefined> {
  const all: DampedBlock[] = [];
  for (const { block } of blocks) {
    if (await stopped()) return undefined;
    const damped = block.damped(damping);
    if (isFailure(damped)) return null;
    all.push(damped);
  }
  return all;
}

async function summed(
  blocks: readonly DampedBlock[] | null | undefined,
  name: 'logdet' | 'effectiveDimension',
  stopped: () => Promise<boolean>,
): Promise<number | undefined> {
  if (!blocks) return blocks === null ? NaN : undefined;
  let sum = 0;
  for (const damped of blocks) {
    if (await stopped()) return undefined;
    sum += damped[name]();
  }
  return sum;
}
