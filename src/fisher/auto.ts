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
import { UniformStream } from '../core/random.js';
import type { Engine } from '../engine/types.js';
import type { Likelihood } from '../likelihood/types.js';
import { type Layer, layersOf } from '../model/layers.js';
import type { Network } from '../model/network.js';
import { Accumulator, type Job } from './accumulate.js';
import { assemble } from './assemble.js';
import { estimatorCost } from './choose.js';
import { describe, refine, spread } from './diagonal.js';
import type { DiagonalEstimate } from './estimate.js';
import { finiteDiagonal } from './finite.js';
import { groupsOf } from './groups.js';
import { DEFAULT_BUDGET } from './memory.js';
import type { DiagonalOptions } from './options.js';
import { planPasses } from './plan.js';
import type { ExampleSource } from './source.js';
import type { TensorSums } from './tensor-sums.js';
import { RecordingTotals, type TotalSums } from './totals.js';
import type { Profile } from './closed-forms/profile.js';

/** What a layer may be estimated by. */
export type AutoEstimator = 'exact' | 'rademacher' | 'type1';

/** The estimator that was chosen for one layer, and why. */
export interface LayerChoice extends Layer {
  readonly estimator: AutoEstimator;
  readonly reason: string;
}

/** Draws per example of the sampled layers: two, so that the draws tell their own error. */
const DRAWS = 2;

/** For each layer, the estimator whose variance times price is least, from a pilot's profile. */
export function chooseByLayer(network: Network, likelihood: Likelihood, profile: Profile): LayerChoice[] {
  return layersOf(network).map((layer) => {
    const sub = restricted(network, layer.parameters);
    const tensors = profile.tensors.filter((t) => layer.parameters.includes(t.name));
    const total = (term: (t: Profile['tensors'][number], i: number) => number) =>
      tensors.reduce((sum, t) => sum + t.fisher.reduce((s, _, i) => s + term(t, i), 0), 0);
    const data = total((t, i) => Math.max(0, t.fisherSquared[i] - t.fisher[i] ** 2));
    const variances: Record<AutoEstimator, number> = {
      exact: data,
      // At most, for any root.
      rademacher: data + total((t, i) => 2 * t.fisherSquared[i]) / DRAWS,
      type1: data + total((t, i) => t.type1[i]) / DRAWS,
    };
    const names = ['exact', 'rademacher', 'type1'] as const;
    const price = (estimator: AutoEstimator) => {
      const drawn = estimator !== 'exact';
      const e = { estimator, labels: drawn ? DRAWS : 0, error: drawn ? 'sampled' : 'none' } as const;
      return variances[estimator] * estimatorCost(sub, likelihood, e);
    };
    const estimator = names.reduce((a, b) => (price(b) < price(a) ? b : a));
    const others = names.filter((e) => e !== estimator);
    const reason = others
      .map((e) => `${e} ×${Number((price(e) / price(estimator)).toPrecision(2))}`)
      .join(', ');
    return { ...layer, estimator, reason: `least variance × operations; ${reason}` };
  });
}

/** The network with only some of its parameters counted. */
function restricted(network: Network, names: readonly string[]): Network {
  const counted = (name: string) => names.includes(name);
  return {
    ...network,
    parameters: new Map([...network.parameters].filter(([name]) => counted(name))),
    fixed: new Map([...network.fixed, ...[...network.parameters].filter(([name]) => !counted(name))]),
  };
}

type LayerOptions = Omit<DiagonalOptions, 'estimator' | 'labels' | 'error' | 'targets' | 'onBatch'>;

/** Estimates each layer as chosen. Throws `fisher/not-finite`. */
export async function estimateByLayer(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  choices: readonly LayerChoice[],
  options: LayerOptions,
): Promise<DiagonalEstimate> {
  return finiteDiagonal(engine, network, source, (e, n, s) =>
    layersOnce(e, n, likelihood, s, choices, options),
  );
}

