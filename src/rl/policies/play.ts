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

/**
 * The likeliest action of a policy network. Outputs: A logits for A discrete actions; for an action of m numbers m means, or m means
 * and m scales. Throws `rl/policy` where the network does not fit the spaces.
 */
export function playNetwork(network: Network, options: PlayOptions): Act {
  const { observationSpace, actionSpace, prepare } = options;
  const [[name, x]] = network.inputs;
  const T = concrete(network.h.shape, 1)[1];
  const size = featureLength(observationSpace);
  const actions = actionSpace.kind === 'discrete' ? actionSpace.n : actionSpace.size;
  const fits = T === actions || (actionSpace.kind === 'box' && T === 2 * actions);
  if (network.inputs.size !== 1 || x.shape.length !== 2 || x.shape[1] !== size || !fits) {
    throw new FimError({
      code: 'rl/policy',
      where: 'policy network',
      rule: `reads ${size} numbers and gives ${actions}${actionSpace.kind === 'box' ? ` or ${2 * actions}` : ''} for these spaces`,
      got: `input ${showShape(x.shape)}, output ${showShape(network.h.shape)}`,
      cause: 'a policy that was trained for another environment',
    });
  }
  const engine = createSmallEngine();
  const store = engine.store();
  for (const [slot, t] of network.weights) store.set(slot, { ...t, data: t.data.slice() });
  const inputs = { ...Object.fromEntries(network.inputs), ...Object.fromEntries(network.parameters) };
  const whole = graph({ ...inputs, ...Object.fromEntries(network.fixed) }, { h: network.h });
  const program = engine.compileSync(whole, { maxBatch: 1, store });
  const input: FloatArray = x.dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
  return (observation) => {
    features(observationSpace, observation, 1, input);
    prepare?.(input);
    program.setInput(name, input);
    program.run(1);
    const h = program.output('h') as FloatArray;
    if (actionSpace.kind === 'discrete') return h.indexOf(Math.max(...h));
    return Float64Array.from({ length: actions }, (_, i) =>
      Math.min(Math.max(h[i], actionSpace.low[i]), actionSpace.high[i]),
    );
  };
}
