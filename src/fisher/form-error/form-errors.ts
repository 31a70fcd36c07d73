/**
 * @module fisher/form-error/form-errors
 *
 * Distances of the forms of the Fisher from the Fisher itself, ε_l = ‖F_l − F̂_l‖_F/‖F_l‖_F of every layer and of all layers together, from m
 * examples and without a matrix of the size of a layer. Every product of two sums over examples is taken over different examples, so that
 * no square of noise is left in it:
 *
 *   ‖F‖²       Σ_{x≠x'} Σ_kk' ⟨s_k, s'_k'⟩²/(m(m − 1))
 *   entries    Σ_{x≠x'} ⟨d, d'⟩/(m(m − 1)) of the entries d that a form keeps, in the eigenbases of A and G for EKFAC (these given)
 *   A ⊗ G      2⟨F, A ⊗ G⟩ − ‖A ⊗ G‖², an example multiplied with the factors of the others
 *
 * of a distribution. Where the m examples are all of a population without drawn labels, pairs of an example with itself count: ε is that of
 * the population, without error; of a part of it, in between (form-error/pair-sums). Time: m²K²·(in + out) operations of a layer at one
 * position, m²K²·in·out/2 of one at many, and see form-error/shared. Memory: factors of the examples, layer by layer where all do not fit.
 */
