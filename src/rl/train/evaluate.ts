/**
 * @module rl/train/evaluate
 *
 * Fresh episodes of a policy with its most likely action (largest logit, or the means, clipped to the Box), or with actions drawn from it.
 * Starts come from the run's seed at indices that training never uses, so the same policy gets the same score. Where an environment has no
 * time limit an episode is cut at 10,000 steps, which is counted: such a return is no whole episode's.
 */
import type { FloatArray } from '../../core/tensor.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import type { Environment } from '../environment.js';
import { featureLength, features } from '../policies/features.js';
import { policyProgram, undrawable } from '../policies/play.js';
import { make } from '../registry.js';
import type { MakeOptions } from '../registration.js';
import { allocateFor, lengthOf } from '../spaces.js';
import type { Acting } from '../types.js';
import { returnFigure, type ReturnFigure } from './returns.js';

/** How a policy is evaluated. */
export interface EvaluateOptions {
  /** Default 20. */
  episodes?: number;
  /** Seed of the episodes; default 0. */
  seed?: number;
  /** Options of the environment. */
  options?: MakeOptions;
  /** `likeliest` (default), or `drawn` from `likelihood`. */
  actions?: Acting;
  /** Of actions given the network's outputs (`Training.model.likelihood`, or a file's). */
  likelihood?: Likelihood | null;
}

/** What result.json and `--json` say of an evaluation. */
export interface EvaluationFigure extends ReturnFigure {
  /** Steps of each episode. */
  readonly lengths: readonly number[];
  /** Episodes that evaluation itself ended, at `EVALUATION_LIMIT` steps. */
  readonly cut: number;
}

/** Mean return of a policy with its standard error, and every episode behind it. */
export interface Evaluation extends EvaluationFigure {
  /** Return of each episode, in order. */
  readonly returns: readonly number[];
}

/** Indices of evaluation's starts begin here; a vector of environments has indices 0 … n − 1. */
const FIRST = 1_000_000;
/** Steps after which an episode without a time limit is cut: a policy may walk in a circle for ever. */
export const EVALUATION_LIMIT = 10_000;

/**
 * Plays `network`, which reads raw observations, in environment `id`. Throws what `make` throws, and `rl/policy` for a network of other
 * spaces, or one whose actions cannot be drawn.
 * @throws FimError with `engine/batch`, `engine/connect`, `engine/memory`, `engine/name`, `engine/operator`, `engine/slot`, `engine/store`,
 * `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`, `random/seed`, `random/sequence`,
 * `rl/action-finite`, `rl/action-range`, `rl/action-shape`, `rl/closed`, `rl/dynamics`, `rl/ended`, `rl/environment-number`,
 * `rl/environment-returns`, `rl/environment-threw`, `rl/new`, `rl/not-reset`, `rl/option`, `rl/space`, `rl/state`, `rl/unknown`
 */
export async function evaluate(
  network: Network,
  id: string,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { episodes = 20, actions = 'likeliest', likelihood = null } = options;
  if (actions === 'drawn' && likelihood === null) throw undrawable('no distribution');
  const environments: Environment[] = [];
  try {
    for (let i = 0; i < episodes; i++) environments.push(await make(id, options.options));
    return play(network, environments, options.seed ?? 0, actions === 'drawn' ? likelihood : null);
  } finally {
    for (const env of environments) env.close();
  }
}

/** What result.json keeps of an evaluation. */
export function evaluationFigure(evaluation: Evaluation): EvaluationFigure {
  const { mean, standardError, episodes, lengths, cut } = evaluation;
  return { mean, standardError, episodes, lengths, cut };
}

/** One episode of each, stepped together; actions are drawn from `likelihood` where there is one. */
function play(
  network: Network,
  environments: readonly Environment[],
  seed: number,
  likelihood: Likelihood | null,
): Evaluation {
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
  const longest = environments[0].spec.maxSteps ?? EVALUATION_LIMIT;
  let running = environments.map((_, i) => i);
  let cut = 0;
  let step = 0;
  while (running.length > 0) {
    running.forEach((i, row) =>
      features(observationSpace, observations[i], 1, seen.subarray(row * size, (row + 1) * size)),
    );
    const actions = likelihood
      ? program.draw(seen, running.length, { likelihood, seed, episodes: running, step })
      : program.act(seen, running.length);
    step++;
    running = running.filter((i, row) => {
      environments[i].stepInto(actions.subarray(row * width, (row + 1) * width), buffers[i]);
      returns[i] += buffers[i].reward;
      lengths[i]++;
      if (buffers[i].terminated || buffers[i].truncated) return false;
      if (lengths[i] < longest) return true;
      cut++;
      return false;
    });
  }
  program.dispose();
  return { ...returnFigure(returns), returns, lengths, cut };
}
