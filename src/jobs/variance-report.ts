/**
 * @module jobs/variance-report
 *
 * All that is said of how well the Fisher of a network is estimated: layers entry by entry (jobs/profile), blocks in Frobenius norm
 * (jobs/block-errors) with their sample sizes, certified bounds by name, what the labels' law alone says (jobs/output-laws), and which
 * estimator is advised, of the whole and of each layer.
 */
import type { Engine } from '../engine/types.js';
import {
  type Advice,
  adviseEstimator,
  chooseByLayer,
  type ExampleSource,
  measureVariances,
  type PilotRequest,
} from '../fisher/index.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { type Block, type BlockErrors, blockErrors } from './block-errors.js';
import { boundsByName, type NamedBound } from './bounds-by-name.js';
import { type OutputLaws, outputLaws } from './output-laws.js';
import { type Structure, structureOf } from './profile.js';
import { watched } from './watched.js';
import { turn } from './yielding.js';
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
  /** What an estimate of the trace takes where its estimator is left open, and each layer with `auto`. */
  readonly advice: { readonly whole: Advice; readonly layers: readonly Advice[] };
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

/** What is heard while it is made. */
export interface VarianceListener {
  /** What takes the examples again, before they are gone through. */
  say?(line: string): void;
  /** How far it is, in [0, 1], and at what. */
  progress?(share: number, at: string): void;
}

/** Parts of a report in their order, as they are said. */
const PARTS = ['entries', 'blocks', 'labels'] as const;

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
  listener: VarianceListener = {},
): Promise<VarianceReport> {
  const { engine, network, likelihood } = subject;
  const watch = (part: (typeof PARTS)[number], examples: number): ExampleSource =>
    watched(source, examples, (share) =>
      listener.progress?.((PARTS.indexOf(part) + share) / PARTS.length, part),
    );
  const say = (line: string) => listener.say?.(line);
  const structure = await structureOf(engine, network, likelihood, watch('entries', options.examples), {
    ...options,
    say,
  });
  const { examples } = structure;
  const request = { ...options, examples, say };
  const errors = await blockErrors(engine, network, likelihood, watch('blocks', examples), request);
  const laws = await outputLaws(engine, network, likelihood, watch('labels', examples), request);
  const costs = labelCosts(network, likelihood);
  const reports = errors.blocks.map((block): BlockReport => ({
    block,
    sizes: blockSizes(block, errors.examples, options.goal, costs),
    bounds: boundsByName(structure.profile, block.parameters),
  }));
  const { examples: asked, memory, signal } = options;
  return {
    structure,
    layers: reports.slice(0, -1),
    whole: reports[reports.length - 1],
    laws,
    advice: await adviceFor(network, likelihood, source, {
      question: 'trace',
      examples: asked,
      memory,
      signal,
      pause: turn,
    }),
    repeats: errors.repeats,
    goal: options.goal,
    costs,
    interrupted: structure.interrupted || errors.interrupted || (signal?.aborted ?? false),
    notes: [...structure.notes, ...errors.notes.filter((n) => !structure.notes.includes(n))],
  };
}

/** Of the whole network and of its layers, in their order. */
async function adviceFor(
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  request: PilotRequest,
): Promise<VarianceReport['advice']> {
  const variances = await measureVariances(network, likelihood, source, request);
  return {
    whole: adviseEstimator(network, likelihood, { ...request, variances }),
    layers: await chooseByLayer(network, likelihood, source, request),
  };
}
