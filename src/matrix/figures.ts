/**
 * @module matrix/figures
 *
 * Figures of a Fisher, trace, norm, log-determinant, effective dimension, its largest eigenvalues and their density, of all of it and of
 * each layer, plug-in, corrected and with their errors by the jackknife over groups of examples (stats/jackknife). All are computed of each of
 * the 31 sets of groups, so a figure costs 31 times its evaluation. Eigenvalues of different sets are compared by rank.
 */
import { fallingFigures } from '../stats/falling.js';
import { jackknife, type NonlinearFigure, untold } from '../stats/index.js';
import { type BlockMatrix, largestOf } from './block-matrix.js';
import { type DampedBlock, isFailure, type MatrixBlock } from './blocks/block.js';
import {
  densityFigures,
  type DensityGrid,
  gridOf,
  sharesOf,
  type Shares,
  type SpectralDensity,
} from './density.js';
import {
  evaluateReplicates,
  mapReplicates,
  replicateCount,
  type Replicates,
  replicatesOf,
  type ToldDraws,
  valuesOf,
} from './replicates.js';
import { type LayerOfParameters, layerParts, type LayerParts } from './layer-parts.js';

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
  /** Of random labels or signs, all of whose variance is left: without them it counts as that of the inputs. Taken where `left` is below 1. */
  readonly draws?: ToldDraws | null | undefined;
  /** Those that are wanted; default all. The others are NaN, and cost nothing. */
  readonly only?: readonly FigureName[] | undefined;
  /** Layers whose figures stand beside those of the whole, `regions`: those that the form has; default none. */
  readonly layers?: readonly LayerOfParameters[] | 'regions' | undefined;
  /** Whether the density of the eigenvalues is told; default false. */
  readonly density?: boolean | undefined;
  /** Lets timers and signals be heard, between and within evaluations. */
  readonly pause?: (() => Promise<void>) | undefined;
  /** Ends it with what is known: figures without errors, or those that were computed. */
  readonly signal?: AbortSignal | undefined;
}

