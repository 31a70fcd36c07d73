/**
 * @module rl/train/evaluate
 *
 * Fresh episodes of a policy with its most likely action: largest logit, or the means, clipped to the Box. Starts come from the run's
 * seed at indices that training never uses, so the same policy gets the same score. Where an environment has no time limit an episode is
 * cut at 10,000 steps.
 */
import type { FloatArray } from '../../core/tensor.js';
import type { Network } from '../../model/network.js';
import type { Environment } from '../environment.js';
import { featureLength, features } from '../policies/features.js';
import { policyProgram } from '../policies/play.js';
import { make } from '../registry.js';
import type { MakeOptions } from '../registration.js';
import { allocateFor, lengthOf } from '../spaces.js';
import { returnFigure, type ReturnFigure } from './returns.js';

export interface EvaluateOptions {
  /** Default 20. */
  episodes?: number;
  seed?: number;
  /** Options of the environment. */
  options?: MakeOptions;
}

export interface Evaluation extends ReturnFigure {
  readonly returns: readonly number[];
  readonly lengths: readonly number[];
}

/** Indices of evaluation's starts begin here; a vector of environments has indices 0 … n − 1. */
const FIRST = 1_000_000;
/** Steps after which an episode without a time limit is cut: a policy may walk in a circle for ever. */
const LONGEST = 10_000;

/** Plays `network`, which reads raw observations, in environment `id`. */
export async function evaluate(
  network: Network,
  id: string,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { episodes = 20, seed = 0 } = options;
  const environments: Environment[] = [];
  try {
    for (let i = 0; i < episodes; i++) environments.push(await make(id, options.options));
    return play(network, environments, seed);
  } finally {
    for (const env of environments) env.close();
  }
}

/** One episode of each, stepped together. */
function play(network: Network, environments: readonly Environment[], seed: number): Evaluation {
  const [{ observationSpace, actionSpace }] = environments;
  const count = environments.length;
  const program = policyProgram(network, { observationSpace, actionSpace }, count);
  const size = featureLength(observationSpace);
  const width = lengthOf(actionSpace);
  const seen: FloatArray = new Float64Array(count * size);
  const observations = environments.map(() => allocateFor(observationSpace));
  const returns = new Array<number>(count).fill(0);
  const lengths = new Array<number>(count).fill(0);
  environments.forEach((env, i) => env.resetInto(observations[i], 0, { seed, index: FIRST + i }));
  const buffers = observations.map((observation) => ({
    observation,
    reward: 0,
    terminated: false,
    truncated: false,
  }));
  const longest = environments[0].spec.maxSteps ?? LONGEST;
  let running = environments.map((_, i) => i);
  while (running.length > 0) {
    running.forEach((i, row) =>
      features(observationSpace, observations[i], 1, seen.subarray(row * size, (row + 1) * size)),
    );
    const actions = program.act(seen, running.length);
    running = running.filter((i, row) => {
      environments[i].stepInto(actions.subarray(row * width, (row + 1) * width), buffers[i]);
      returns[i] += buffers[i].reward;
      lengths[i]++;
      return !buffers[i].terminated && !buffers[i].truncated && lengths[i] < longest;
    });
  }
  program.dispose();
  return { ...returnFigure(returns), returns, lengths };
}