import { FimError } from '../../core/errors.js';
import { setting, settings } from '../../core/settings/reference.js';
import type { Engine } from '../../engine/types.js';
import type { Labels, Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import type { Population } from '../estimate.js';
import { checkSettings, jobOf } from '../job.js';
import { columnsOf, type Job } from '../loop.js';
import { nextTask } from '../pause.js';
import type { ExampleSource } from '../source.js';
import { collectFactors, factorNumbers, isProduct, type LayerFactors } from './factors.js';
import { type ErrorDesign, errorFigure, type FormError } from './figure.js';
import {
  blockFits,
  COMPARED_FORMS,
  type ComparedForm,
  numbersKept,
  operationsFor,
  scoreOperations,
} from './forms.js';
import { onePosition } from './one-position.js';
import { examplesWithout, type Grouping, groupsInOrder, PairSums } from './pair-sums.js';
import { type LayerParts, partsOfLayers } from './parts.js';
import { plainRows } from './rows.js';
import { sharedPart } from './shared.js';
import { type Asked, type PartKept, type TilePart } from './kept.js';
import { squaresOfColumns, tilesOf } from './tiles.js';

/** Estimators whose columns make a Fisher by squares of scores. */
export const FORM_ESTIMATORS = ['exact', 'type1', 'rademacher', 'empirical'] as const;

/** Settings of `formErrors`. */
export interface FormErrorOptions {
  /** Which forms. Default all of them. */
  readonly forms?: readonly ComparedForm[] | undefined;
  /** Examples m that are taken, at most. Default 512. */
  readonly examples?: number | undefined;
  /** Of the Fisher: exact columns, sampled labels, signs or the labels of the data. Default exact. */
  readonly estimator?: (typeof FORM_ESTIMATORS)[number] | undefined;
  /** Draws per example, for those that draw. Default 1. */
  readonly labels?: number | undefined;
  /** Labels of the data, for empirical. */
  readonly targets?: Labels | undefined;
  /** Of the loss by class, for empirical: a score is multiplied by the weight of its label. */
  readonly classWeights?: readonly number[] | undefined;
  /** Of the draws; default 0. */
  readonly seed?: number | undefined;
  /** What the examples stand for; default `distribution`. */
  readonly population?: Population | undefined;
  /** Examples in the whole data set. */
  readonly populationSize: number;
  /** Of the intervals; default 0.95. */
  readonly level?: number | undefined;
  /** Examples per pass. */
  readonly batch?: number | undefined;
  /** Bytes that the factors of the examples may take; default 512 MiB. */
  readonly memory?: number | undefined;
  /** Ends it; what is not done is left out. */
  readonly signal?: AbortSignal | undefined;
  /** Seconds from any fixed moment, for the time that forms take. */
  readonly now?: (() => number) | undefined;
  /** Hears how far it is, in [0, 1]. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** A form of a layer. */
export interface FormOfLayer extends FormError {
  /** Numbers that it keeps. */
  readonly numbers: number;
  /**
   * Seconds that its sums take over the whole data set: operations, at the rate at which the scores of these examples were made; null
   * without a clock, or by one that stood still.
   */
  readonly seconds: number | null;
}

/** A layer by its forms. */
export interface LayerFormErrors {
  /** Name of the layer. */
  readonly name: string;
  /** Its number of parameters. */
  readonly size: number;
  /** By form, those that were asked for. */
  readonly forms: Readonly<Partial<Record<ComparedForm, FormOfLayer>>>;
}

/** How good forms of the Fisher are. */
export interface FormErrors {
  /** The layers that reach the output, in the network's order. */
  readonly layers: readonly LayerFormErrors[];
  /** All layers together: √(Σ‖F_l − F̂_l‖²/Σ‖F_l‖²). */
  readonly whole: LayerFormErrors;
  /** Examples m that it is from. */
  readonly examples: number;
  /** Columns of a pass. */
  readonly columns: number;
  /** Groups of the jackknife. */
  readonly groups: number;
  /** Whether it is of these very examples, without error. */
  readonly certain: boolean;
  /** Whether a signal ended it. */
  readonly interrupted: boolean;
}

/** Groups of the jackknife. */
const GROUPS = 20;
const EXAMPLES = 512;
const MEMORY = 512 * 2 ** 20;

/** Sums of a layer. */
interface LayerSums {
  readonly layer: LayerParts;
  readonly whole: PairSums;
  readonly parts: readonly PartKept[];
}

/**
 * ε of every layer by every form. Throws `form-error/memory`, `form-error/examples`.
 * @throws FimError with `engine/memory`, `fisher/draws`, `fisher/exact-pairs`, `fisher/no-examples`, `fisher/not-finite`,
 * `fisher/output-not-finite`, `fisher/positions`, `fisher/targets`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`,
 * `kernels/unknown`, `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`,
 * `linalg/shape`, `memory/too-small`, `random/seed`, `stats/level`, `tensor/size`
 */
export async function formErrors(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: FormErrorOptions,
): Promise<FormErrors> {
  const {
    estimator = 'exact',
    seed,
    labels,
    targets,
    classWeights,
    batch,
    populationSize: N,
    signal,
  } = options;
  const columns = {
    estimator,
    ...(labels ? { labels } : {}),
    ...(targets ? { targets } : {}),
    ...(classWeights ? { classWeights } : {}),
  };
  checkSettings(network, likelihood, columns);
  const job = await jobOf(engine, network, likelihood, source, {
    ...columns,
    ...(seed === undefined ? {} : { seed }),
    ...(batch === undefined ? {} : { batch }),
    populationSize: N,
  });
  const m = Math.min(options.examples ?? EXAMPLES, N);
  if (m < 2) throw tooFew(m);
  const layers = partsOfLayers(network);
  const sums: LayerSums[] = [];
  let passes = { operations: 0, seconds: 0 };
  const groups = groupsInOrder(m, GROUPS);
  const known = options.population === 'data' && !job.estimator.drawn;
  const asked = { forms: new Set(options.forms ?? COMPARED_FORMS), certain: known && m === N };
  for (const some of inPasses(layers, m, columnsOf(job).columns, options.memory ?? MEMORY)) {
    const { now } = options;
    const { layers: found, examples, seconds } = await collectFactors(job, some, source, m, { signal, now });
    if (examples < m) break;
    passes = {
      operations: passes.operations + m * scoresOf(some, columnsOf(job).columns),
      seconds: passes.seconds + seconds,
    };
    for (const layer of found) {
      if (signal?.aborted) break;
      sums.push(await sumsOfLayer(layer, columnsOf(job).columns, groups, asked));
      options.onProgress?.(sums.length / layers.length);
    }
  }
  return resultOf(sums, job, groups, options, {
    rate: passes.seconds > 0 ? passes.operations / passes.seconds : null,
    interrupted: sums.length < layers.length,
  });
}

/** Operations that make the scores of an example. */
const scoresOf = (layers: readonly LayerParts[], K: number): number =>
  layers.flatMap(({ parts }) => parts).reduce((sum, p) => sum + scoreOperations(p, K), 0);

/** Layers whose factors fit at once, in order. Throws `form-error/memory`. */
function inPasses(layers: readonly LayerParts[], m: number, K: number, memory: number): LayerParts[][] {
  const passes: LayerParts[][] = [];
  let left = 0;
  for (const layer of layers) {
    const bytes = 8 * factorNumbers(layer, m, K);
    if (bytes > memory) throw tooLarge(layer, bytes, memory, Math.floor((m * memory) / bytes));
    if (passes.length === 0 || bytes > left) {
      passes.push([]);
      left = memory;
    }
    passes[passes.length - 1].push(layer);
    left -= bytes;
  }
  return passes;
}

async function sumsOfLayer(
  { layer, factors }: LayerFactors,
  K: number,
  groups: Grouping,
  asked: Asked,
): Promise<LayerSums> {
  const parts = factors.map((f): TilePart => {
    if (!isProduct(f)) return plainRows(f, K, groups);
    return (f.part.positions === 1 ? onePosition : sharedPart)(f, K, groups, asked);
  });
  const whole = new PairSums(groups);
  const size = Math.max(...layer.parts.map((p) => (p.kind === 'rows' ? p.size : p.inputs * p.outputs)));
  for (const t of tilesOf(groups.of.length, K, size)) {
    const inner = parts.map((p) => p.tile(t));
    const [sum] = inner;
    for (const v of inner.slice(1)) for (let i = 0; i < sum.length; i++) sum[i] += v[i];
    whole.addTile(squaresOfColumns(sum, t.rows, t.columns, K), t);
    await nextTask();
  }
  return { layer, whole, parts: parts.map((p) => p.finish()) };
}

/** What forms keep of a part, by form. */
const PART_OF: Readonly<Record<ComparedForm, keyof PartKept>> = {
  diagonal: 'diagonal',
  block: 'diagonal',
  unit: 'unit',
  kfac: 'expand',
  'kfac-reduce': 'reduce',
  ekfac: 'ekfac',
};

function resultOf(
  sums: readonly LayerSums[],
  job: Job,
  groups: Grouping,
  options: FormErrorOptions,
  { rate, interrupted }: { readonly rate: number | null; readonly interrupted: boolean },
): FormErrors {
  const { populationSize: N, level = 0.95, forms = COMPARED_FORMS } = options;
  const n = examplesWithout(groups, -1);
  const known = options.population === 'data' && !job.estimator.drawn;
  const rho = known ? 1 / N : 0;
  const { columns } = columnsOf(job);
  const design = { groups, unseen: known ? 1 - n / N : 1, level };
  const figures = (name: string, of: readonly LayerSums[]): LayerFormErrors => ({
    name,
    size: of.reduce((sum, { layer }) => sum + layer.size, 0),
    forms: Object.fromEntries(
      forms.map((form) => [
        form,
        {
          ...figureOf(of, form, design, rho),
          numbers: of.reduce((sum, { layer }) => sum + numbersKept(layer, form), 0),
          seconds:
            rate &&
            of.reduce((sum, { layer }) => sum + (N / rate) * operationsFor(layer, form, columns, N), 0),
        },
      ]),
    ),
  });
  return {
    layers: sums.map((s) => figures(s.layer.name, [s])),
    whole: figures('all layers', sums),
    examples: n,
    columns,
    groups: groups.count,
    certain: known && n === N,
    interrupted,
  };
}

function figureOf(of: readonly LayerSums[], form: ComparedForm, design: ErrorDesign, rho: number): FormError {
  // A block is the layer itself.
  const whole = (s: LayerSums) => form === 'block' && blockFits(s.layer);
  if (of.every(whole)) return { error: 0, standardError: 0, interval: [0, 0] };
  const part = PART_OF[form];
  if (of.some((s) => !whole(s) && s.parts.some((p) => p[part] === null)))
    return { error: null, standardError: null, interval: null };
  return errorFigure((out) => {
    let [all, kept] = [0, 0];
    for (const s of of) {
      const square = s.whole.squared(out, rho);
      all += square;
      kept += whole(s) ? square : s.parts.reduce((sum, p) => sum + (p[part]?.kept(out, rho) ?? 0), 0);
    }
    return { whole: all, kept };
  }, design);
}

function tooFew(got: number): FimError {
  return new FimError({
    code: 'form-error/examples',
    where: 'errors of forms of the Fisher',
    rule: 'products of different examples take at least 2',
    got: String(got),
    next: 'more examples',
  });
}

function tooLarge({ name }: LayerParts, bytes: number, memory: number, fit: number): FimError {
  const mib = (b: number) => `${Math.ceil(b / 2 ** 20)} MiB`;
  return new FimError({
    code: 'form-error/memory',
    kind: 'usage',
    where: `layer "${name}"`,
    rule: `inputs and gradients of the examples fit into ${mib(memory)}`,
    got: mib(bytes),
    cause: 'many positions share its weight, or a pass has many columns',
    next:
      fit >= 40
        ? setting('examples', fit)
        : settings({ memory: mib(bytes) }) + ', or fewer columns: ' + setting('estimator', 'rademacher'),
  });
}