/** Numbers of a symmetric matrix, each with its error. */
export interface SpectrumFigures {
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

/** Figures of the Fisher of a layer. */
export interface LayerFigures extends SpectrumFigures {
  /** Of the layer. */
  readonly name: string;
}

/** Figures of a Fisher. */
export interface MatrixFigures extends SpectrumFigures {
  /** By layer; empty where none were asked for. */
  readonly layers: readonly LayerFigures[];
  /** Of the eigenvalues; null: not asked for, or not reached. */
  readonly density: SpectralDensity | null;
  /** Whether a signal ended it before all was known. */
  readonly interrupted: boolean;
}

/** Numbers of some blocks; NaN where there is none, undefined where it was not reached. */
interface Numbers {
  readonly trace: number | undefined;
  readonly frobenius: number | undefined;
  readonly logdet: number | undefined;
  readonly effectiveDimension: number | undefined;
  readonly top: readonly (number | undefined)[];
}

/** Those of a matrix and of its layers. */
interface Evaluation {
  readonly whole: Numbers;
  readonly layers: readonly Numbers[];
  readonly shares: Shares | null | undefined;
}

type Stopped = () => Promise<boolean>;

/**
 * The figures of a Fisher held in groups.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/lanczos`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `matrix/rows`, `random/index`, `random/seed`, `random/sequence`,
 * `stats/level`
 */
export async function figuresOf(groups: Groups, request: FigureRequest): Promise<MatrixFigures> {
  const { whole, counts } = groups;
  const stopped = async (): Promise<boolean> => {
    await request.pause?.();
    return request.signal?.aborted ?? false;
  };
  const replicates = replicatesOf({
    counts,
    left: request.left,
    of: (set) => groups.of(set),
    draws: request.draws,
  });
  const told = replicateCount(replicates) > 0;
  const blocks = whole.blocks.map(({ block }) => block);
  const grid = request.density ? gridOf(blocks, request.damping) : null;
  const evaluator = new Evaluator(request, grid, stopped);
  const all = await evaluator.evaluate(whole, true);
  const found = await evaluateReplicates(replicates, async (matrix) => {
    const one = (await stopped()) ? null : await evaluator.evaluate(matrix());
    return one && reached(one) ? one : null;
  });
  const interrupted = found === null || !reached(all);
  const known = told && !interrupted && found ? found : NONE;
  const numbersOf = (of: (e: Evaluation) => Numbers, size: number): SpectrumFigures =>
    figuresFrom(of(all), mapReplicates(known, of), { request, counts, size, cut: told && interrupted });
  const density = (): SpectralDensity | null => {
    if (!grid || !all.shares) return null;
    const design = {
      counts: known !== NONE || !told ? counts : [],
      left: request.left,
      level: request.level,
    };
    return densityFigures(
      grid,
      all.shares,
      mapReplicates(known, (e) => e.shares as Shares),
      design,
    );
  };
  const { parts } = evaluator.partsOf(whole);
  return {
    ...numbersOf((e) => e.whole, whole.size),
    layers: parts.map(({ name, blocks }, i) => {
      const size = blocks.reduce((sum, b) => sum + b.size, 0);
      return { name, ...numbersOf((e) => e.layers[i], size) };
    }),
    density: density(),
    interrupted,
  };
}

const known = ({ trace, frobenius, logdet, effectiveDimension, top }: Numbers): boolean =>
  [trace, frobenius, logdet, effectiveDimension, ...top].every((v) => v !== undefined);

const reached = ({ whole, layers, shares }: Evaluation): boolean =>
  shares !== undefined && [whole, ...layers].every(known);

const NONE: Replicates<never> = { without: [], halves: [], draws: null };

interface Told {
  readonly request: FigureRequest;
  readonly counts: ArrayLike<number>;
  readonly size: number;
  /** Whether errors were to be, and a signal came first. */
  readonly cut: boolean;
}

function figuresFrom(
  all: Numbers,
  replicates: Replicates<Numbers>,
  { request, counts, size, cut }: Told,
): SpectrumFigures {
  const figure = (
    of: (e: Numbers) => number | undefined,
    feasible: readonly [number, number],
    { bends = false, crosses = false } = {},
  ): NonlinearFigure => {
    const plugIn = of(all);
    if (plugIn === undefined) return untold(NaN, 'interrupted before it was computed');
    if (cut) return untold(plugIn, 'interrupted before its error was known');
    return jackknife(
      valuesOf(
        plugIn,
        mapReplicates(replicates, (e) => of(e) ?? NaN),
      ),
      { counts, left: request.left, level: request.level, feasible, bends, crosses },
    );
  };
  const POSITIVE = [0, Infinity] as const;
  return {
    trace: figure((e) => e.trace, POSITIVE),
    frobenius: figure((e) => e.frobenius, POSITIVE),
    logdet: figure((e) => e.logdet, [-Infinity, Infinity], { bends: true }),
    effectiveDimension: figure((e) => e.effectiveDimension, [0, size], { bends: true }),
    top: fallingFigures(all.top.map((_, k) => figure((e) => e.top[k], POSITIVE, { crosses: k > 0 }))),
  };
}

/** Numbers of matrices of one form. */
class Evaluator {
  constructor(
    private readonly request: FigureRequest,
    private readonly grid: DensityGrid | null,
    private readonly stopped: Stopped,
  ) {}

  /** The layers that are asked for. */
  partsOf(matrix: BlockMatrix): LayerParts {
    const { layers } = this.request;
    if (layers === undefined) return { parts: [], apart: false };
    return layerParts(matrix, layers === 'regions' ? null : layers);
  }

