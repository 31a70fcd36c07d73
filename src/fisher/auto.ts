/**
 * @module fisher/auto
 *
 * A different estimator for each layer. Which one gives the least variance for its price differs with the layer, by as much as the
 * variance of one label does; the choice is made on a pilot's closed forms, so it is independent of every draw it leads to. Each
 * estimator runs over its own layers with a stream of its own, so label errors add; the data error of the total comes from the
 * per-example totals of all of them together.
 *
 * Price: operations per example (fisher/cost), the same on every machine, so that the same seed gives the same answer. Type 2 is not
 * a candidate here: its value needs the exact Fisher that it adds noise to.
 */
import type { Engine } from '../engine/types.js';
import type { Likelihood } from '../likelihood/types.js';
import { type Layer, layersOf } from '../model/layers.js';
import type { Network } from '../model/network.js';
import { adviseEstimator } from './choose.js';
import type { Counts } from './counts.js';
import { type Decided, decide } from './decided.js';
import type { DiagonalEstimate } from './estimate.js';
import { weighedGroups } from './entry-weights.js';
import { diagonalChecks, finite } from './finite.js';
import { accumulateDiagonal, type DiagonalAccumulation } from './forms/diagonal/accumulation.js';
import { assemble, type Gathered, traceSoFar } from './forms/diagonal/assemble.js';
import { byLayers } from './forms/diagonal/by-layers.js';
import { GroupKeeper } from './forms/diagonal/group-sums.js';
import { type AnyGroup, groupsOf } from './forms/diagonal/groups.js';
import { marginGroups } from './forms/diagonal/margins.js';
import type { PassSums } from './forms/diagonal/sums.js';
import type { TensorSums } from './forms/diagonal/tensor-sums.js';
import { RecordingTotals, type TotalSums } from './forms/diagonal/totals.js';
import { jobOf } from './job.js';
import { withNotes } from './lanes.js';
import { loop, type Task } from './loop.js';
import type { DiagonalOptions } from './options.js';
import { DRAWS } from './recommend.js';
import type { ExampleSource } from './source.js';
import { describe, type Subject, withoutEntries } from './subject.js';
import { measureSets, type PilotRequest } from './variance-pilot.js';

/** What a layer may be estimated by. */
export type AutoEstimator = 'exact' | 'rademacher' | 'type1';

/** The estimator that was chosen for one layer, and why. */
export interface LayerChoice extends Layer {
  /** The estimator. */
  readonly estimator: AutoEstimator;
  /** Why this one. */
  readonly reason: string;
}

/**
 * For each layer, what the one recommendation (fisher/choose) says of it: of the layer's total, or summed over its entries, by a pilot of
 * the whole network (fisher/variance-pilot). Throws what `measureVariances` throws.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`,
 * `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`, `memory/too-small`, `tensor/size`
 */
export async function chooseByLayer(
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  request: PilotRequest,
): Promise<LayerChoice[]> {
  const layers = layersOf(network);
  const sets = layers.map((layer) => layer.parameters);
  const variances = await measureSets(network, likelihood, source, request, sets);
  return layers.map((layer, i) => ({
    ...layer,
    ...adviseEstimator(restricted(network, layer.parameters), likelihood, {
      ...request,
      variances: variances[i],
    }),
  }));
}

/** The network with only some of its parameters counted. */
export function restricted(network: Network, names: readonly string[]): Network {
  const counted = (name: string) => names.includes(name);
  return {
    ...network,
    parameters: new Map([...network.parameters].filter(([name]) => counted(name))),
    fixed: new Map([...network.fixed, ...[...network.parameters].filter(([name]) => !counted(name))]),
  };
}

/** Settings that an estimate by layers shares with a plain one. */
export type LayerOptions = Omit<
  DiagonalOptions,
  'estimator' | 'labels' | 'error' | 'targets' | 'quadratics' | 'onBatch'
>;

/**
 * Estimates each layer as chosen. Throws `fisher/not-finite`.
 * @throws FimError with `engine/memory`, `fisher/entry-weights`, `fisher/exact-pairs`, `fisher/no-examples`, `fisher/output-not-finite`,
 * `fisher/positions`, `fisher/quadratic`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`,
 * `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`,
 * `memory/too-small`, `random/index`, `random/seed`, `random/sequence`, `stats/level`, `tensor/size`
 */
export async function estimateByLayer(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  choices: readonly LayerChoice[],
  options: LayerOptions,
): Promise<DiagonalEstimate> {
  const { result, first, note } = await finiteLayers(engine, network, likelihood, source, choices, options);
  const estimate = result.estimate();
  if (note === null) return estimate;
  const { parameterDoubts } = first.estimate();
  return { ...estimate, parameterDoubts, notes: [...estimate.notes, note] };
}

/** What a run by layers gave. */
export interface LayersRun {
  /** The sums of all layers. */
  readonly gathered: Gathered;
  /** How they become figures. */
  readonly decided: Decided;
  readonly subject: Subject;
  /** Null: groups of examples were not asked for. */
  readonly keeper: GroupKeeper | null;
  readonly interrupted: boolean;
  /** From all of them. Throws `fisher/no-examples`. */
  readonly estimate: () => DiagonalEstimate;
}

/** Runs until every number is finite. Throws what `estimateByLayer` throws. */
export function finiteLayers(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  choices: readonly LayerChoice[],
  options: LayerOptions & Pick<DiagonalOptions, 'onBatch'>,
): Promise<{ result: LayersRun; first: LayersRun; note: string | null }> {
  const { onBatch: _, ...silent } = options;
  return finite({
    engine,
    network,
    source,
    run: (e, n, s, probing) => layersOnce(e, n, likelihood, s, choices, probing ? silent : options),
    ...diagonalChecks((run: LayersRun) => (run.gathered.counts.examples === 0 ? null : run.estimate())),
    interrupted: (run) => run.interrupted,
    say: options.say,
  });
}

