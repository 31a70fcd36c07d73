/**
 * @module rl/policies/joint-heads
 *
 * Policy and value as one network, h = (h of the policy, V): what its joint distribution p(a, v|s) = π(a|s) p(v|s) needs.
 */
import { ops as b } from '../../graph/index.js';
import type { Network } from '../../model/network.js';

/** All parameters of both; those of the policy first and in its order, so that a flat vector begins with the policy's. */
export function jointHeads(policy: Network, value: Network): Network {
  return {
    inputs: policy.inputs,
    h: b.concat([policy.h, value.h], 1),
    parameters: new Map([...policy.parameters, ...value.parameters]),
    fixed: new Map([...policy.fixed, ...value.fixed]),
    weights: new Map([...policy.weights, ...value.weights]),
  };
}

/** Whether any parameter is of both. */
export function sharesTrunk(policy: Network, value: Network): boolean {
  return [...value.parameters.keys()].some((name) => policy.parameters.has(name));
}
