/**
 * @module rl/train/policy-network
 *
 * A trained policy as a network of its own: present weights, and the observation normaliser as part of the graph, so that whoever has
 * the file has the policy. clip((x − mean)/√(variance + 1e-8), ±10) → h, and where actions are mapped onto the Box (rl/policies/action-map)
 * means and scales are those of the environment's actions.
 */
import { type FloatType, tensor } from '../../core/tensor.js';
import type { Store } from '../../engine/types.js';
import { constant, input, ops as b, type Value } from '../../graph/index.js';
import { substitute } from '../../graph/substitute.js';
import { readSlots } from '../../optim/descent.js';
import type { Network } from '../../model/network.js';
import { actionMap, mapOutputs } from '../policies/action-map.js';
import type { ActorCritic } from '../policies/actor-critic.js';
import { CLIP, type ObservationNormaliser } from '../rollout/normalise.js';

/**
 * Reads raw observations (one-hot for discrete ones).
 * @throws FimError with `graph/shape`, `tensor/size`
 */
export function policyNetwork(
  model: ActorCritic,
  store: Store,
  normaliser: ObservationNormaliser | null,
  actions: 'clipped' | 'mapped' = 'clipped',
): Network {
  const { actionSpace } = model;
  const own = model.policy;
  const map = actions === 'mapped' && actionSpace.kind === 'box' ? actionMap(actionSpace) : null;
  const policy = map === null ? own : { ...own, h: mapOutputs(map, own.h) };
  const weights = readSlots(store, policy.weights);
  if (normaliser === null) return { ...policy, weights };
  const [[name, x]] = policy.inputs;
  const dtype = x.dtype as FloatType;
  const observation = input(name, dtype, x.shape);
  const { centre, scale } = normaliser.affine();
  const row = (data: Float64Array): Value => constant(tensor(dtype, [data.length], [...data]));
  const shifted = b.mul(b.sub(observation, row(centre)), row(scale));
  const limit = (v: number): Value => b.scalar(v, dtype);
  const seen = b.maximum(b.minimum(shifted, limit(CLIP)), limit(-CLIP));
  const [h] = substitute([policy.h], new Map([[x, seen]]));
  return { ...policy, inputs: new Map([[name, observation]]), h, weights };
}
