/**
 * @module fisher/job
 *
 * Job of the loop from the settings of an estimate: what is checked before anything runs, the network in the coordinates that the
 * estimator asks for, the weights of a mix.
 */
import { FimError } from '../core/errors.js';
import { setting, settings } from '../core/settings/reference.js';
import { UniformStream } from '../core/random.js';
import type { Engine } from '../engine/types.js';
import { rootFor } from '../likelihood/roots/index.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { requireDraws, requirePairs } from './checks.js';
import { pooledWeights } from './closed-forms/pooled.js';
import { decide } from './decided.js';
import type { Estimator } from './estimate.js';
import { ESTIMATORS } from './estimators/table.js';
import type { Job } from './loop.js';
import { budgetOf, piecesBy, sumsOf } from './memory.js';
import type { DiagonalOptions } from './options.js';
import type { ExampleSource } from './source.js';

/** Examples per pass where nothing is said. */
const BATCH = 256;

/** Throws `likelihood/outputs`, `fisher/targets`, `fisher/draws`. */
export function checkSettings(
  network: Network,
  likelihood: Likelihood,
  options: Pick<DiagonalOptions, 'estimator' | 'labels' | 'targets'>,
): void {
  const { drawn, targets } = ESTIMATORS[options.estimator];
  likelihood.checkOutputs(network.h.shape[1] as number);
  if (targets && !options.targets) throw noTargets();
  if (drawn) requireDraws(options.labels ?? 1);
}

/** The job of an estimate; a mix without weights takes them from a pilot of `source` first. Throws `fisher/positions`. */
export async function jobOf(
  engine: Engine,
  given: Network,
  declared: Likelihood,
  source: ExampleSource,
  options: DiagonalOptions,
): Promise<Job> {
  const { stream = 'estimate' } = options;
  const { estimator: name, labels, error, seed, exactPairs } = decide(options);
  const estimator = ESTIMATORS[name];
  const { network, likelihood } = estimator.coordinates?.(given, declared) ?? {
    network: given,
    likelihood: declared,
  };
  if (likelihood.repeated && name === 'mix' && error === 'closed-form') throw onlySampled(name);
  const mix =
    name === 'mix'
      ? (options.mix ?? (await pooledWeights(engine, network, likelihood, source, options)))
      : undefined;
  const signRoot = rootFor(likelihood, network.h.shape[1] as number, drawnRoot(name, options.root));
  if (name === 'rademacher') requirePairs(exactPairs, signRoot.columnCount(network.h.shape[1] as number));
  return {
    engine,
    network,
    likelihood,
    estimator,
    error,
    draws: labels,
    stream: new UniformStream(seed, `${estimator.stream}/${stream}`),
    root: signRoot,
    exactPairs,
    targets: options.targets ?? null,
    classWeights: options.classWeights,
    mix,
    weights: options.weights,
    design: options.design,
    tilted: options.design !== undefined && options.population !== 'data',
    batch: options.batch ?? BATCH,
    budget:
      options.budget ??
      budgetOf(network, options.memory, sumsOf(network, error === 'closed-form' ? 2 : 1), piecesBy(engine)),
    doubts: network.doubts ?? [],
  };
}

/** A kernel root is of use to signs alone: others ask a root for traces at most. */
const drawnRoot = (estimator: Estimator, root: DiagonalOptions['root']): DiagonalOptions['root'] =>
  estimator !== 'rademacher' && typeof root === 'object' ? 'eigen' : root;

function onlySampled(estimator: string): FimError {
  return new FimError({
    code: 'fisher/positions',
    kind: 'usage',
    where: setting('estimator', estimator),
    rule: 'takes its label error over several positions from draws: its closed form is that of one choice',
    got: setting('error', 'closed-form'),
    next: settings({ error: 'sampled', labels: 2 }),
  });
}

function noTargets(): FimError {
  return new FimError({
    code: 'fisher/targets',
    where: 'empirical Fisher',
    rule: 'needs the labels of the data',
    next: "name them with `targets: NAME`, or choose `estimator: 'exact'`",
  });
}
