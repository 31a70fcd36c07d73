/**
 * @module rl/policies/play
 *
 * Acting with a network outside training: the likeliest action (largest logit, or the means), or one drawn from it. Nothing is normalised
 * here: a network that was trained on normalised observations brings its scaling in its graph, or gets `prepare`.
 */
import { FimError } from '../../core/errors.js';
import { Sequence } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import { createSmallEngine } from '../../engine/small/index.js';
import { concrete, graph, showShape } from '../../graph/index.js';
import { draws, type Likelihood, makeLabels, outputs as outputsOf } from '../../likelihood/index.js';
import type { Network } from '../../model/network.js';
import { randomAction } from '../check.js';
import { clipToBox, lengthOf, startOf } from '../spaces.js';
import type { Action, Space } from '../types.js';
import { featureLength, features } from './features.js';

/** Chooses an action for an observation. */
export type Act = (observation: FloatArray) => Action;

/** What a policy sees and does, and how it chooses. */
export interface PlayOptions {
  /** What it observes. */
  readonly observationSpace: Space;
  /** What it does. */
  readonly actionSpace: Space;
  /** Changes the features in place, e.g. a normaliser's `apply`. */
  readonly prepare?: (features: FloatArray) => void;
}

/**
 * Every action from its space at random, by seed.
 * @throws FimError with `random/seed`, `random/sequence`
 */
export function playRandom(actionSpace: Space, seed = 0): Act {
  const random = new Sequence(seed, 'play');
  return () => randomAction(actionSpace, random);
}

/** The actions of a policy network, many rows at a time. */
export interface PolicyProgram {
  /** The likeliest actions [rows, width] for features [rows, size]; valid until the next call. */
  act(features: FloatArray, rows: number): Float64Array;
  /** Actions drawn from `likelihood` and clipped to the Box, by keys (seed, episode of the row, step); valid until the next call. */
  draw(features: FloatArray, rows: number, how: Drawing): Float64Array;
  dispose(): void;
}

/** What names the draws of actions. */
export interface Drawing {
  /** Of the actions, as the network's outputs say it. */
  readonly likelihood: Likelihood;
  readonly seed: number;
  /** One number a row: the same episode and step, the same draw. */
  readonly episodes: ArrayLike<number>;
  readonly step: number;
}

/**
 * Compiles a policy network for playing. Outputs: A logits for A discrete actions (the largest wins); for an action of m numbers m
 * means, or m means and m scales (the means, clipped to the Box). Throws `rl/policy` where the network does not fit the spaces.
 */
export function policyProgram(
  network: Network,
  { observationSpace, actionSpace }: Pick<PlayOptions, 'observationSpace' | 'actionSpace'>,
  maxBatch: number,
): PolicyProgram {
  const [[name, x]] = network.inputs;
  const T = concrete(network.h.shape, 1)[1];
  const size = featureLength(observationSpace);
  const width = lengthOf(actionSpace);
  const outputs = actionSpace.kind === 'discrete' ? actionSpace.n : width;
  const fits = T === outputs || (actionSpace.kind === 'box' && T === 2 * outputs);
  if (network.inputs.size !== 1 || x.shape.length !== 2 || x.shape[1] !== size || !fits) {
    throw new FimError({
      code: 'rl/policy',
      where: 'policy network',
      rule: `reads ${size} numbers and gives ${outputs}${actionSpace.kind === 'box' ? ` or ${2 * outputs}` : ''} for these spaces`,
      got: `input ${showShape(x.shape)}, output ${showShape(network.h.shape)}`,
      cause: 'a policy that was trained for another environment',
    });
  }
  const engine = createSmallEngine();
  const store = engine.store();
  for (const [slot, t] of network.weights) store.set(slot, { ...t, data: t.data.slice() });
  const whole = graph([...network.inputs, ...network.parameters, ...network.fixed], { h: network.h });
  const program = engine.compileSync(whole, { maxBatch, store });
  const seen: FloatArray =
    x.dtype === 'float64' ? new Float64Array(maxBatch * size) : new Float32Array(maxBatch * size);
  const actions = new Float64Array(maxBatch * width);
  const run = (given: FloatArray, rows: number): FloatArray => {
    for (let i = 0; i < rows * size; i++) seen[i] = given[i];
    program.setInput(name, seen.subarray(0, rows * size));
    program.run(rows);
    return program.output('h') as FloatArray;
  };
  return {
    act(given, rows) {
      const h = run(given, rows);
      for (let r = 0; r < rows; r++) {
        if (actionSpace.kind === 'discrete') actions[r] = startOf(actionSpace) + largest(h, r * T, T);
        else {
          for (let a = 0; a < width; a++) {
            const { low, high } = actionSpace;
            actions[r * width + a] = Math.min(Math.max(h[r * T + a], low[a]), high[a]);
          }
        }
      }
      return actions;
    },
    draw(given, rows, { likelihood, seed, episodes, step }) {
      const h = outputsOf(run(given, rows), rows, T);
      const labels = makeLabels(likelihood, rows, T, 1);
      if (labels.width !== width) throw undrawable(`one number a row where an action has ${width}`);
      likelihood.sample(h, draws(seed, 'evaluate/actions', episodes, null, 1, step), labels);
      if (actionSpace.kind === 'box') clipToBox(actionSpace, labels.data, actions, rows);
      else for (let r = 0; r < rows; r++) actions[r] = startOf(actionSpace) + labels.data[r];
      return actions;
    },
    dispose: () => program.dispose(),
  };
}

/** A network whose actions cannot be drawn, since nothing says how they are spread. */
export function undrawable(got: string): FimError {
  return new FimError({
    code: 'rl/policy',
    kind: 'usage',
    where: 'policy network',
    rule: 'actions are drawn where the network gives their whole distribution: logits, or means and log σ',
    got,
    cause: 'a policy of another library: its file does not say what its outputs are',
    next: "`actions: 'likeliest'`",
  });
}

/** The first index of the largest of T numbers. */
function largest(h: FloatArray, from: number, T: number): number {
  let best = 0;
  for (let a = 1; a < T; a++) if (h[from + a] > h[from + best]) best = a;
  return best;
}

/**
 * The likeliest action of a policy network, one observation at a time. Throws what `policyProgram` throws.
 * @throws FimError with `engine/batch`, `engine/connect`, `engine/memory`, `engine/name`, `engine/operator`, `engine/slot`, `engine/store`,
 * `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`, `random/seed`, `rl/policy`
 */
export function playNetwork(network: Network, options: PlayOptions): Act {
  const { observationSpace, actionSpace, prepare } = options;
  const program = policyProgram(network, options, 1);
  const seen = new Float64Array(featureLength(observationSpace));
  return (observation) => {
    features(observationSpace, observation, 1, seen);
    prepare?.(seen);
    const actions = program.act(seen, 1);
    return actionSpace.kind === 'discrete' ? actions[0] : actions.slice();
  };
}
