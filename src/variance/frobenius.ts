/**
 * @module variance/frobenius
 *
 * Σ_ij Var Î_ij = E‖Î − 𝔽‖_F² of one label, exactly, for every tensor, layer and the whole network, cross-layer blocks included, through
 * tiny Gram matrices (theory (4.1), (4.2)): type 1 E(δᵀGδ)² − tr(GIGI), G = JJᵀ (variance/block-moments), type 2 tr(𝒢I)
 * (variance/curvature-blocks). A cheaper unbiased version of type 2 is in variance/probes.
 */
import type { Engine } from '../engine/types.js';
import type { Group } from '../fisher/forms/diagonal/groups.js';
import type { ExampleSource } from '../fisher/source.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { blockMoments } from './block-moments.js';
import { curvatureBlocks } from './curvature-blocks.js';

/** Means over the examples for one label at each. */
export interface FrobeniusError {
  /** The tensors that it is taken over. */
  readonly group: Group;
  /** E ‖𝔽(x)‖_F². */
  readonly fisher: number;
  /** Σ_ij 𝒱1_ij. */
  readonly type1: number;
  /** Σ_ij 𝒱2_ij; null where it was not asked for. */
  readonly type2: number | null;
}

/**
 * Exact Frobenius errors of tensors, layers and the network. `second: false` leaves out type 2.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`, `random/seed`,
 * `tensor/size`
 */
export async function frobeniusErrors(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: { batch?: number; budget?: number; second?: boolean } = {},
): Promise<FrobeniusError[]> {
  const { blocks } = await blockMoments(engine, network, likelihood, source, options);
  const curved =
    options.second === false ? null : await curvatureBlocks(engine, network, likelihood, source, options);
  return blocks.map(({ group, fisher, type1 }, g) => ({
    group,
    fisher,
    type1,
    type2: curved ? curved.blocks[g].type2 : null,
  }));
}