/** Of layers by these estimators: how their sums become figures. */
export function decideLayers(
  choices: readonly Pick<LayerChoice, 'estimator'>[],
  options: LayerOptions,
): Decided {
  const used = choices.map((c) => c.estimator);
  const sampled = used.some((e) => e !== 'exact');
  return decide({
    ...options,
    estimator: used.includes('type1') ? 'type1' : sampled ? 'rademacher' : 'exact',
    labels: DRAWS,
    error: 'sampled',
  });
}

async function layersOnce(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  choices: readonly LayerChoice[],
  options: LayerOptions & Pick<DiagonalOptions, 'onBatch'>,
): Promise<LayersRun> {
  const groups: AnyGroup[] = [
    ...groupsOf(network),
    ...weighedGroups(network, { ...options, estimator: 'exact' }),
    ...(options.largest ? marginGroups(network) : []),
  ];
  const used = [...new Set(choices.map((c) => c.estimator))];
  const parts = await Promise.all(
    used.map((estimator, k) =>
      partOf(estimator, k === 0, choices, { engine, network, likelihood, source, options }),
    ),
  );
  const { signal, groupSums, onBatch } = options;
  const keeper = groupSums ? new GroupKeeper(groupSums, tensorsOf(parts)) : null;
  const decided = decideLayers(choices, options);
  const subject = describe(network, likelihood);
  const told = options.entries === false ? withoutEntries(subject) : subject;
  const gathered = (counts: Counts): Gathered => {
    const one = gather(parts, groups, options.weights !== undefined);
    return { counts, groups, value: one, spread: one };
  };
  const { workers, interrupted, notes } = await loop(parts, source, {
    signal,
    watch: keeper,
    onBatch: ([{ counts }]) =>
      onBatch?.({
        examples: counts[0].examples,
        trace: () => traceSoFar(gathered(counts[0]), decided),
        terms: () => [],
        factor: () => 1,
        estimate: () => assemble(gathered(counts[0]), decided, told, false),
      }),
  });
  const all = gathered(workers[0].counts[0]);
  let made: DiagonalEstimate | null = null;
  const estimate = () =>
    (made ??= {
      ...withNotes(byLayers(assemble(all, decided, told, interrupted), estimatorsOf(choices)), notes),
      ...(keeper ? { groupSums: keeper.sums } : {}),
    });
  return { gathered: all, decided, subject, keeper, interrupted, estimate };
}

/** Estimators by the name of the layer. */
export const estimatorsOf = (
  choices: readonly Pick<LayerChoice, 'name' | 'estimator'>[],
): Record<string, AutoEstimator> => Object.fromEntries(choices.map((c) => [c.name, c.estimator]));

/** The layers of one estimator: their job, and its form with the totals that it keeps. */
interface Part extends Task {
  readonly groups: readonly AnyGroup[];
  readonly forms: readonly [DiagonalAccumulation];
}

async function partOf(
  estimator: AutoEstimator,
  /** Whether it measures the doubts: one of them does, and which one is a matter of noise. */
  doubting: boolean,
  choices: readonly LayerChoice[],
  of: {
    readonly engine: Engine;
    readonly network: Network;
    readonly likelihood: Likelihood;
    readonly source: ExampleSource;
    readonly options: LayerOptions;
  },
): Promise<Part> {
  const { engine, network, likelihood, source, options } = of;
  const names = choices.filter((c) => c.estimator === estimator).flatMap((c) => c.parameters);
  const groups: AnyGroup[] = [
    ...groupsOf(network).filter((g) => g.kind !== 'total' && g.parameters.every((p) => names.includes(p))),
    { kind: 'total', name: 'total', parameters: names },
    ...weighedGroups(network, { functionals: options.functionals, estimator }),
    ...(options.largest ? marginGroups(network).filter((g) => names.includes(g.parameters[0])) : []),
  ];
  const settings = { ...options, estimator, labels: DRAWS, error: 'sampled' } as const;
  const whole = await jobOf(engine, restricted(network, names), likelihood, source, settings);
  const job = doubting ? whole : { ...whole, doubts: [] };
  return {
    job,
    groups,
    forms: [accumulateDiagonal(job, { groups, record: true, refine: true, entries: options.entries })],
  };
}

/** The tensors of all parts. */
function tensorsOf(parts: readonly Part[]): ReadonlyMap<string, TensorSums> {
  return new Map(parts.flatMap(({ forms }) => [...forms[0].sums[0].value.tensors]));
}

/** The sums of all parts as those of one network: totals over several parts from the examples of each. */
function gather(parts: readonly Part[], groups: readonly AnyGroup[], weighted: boolean): PassSums {
  const totals = new Map<string, TotalSums>();
  const tensors = new Map<string, TensorSums>();
  const whole = new Map<string, RecordingTotals[]>();
  for (const { job, groups: own, forms } of parts) {
    const { value } = forms[0].sums[0];
    for (const [p, t] of value.tensors) tensors.set(p, Object.assign(t, { drawn: job.estimator.drawn }));
    own.forEach((g, i) => {
      const key = `${g.kind}/${g.name}`;
      const total = value.totals[i];
      if (total instanceof RecordingTotals) whole.set(key, [...(whole.get(key) ?? []), total]);
      else totals.set(key, total);
    });
  }
  for (const [key, own] of whole) totals.set(key, RecordingTotals.together(own, weighted));
  return {
    tensors,
    totals: groups.map((g) => totals.get(`${g.kind}/${g.name}`) as TotalSums),
  };
}
