/**
 * @module fisher/forms/layers/layers
 *
 * Forms of the Fisher that go by layers, estimated from exact columns, sampled labels, signs or the data's labels, each element with its
 * error: Kronecker factors (J. Martens, R. Grosse, ICML 2015, §3; of shared weights R. Eschenhagen et al., NeurIPS 2023), blocks of the weights
 * into each output, blocks of whole layers; any of them for any layer.
 */
import { FimError } from '../../../core/errors.js';
import { setting, settings } from '../../../core/settings/reference.js';
import type { Engine } from '../../../engine/types.js';
import type { Likelihood } from '../../../likelihood/types.js';
import { type Network, parameterCount } from '../../../model/network.js';
import { layersOf } from '../../../scores/layers.js';
import type { Sharing } from '../../../scores/score.js';
import type { Counts } from '../../counts.js';
import { decide } from '../../decided.js';
import { ESTIMATORS } from '../../estimators/table.js';
import { below, finite, oddNumber, type Trouble } from '../../finite.js';
import { checkSettings, jobOf } from '../../job.js';
import { type Job, loop } from '../../loop.js';
import { budgetOf } from '../../memory.js';
import type { DiagonalOptions } from '../../options.js';
import type { ExampleSource } from '../../source.js';
import type { ExampleGroups } from '../../example-groups.js';
import { GroupKeeper } from '../diagonal/group-sums.js';
import { copySums, type DiagonalSums, mergeSums } from '../diagonal/sums.js';
import { accumulateLayers, type LayersAccumulation } from './accumulation.js';
import { type LayersEstimate, layersOfSums, unpackedGroups } from './estimate.js';
import { packedSize } from './packing.js';
import { type Bases, formed, type FormedLayer, itemsOf, type LayerForm, type LayerItem } from './items.js';

/** Settings of `estimateLayers` beside those of the diagonal. */
export interface LayersOptions extends Omit<
  DiagonalOptions,
  'design' | 'proxies' | 'functionals' | 'quadratics' | 'largest' | 'foretell' | 'mix' | 'level' | 'onBatch'
> {
  /** The form of a layer by the name of its weight. Default: kfac of all. */
  readonly formOf?: ((weight: string) => LayerForm) | undefined;
  /** How positions that share a weight make its factors. Default `expand`. */
  readonly sharing?: Sharing | undefined;
  /** Every bias stands for itself, and no factor of inputs has a last 1. Default false. */
  readonly biasApart?: boolean | undefined;
  /** Bases of the layers that are kept as scales (`ekfac`); without them those keep their factors. */
  readonly bases?: Bases | undefined;
  /** Errors of elements; default true. */
  readonly errors?: boolean | undefined;
  /** After each batch, with the examples done. */
  onBatch?(examples: number): void;
}

/** What is kept of a network. */
export interface LayersPlan {
  /** With the form of each. */
  readonly layers: readonly FormedLayer[];
  /** The arrays. */
  readonly items: readonly LayerItem[];
}

/**
 * The form that each layer gets, and the arrays of it.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `tensor/size`
 */
export function planLayers(
  network: Network,
  { formOf = () => 'kfac', sharing = 'expand', biasApart = false, bases }: LayersOptions,
): LayersPlan {
  const layers = formed(layersOf(network, biasApart), formOf, sharing);
  const positionsOf = (weight: string | null) =>
    sharing === 'reduce' ? 1 : (layers.find((l) => l.weight === weight)?.matrix?.positions ?? 1);
  const items = layers.flatMap((layer) =>
    itemsOf(layer, sharing, bases ?? null, positionsOf(layer.apartFrom)),
  );
  return { layers, items };
}

/** Sums of a run. */
export interface LayersRun {
  readonly job: Job;
  readonly plan: LayersPlan;
  readonly form: LayersAccumulation;
  /** By group of examples. */
  readonly counts: readonly Counts[];
  readonly keeper: GroupKeeper | null;
  readonly interrupted: boolean;
  /** What was done that was not asked for. */
  readonly notes: readonly string[];
  /** Throws `fisher/no-examples`. */
  readonly estimate: () => LayersEstimate;
}

/**
 * Estimates second moments by layer over all examples of `source`. Throws `fisher/layers` for estimators of second derivatives,
 * `fisher/targets`, `fisher/draws`, `fisher/no-examples`, `fisher/not-finite`.
 * @throws FimError with `engine/memory`, `fisher/exact-pairs`, `fisher/output-not-finite`, `fisher/positions`, `graph/examples-coupled`,
 * `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `random/index`, `random/seed`, `tensor/size`
 */
export async function estimateLayers(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: LayersOptions,
): Promise<LayersEstimate> {
  const { result, note } = await finiteLayers(engine, network, likelihood, source, options);
  const estimate = result.estimate();
  return note === null ? estimate : { ...estimate, notes: [...estimate.notes, note] };
}

/** Runs until every number is finite. Throws what `estimateLayers` throws. */
export async function finiteLayers(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: LayersOptions,
  groups?: ExampleGroups,
): Promise<{ result: LayersRun; note: string | null }> {
  checkSettings(network, likelihood, options);
  requireScores(options);
  const none = ({ counts }: LayersRun) => counts.every((c) => c.examples === 0);
  const values = (run: LayersRun) =>
    none(run) ? [] : run.estimate().arrays.map(({ name, value }) => ({ name, fisher: value }));
  return finite({
    engine,
    network,
    source,
    run: (e, n, s) => runLayers(e, n, likelihood, s, options, groups),
    trouble: (run) => (none(run) ? null : troubleOf(run.estimate())),
    lost: (run) => below(values(run)),
    zero: (run) => below(values(run), 0),
    interrupted: (run) => run.interrupted,
    say: options.say,
  });
}

