/**
 * @module matrix/figures
 *
 * Figures of a Fisher, trace, norm, log-determinant, effective dimension and its largest eigenvalues, each plug-in, corrected and with its
 * error by the jackknife over groups of examples (stats/jackknife). All are computed of each of the 31 sets of groups, so a figure costs 31
 * times its evaluation. Eigenvalues of different sets are compared by rank.
 */
import { jackknife, jackknifeSets, type NonlinearFigure, tellsErrors } from '../stats/index.js';
import type { BlockMatrix } from './block-matrix.js';
import { isFailure } from './blocks/block.js';

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
  /** Lets timers and signals be heard, between evaluations. */
  pause?(): Promise<void>;
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
}

/** trace, norm, log-determinant, effective dimension, then the eigenvalues; NaN where there is none. */
type Evaluation = readonly number[];

/**
 * The figures of a Fisher held in groups.
 * @throws FimError with `random/seed`, `random/sequence`, `stats/level`
 */
export async function figuresOf(groups: Groups, request: FigureRequest): Promise<MatrixFigures> {
  const { whole, counts } = groups;
  const at = async (matrix: BlockMatrix): Promise<Evaluation> => {
    await request.pause?.();
    return evaluate(matrix, request);
  };
  const told = tellsErrors(counts) && request.left > 0;
  const sets = told ? jackknifeSets(counts) : { without: [], halves: [] };
  const all = await at(whole);
  const without: Evaluation[] = [];
  for (const set of sets.without) without.push(await at(groups.of(set)));
  const halves: Evaluation[] = [];
  for (const set of sets.halves) halves.push(await at(groups.of(set)));
  const figure = (k: number, feasible: readonly [number, number], bends = false): NonlinearFigure =>
    jackknife(
      { whole: all[k], without: without.map((e) => e[k]), halves: halves.map((e) => e[k]) },
      { counts, left: request.left, level: request.level, feasible, bends },
    );
  const POSITIVE = [0, Infinity] as const;
  return {
    trace: figure(0, POSITIVE),
    frobenius: figure(1, POSITIVE),
    logdet: figure(2, [-Infinity, Infinity], true),
    effectiveDimension: figure(3, [0, whole.size], true),
    top: all.slice(4).map((_, k) => figure(4 + k, POSITIVE)),
  };
}

async function evaluate(matrix: BlockMatrix, { damping, top, only }: FigureRequest): Promise<Evaluation> {
  const wanted = (name: FigureName): boolean => only?.includes(name) ?? true;
  const number = async (found: ReturnType<BlockMatrix['logdet']>): Promise<number> => {
    const value = await found;
    return isFailure(value) ? NaN : value.value;
  };
  const k = Math.min(top, matrix.size);
  const trace = wanted('trace') ? (await matrix.trace()).value : NaN;
  const norm = wanted('frobenius') ? (await matrix.frobenius()).value : NaN;
  const largest = k > 0 ? matrix.largest(k) : [];
  return [
    trace,
    norm,
    wanted('logdet') ? await number(matrix.logdet(damping)) : NaN,
    wanted('effectiveDimension') ? await number(matrix.effectiveDimension(damping)) : NaN,
    ...largest,
  ];
}