  /** Of one matrix, part by part; `stopped` is asked before each, and where `atLeast` is set heeded only before those of n³. */
  async evaluate(matrix: BlockMatrix, atLeast = false): Promise<Evaluation> {
    const { parts, apart } = this.partsOf(matrix);
    const whole = apart
      ? null
      : await this.numbers(
          matrix.blocks.map((b) => b.block),
          atLeast,
        );
    const layers: Numbers[] = [];
    for (const { blocks } of parts) layers.push(await this.numbers(blocks, atLeast));
    const { grid } = this;
    const shares = !grid
      ? null
      : await this.part(atLeast, () =>
          sharesOf(
            matrix.blocks.map((b) => b.block),
            grid,
          ),
        );
    return { whole: whole ?? joined(layers, Math.min(this.request.top, matrix.size)), layers, shares };
  }

  private async numbers(blocks: readonly MatrixBlock[], atLeast: boolean): Promise<Numbers> {
    const { damping, top, only } = this.request;
    const wanted = (name: FigureName): boolean => only?.includes(name) ?? true;
    const size = blocks.reduce((sum, b) => sum + b.size, 0);
    const k = Math.min(top, size);
    const part = <T>(asked: boolean, none: T, compute: () => T | Promise<T>): Promise<T | undefined> =>
      asked ? this.part(atLeast, compute) : Promise.resolve(none);
    const sumOf = (of: (block: MatrixBlock) => number): number => blocks.reduce((sum, b) => sum + of(b), 0);
    const trace = await part(wanted('trace'), NaN, () => sumOf((b) => b.trace()));
    const norm = await part(wanted('frobenius'), NaN, () => Math.sqrt(sumOf((b) => b.frobenius2())));
    const largest = await part<ArrayLike<number>>(k > 0, [], () => largestOf(blocks, k));
    const bent = wanted('logdet') || wanted('effectiveDimension');
    const damped = await part(bent, null, () => dampedBlocks(blocks, damping, this.stopped));
    const sum = (name: 'logdet' | 'effectiveDimension'): Promise<number | undefined> =>
      wanted(name) ? summed(damped, name, this.stopped) : Promise.resolve(NaN);
    return {
      ...{ trace, frobenius: norm, logdet: await sum('logdet') },
      effectiveDimension: await sum('effectiveDimension'),
      top: Array.from({ length: k }, (_, i) => largest?.[i]),
    };
  }

  private async part<T>(atLeast: boolean, compute: () => T | Promise<T>): Promise<T | undefined> {
    return (await this.stopped()) && !atLeast ? undefined : compute();
  }
}

/** Of a matrix by those of its layers, k eigenvalues. */
function joined(layers: readonly Numbers[], k: number): Numbers {
  const sum = (of: (e: Numbers) => number | undefined): number | undefined => {
    const all = layers.map(of);
    return all.includes(undefined) ? undefined : all.reduce<number>((s, v) => s + (v as number), 0);
  };
  const squared = sum(({ frobenius: f }) => (f === undefined ? undefined : f * f));
  const top = layers.flatMap((e) => e.top);
  const falling = top.includes(undefined)
    ? null
    : Float64Array.from(top as number[])
        .sort()
        .reverse();
  return {
    trace: sum((e) => e.trace),
    frobenius: squared === undefined ? undefined : Math.sqrt(squared),
    logdet: sum((e) => e.logdet),
    effectiveDimension: sum((e) => e.effectiveDimension),
    top: Array.from({ length: k }, (_, i) => falling?.[i]),
  };
}

/** Every block damped; null: one of them cannot be, undefined: it was not reached. */
async function dampedBlocks(
  blocks: readonly MatrixBlock[],
  damping: number,
  stopped: Stopped,
): Promise<readonly DampedBlock[] | null | undefined> {
  const all: DampedBlock[] = [];
  for (const block of blocks) {
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
  stopped: Stopped,
): Promise<number | undefined> {
  if (!blocks) return blocks === null ? NaN : undefined;
  let sum = 0;
  for (const damped of blocks) {
    if (await stopped()) return undefined;
    sum += damped[name]();
  }
  return sum;
}