function requireScores({ estimator }: Pick<LayersOptions, 'estimator'>): void {
  if (!ESTIMATORS[estimator].curved) return;
  throw new FimError({
    code: 'fisher/layers',
    kind: 'usage',
    where: setting('estimator', estimator),
    rule: 'has the diagonal and the dense form alone: forms by layer are made of scores',
    next: settings({ estimator: 'exact' }),
  });
}

function troubleOf({ arrays }: LayersEstimate): Trouble | null {
  for (const { name, value, labelError, dataError } of arrays)
    for (const [what, numbers] of Object.entries({ '': value, label_se: labelError, data_se: dataError })) {
      const odd = numbers && oddNumber(numbers);
      if (odd) return { tensor: name, got: what === '' ? odd : `${odd} in ${what}` };
    }
  return null;
}

async function runLayers(
  engine: Engine,
  given: Network,
  declared: Likelihood,
  source: ExampleSource,
  options: LayersOptions,
  groups: ExampleGroups | undefined,
): Promise<LayersRun> {
  const {
    errors = true,
    sharing = 'expand',
    signal,
    onBatch,
    groupSums,
    memory,
    population,
    populationSize,
  } = options;
  const plan = planLayers(given, options);
  const note = closedForms(declared, plan, options);
  const error = note === null ? options.error : ('sampled' as const);
  const { onBatch: _, ...plain } = options;
  const settled = { ...plain, ...(error ? { error } : {}) };
  const budget = options.budget ?? budgetOf(given, memory, layerSumBytes(given, plan, groupSums ?? 0));
  const job = await jobOf(engine, given, declared, source, { ...settled, budget });
  const form = accumulateLayers(
    { ...job, doubts: [] },
    { items: plan.items, sharing, errors, bases: options.bases ?? null },
    groups?.count,
  );
  const keeper = groupSums && !groups ? new GroupKeeper(groupSums, form.sums[0].value.tensors) : null;
  const { workers, interrupted, ...ran } = await loop(
    [{ job: { ...job, doubts: [] }, forms: [form] }],
    source,
    {
      signal,
      groups,
      watch: keeper,
      onBatch: ([{ counts }]) => onBatch?.(counts.reduce((sum, c) => sum + c.examples, 0)),
    },
  );
  const { counts } = workers[0];
  const { estimator, labels, error: decided } = decide(settled);
  const known = { estimator, labels, error: decided, populationSize, sharing, errors };
  const whole = { ...known, population: population ?? 'distribution' };
  const notes = note === null ? ran.notes : [note, ...ran.notes];
  let made: LayersEstimate | null = null;
  const estimate = () =>
    (made ??= {
      ...layersOfSums(...together(form.sums, counts), plan, whole, interrupted),
      ...(keeper ? { groupSums: unpackedGroups(keeper.sums, plan.items) } : {}),
      notes,
    });
  return { job, plan, form, counts, keeper, interrupted, notes, estimate };
}

/** The sums of all groups of examples as those of one; one group's stay themselves. */
function together(sums: readonly DiagonalSums[], counts: readonly Counts[]): [DiagonalSums, Counts] {
  if (sums.length === 1) return [sums[0], counts[0]];
  const all = counts[0].copy();
  const whole = copySums(sums[0]);
  for (const [g, other] of sums.entries()) {
    if (g === 0) continue;
    mergeSums(whole, other);
    all.merge(counts[g]);
  }
  return [whole, all];
}

/** Bytes of the sums of a number: mean, squares and label variances of two passes, and the estimate. */
const SUM_BYTES = 8 * 8;
/** Bytes of a number's sum over a group: itself, and unpacked for a file, where a symmetric array has twice the numbers. */
const GROUP_BYTES = 3 * 8;

/** Bytes that the sums of a plan take, with those of so many groups of examples. */
export const layerSumBytes = (network: Network, { items }: LayersPlan, groups: number): number =>
  (SUM_BYTES + GROUP_BYTES * groups) * items.reduce((sum, item) => sum + packedSize(item), 0) +
  8 * parameterCount(network);

/** What is said where the label error takes draws in place of its closed form, which is that of one position; null: it does not. */
/** Where the label error comes from, which is decided for all layers of a network: none of one range has another. */
export function layersError(
  network: Network,
  likelihood: Likelihood,
  options: LayersOptions,
): LayersOptions['error'] {
  return closedForms(likelihood, planLayers(network, options), options) === null ? options.error : 'sampled';
}

function closedForms(likelihood: Likelihood, { items }: LayersPlan, options: LayersOptions): string | null {
  const { estimator, labels = 1, error = 'closed-form', errors = true } = options;
  if (!errors || error !== 'closed-form' || !ESTIMATORS[estimator].drawn) return null;
  const law = estimator === 'rademacher' ? 'pairwise' : likelihood.labelKind;
  const several = items.some(({ kind, rows }) => kind === 'gradients' && rows > 1);
  if (law !== 'pairwise' || !several) return null;
  const from = labels > 1 ? 'from the draws' : 'not told apart from one draw';
  return `label errors of factors: ${from}; their closed form is that of weights without positions`;
}
