/**
 * @module rl/policies/play
 *
 * Acting with a network outside training: the likeliest action (largest logit, or the means), or one drawn. Nothing is normalised
 * here: a network that was trained on normalised observations brings its scaling in its graph, or gets `prepare`.
 */
import { FimError } from '../../core/errors.js';
import { Sequence } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import { createSmallEngine } from '../../engine/small/index.js';
import { concrete, graph, showShape } from '../../graph/index.js';
import type { Network } from '../../model/network.js';
import { randomAction } from '../check.js';
import { lengthOf, startOf } from '../spaces.js';
import type { Action, Space } from '../types.js';
import { featureLength, features } from './features.js';

/** Chooses an action for an observation. */
export type Act = (observation: FloatArray) => Action;

export interface PlayOptions {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** Changes the features in place, e.g. a normaliser's `apply`. */
  readonly prepare?: (features: FloatArray) => void;
}

/** Every action from its space at random, by seed. */
export function playRandom(actionSpace: Space, seed = 0): Act {
  const random = new Sequence(seed, 'play');
  return () => randomAction(actionSpace, random);
}

/** The likeliest actions of a policy network, many rows at a time. */
export interface PolicyProgram {
  /** Actions [rows, width] for features [rows, size]; valid until the next call. */
  act(features: FloatArray, rows: number): Float64Array;
  dispose(): void;
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
  return {
    act(given, rows) {
      for (let i = 0; i < rows * size; i++) seen[i] = given[i];
      program.setInput(name, seen.subarray(0, rows * size));
      program.run(rows);
      const h = program.output('h') as FloatArray;
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
    dispose: () => program.dispose(),
  };
}

/** The first index of the largest of T numbers. */
function largest(h: FloatArray, from: number, T: number): number {
  let best = 0;
  for (let a = 1; a < T; a++) if (h[from + a] > h[from + best]) best = a;
  return best;
}

/** The likeliest action of a policy network, one observation at a time. Throws what `policyProgram` throws. */
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
