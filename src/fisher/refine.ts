/**
 * @module fisher/refine
 *
 * A data variance that comes from float32 sums, Σf² − (Σf)²/n, carries their cancellation: a relative error of about
 * ε(1 + mean²/variance). Where that passes 1e-3 for any entry of a tensor, the variance of that tensor is computed again in float64.
 */
import { atPrecision, type Network } from '../model/network.js';
import type { TensorSums } from './tensor-sums.js';

/** Unit roundoff of float32. */
const EPSILON = 2 ** -24;
/** Largest relative error of a data variance that is left as it is. */
const TOLERANCE = 1e-3;

/** Names of the tensors whose data variances float32 cannot tell. */
export function cancelled(tensors: ReadonlyMap<string, TensorSums>): string[] {
  return [...tensors.values()].filter((t) => t.f.cancellation(EPSILON) > TOLERANCE).map((t) => t.name);
}

/** The network in float64 with only `names` as parameters. */
export function refinedNetwork(network: Network, names: readonly string[]): Network {
  const exact = atPrecision(network, 'float64');
  const parameters = new Map([...exact.parameters].filter(([name]) => names.includes(name)));
  const fixed = new Map([...exact.fixed, ...[...exact.parameters].filter(([name]) => !names.includes(name))]);
  return { ...exact, parameters, fixed };
}