async function layersOnce(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  choices: readonly LayerChoice[],
  options: LayerOptions,
): Promise<DiagonalEstimate> {
  const { seed = 0, stream = 'estimate' } = options;
  const groups = groupsOf(network);
  const used = [...new Set(choices.map((c) => c.estimator))];
  const jobs = used.map((estimator, k): Job => {
    const names = choices.filter((c) => c.estimator === estimator).flatMap((c) => c.parameters);
    const draws = estimator === 'exact' ? 0 : DRAWS;
    const error = estimator === 'exact' ? 'none' : 'sampled';
    return {
      engine,
      network: restricted(network, names),
      likelihood,
      estimator,
      passes: planPasses(estimator, error, likelihood, network.h.shape[1] as number, draws),
      groups: [
        ...groups.filter((g) => g.kind !== 'total' && g.parameters.every((p) => names.includes(p))),
        { kind: 'total', name: 'total', parameters: names },
      ],
      draws,
      stream: new UniformStream(seed, `${estimator}/${stream}`),
      targets: null,
      weights: options.weights,
      batch: options.batch ?? 256,
      budget: options.budget ?? DEFAULT_BUDGET,
      signal: options.signal,
      // One of them measures all doubts; which one is a matter of noise.
      doubts: k === 0 ? (network.doubts ?? []) : [],
      record: true,
    };
  });
  const { work, interrupted } = await inLockstep(jobs, source, options);
  const totals = new Map<string, TotalSums>();
  const tensors = new Map<string, TensorSums>();
  const whole: RecordingTotals[] = [];
  let offMode: number | null = 0;
  for (const [k, job] of jobs.entries()) {
    const { sums } = work[k];
    if (!interrupted) await refine(job, sums, source);
    if (job.estimator === 'type1') offMode = sums.offMode;
    const { value } = spread(sums);
    for (const [p, t] of value.tensors) tensors.set(p, t);
    job.groups.forEach((g, i) => {
      if (g.kind === 'total') whole.push(value.totals[i] as RecordingTotals);
      else totals.set(`${g.kind}/${g.name}`, value.totals[i]);
    });
  }
  const { examples, weight, weightSquares } = work[0].sums;
  const together = RecordingTotals.together(whole, options.weights !== undefined);
  const gathered = {
    tensors,
    totals: groups.map((g) =>
      g.kind === 'total' ? together : (totals.get(`${g.kind}/${g.name}`) as TotalSums),
    ),
  };
  const sampled = used.some((e) => e !== 'exact');
  const estimate = assemble(
    {
      examples,
      weight,
      weightSquares,
      offMode,
      groups,
      value: gathered,
      spread: gathered,
      doubts: work[0].sums.doubts,
      doubtWeight: work[0].sums.doubtWeight,
    },
    {
      ...options,
      estimator: used.includes('type1') ? 'type1' : sampled ? 'rademacher' : 'exact',
      seed,
      labels: sampled ? DRAWS : 0,
      error: sampled ? 'sampled' : 'none',
    },
    describe(network, likelihood),
    interrupted,
  );
  const by = new Map(choices.map((c) => [c.name, c.estimator]));
  return {
    ...estimate,
    estimator: 'auto',
    layers: estimate.layers.map((l) => ({ ...l, estimator: by.get(l.name) as AutoEstimator })),
  };
}

/** Runs all jobs on each batch before the next, so that they always stand at the same example. */
async function inLockstep(
  jobs: readonly Job[],
  source: ExampleSource,
  { signal }: Pick<DiagonalOptions, 'signal'>,
): Promise<{ work: readonly Accumulator[]; interrupted: boolean }> {
  const work: Accumulator[] = [];
  try {
    for (const job of jobs) work.push(await Accumulator.prepare(job));
    const batch = Math.min(...work.map((w) => w.batch));
    for (const examples of source(batch, work[0].dtype)) {
      if (signal?.aborted) return { work, interrupted: true };
      for (const w of work) await w.add(examples);
    }
    return { work, interrupted: false };
  } finally {
    for (const w of work) w.dispose();
  }
}
