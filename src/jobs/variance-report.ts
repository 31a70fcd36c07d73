/**
 * @module jobs/variance-report
 *
 * All that is said of how well the Fisher of a network is estimated: layers entry by entry (jobs/profile), blocks in Frobenius norm
 * (jobs/block-errors) with their sample sizes, certified bounds by name, and what the labels' law alone says (jobs/output-laws).
 */
import type { Engine } from '../engine/types.js';
import type { ExampleSource } from '../fisher/index.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { type Block, type BlockErrors, blockErrors } from './block-errors.js';
import { boundsByName, type NamedBound } from './bounds-by-name.js';
import { type OutputLaws, outputLaws } from './output-laws.js';
import { type Structure, structureOf } from './profile.js';
import { type BlockSizes, blockSizes, type LabelCosts, labelCosts } from './sample-sizes.js';

/** A block with what follows from its moments, and its bounds by name. */
export interface BlockReport {
  readonly block: Block;
  readonly sizes: BlockSizes;
  readonly bounds: ReadonlyMap<string, NamedBound>;
}

/** Of each layer, in the order of `structure.layers`, and of the whole network. */
export interface VarianceReport {
  readonly structure: Structure;
  readonly layers: readonly BlockReport[];
  readonly whole: BlockReport;
  readonly laws: OutputLaws;
  readonly repeats: BlockErrors['repeats'];
  /** Relative error and confidence of the sample sizes. */
  readonly goal: Goal;
  readonly costs: LabelCosts;
  readonly interrupted: boolean;
  readonly notes: readonly string[];
}

/** What sample sizes are for. */
export interface Goal {
  readonly target: number;
  readonly level: number;
}

/** Reads the examples once for the entries, and again for the blocks and the outputs. */
export async function varianceReport(
  subject: { readonly engine: Engine; readonly network: Network; readonly likelihood: Likelihood },
  source: ExampleSource,
  options: {
    readonly examples: number;
    readonly batch?: number;
    readonly seed?: number;
    readonly goal: Goal;
    /** Bytes that the passes may hold. */
    readonly memory?: number | undefined;
    readonly signal?: AbortSignal;
  },
): Promise<VarianceReport> {
  const { engine, network, likelihood } = subject;
  const structure = await structureOf(engine, network, likelihood, source, options);
  const request = { ...options, examples: structure.examples };
  const errors = await blockErrors(engine, network, likelihood, source, request);
  const laws = await outputLaws(engine, network, likelihood, source, request);
  const costs = labelCosts(network, likelihood);
  const reports = errors.blocks.map((block): BlockReport => ({
    block,
    sizes: blockSizes(block, errors.examples, options.goal, costs),
    bounds: boundsByName(structure.profile, block.parameters),
  }));
  return {
    structure,
    layers: reports.slice(0, -1),
    whole: reports[reports.length - 1],
    laws,
    repeats: errors.repeats,
    goal: options.goal,
    costs,
    interrupted: structure.interrupted || errors.interrupted,
    notes: [...structure.notes, ...errors.notes.filter((n) => !structure.notes.includes(n))],
  };
}
