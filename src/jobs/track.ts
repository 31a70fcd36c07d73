/**
 * @module jobs/track
 *
 * The Fisher and the variance of its estimators during training: at every k-th step each layer is profiled over the same few inputs,
 * in closed form, so that what moves in the record is the network and not the sample. Costs a profile each time; the share of the time
 * that went into it is part of the record.
 */
import { batches } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import type { Engine } from '../engine/types.js';
import { estimateDiagonal, type ExampleSource } from '../fisher/index.js';
import type { Likelihood } from '../likelihood/types.js';
import { layersOf } from '../model/layers.js';
import type { Network } from '../model/network.js';
import { csvTable, layerRecords, type LayerRecord } from './layer-record.js';
import { significant } from './spread.js';
import { structureOf } from './profile.js';

export const TRACKED = ['fisher', 'variance'] as const;
export type Tracked = (typeof TRACKED)[number];

/** Of a layer; variances and bounds are null where only the Fisher is tracked. */
export type TrackedLayer = { readonly [K in keyof LayerRecord]: LayerRecord[K] | null } & {
  readonly layer: string;
  readonly fisher: number;
};

export interface TrackedStep {
  readonly step: number;
  readonly layers: readonly TrackedLayer[];
  /** Spent on this record. */
  readonly seconds: number;
}

export interface TrackOptions {
  readonly what: readonly Tracked[];
  readonly inputs: Dataset;
  readonly batch?: number;
  /** Seconds from any fixed moment. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/** Collects records; `at` is what `fit` calls. */
export class Tracker {
  /** What was recorded so far. */
  readonly steps: TrackedStep[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly likelihood: Likelihood,
    private readonly options: TrackOptions,
  ) {}

  /** Seconds spent so far. */
  get seconds(): number {
    return this.steps.reduce((sum, s) => sum + s.seconds, 0);
  }

  /** Profiles the network as it is at `step`. */
  async at(step: number, network: Network): Promise<void> {
    const { now, signal, what } = this.options;
    if (signal?.aborted) return;
    const began = now();
    const layers = what.includes('variance') ? await this.profiled(network) : await this.estimated(network);
    // What an interruption cut short would be of other inputs than the rest.
    if (layers !== null) this.steps.push({ step, layers, seconds: significant(now() - began, 4) });
  }

  private readonly source: ExampleSource = (batch, dtype) =>
    batches(this.options.inputs, { batch, dtype, order: 'file' });

  private async profiled(network: Network): Promise<TrackedLayer[] | null> {
    const { inputs, signal } = this.options;
    const structure = await structureOf(this.engine, network, this.likelihood, this.source, {
      examples: inputs.n,
      ...(signal ? { signal } : {}),
    });
    return structure.interrupted ? null : layerRecords(structure);
  }

  private async estimated(network: Network): Promise<TrackedLayer[] | null> {
    const { inputs, batch = 256, signal } = this.options;
    const estimate = await estimateDiagonal(this.engine, network, this.likelihood, this.source, {
      estimator: 'exact',
      populationSize: inputs.n,
      batch: Math.min(batch, inputs.n),
      ...(signal ? { signal } : {}),
    });
    if (estimate.interrupted) return null;
    return layersOf(network).map(({ name }): TrackedLayer => {
      const own = estimate.layers.find((l) => l.name === name) as (typeof estimate.layers)[number];
      const parameters = estimate.tensors
        .filter((t) => own.parameters.includes(t.name))
        .reduce((sum, t) => sum + t.fisher.length, 0);
      const { value, standardError } = own.trace;
      return {
        ...NOTHING,
        layer: name,
        parameters,
        fisher: significant(value / parameters),
        fisher_se: standardError === null ? null : significant(standardError / parameters, 3),
      };
    });
  }
}

const NOTHING = {
  sd1: null,
  sd1_se: null,
  sd2: null,
  sd2_se: null,
  bound1: null,
  bound1_se: null,
  bound2: null,
  bound2_se: null,
  bound1Name: null,
  bound2Name: null,
  ratio1Matrix: null,
  ratio1Softmax: null,
  ratio1Tight: null,
  ratio2Matrix: null,
  ratio2Softmax: null,
  ratio2Tight: null,
} as const;

const COLUMNS = [
  'fisher',
  'fisher_se',
  'sd1',
  'sd1_se',
  'sd2',
  'sd2_se',
  'bound1',
  'bound1_se',
  'bound2',
  'bound2_se',
] as const;

/** One row a step and layer. */
export function trackCsv(steps: readonly TrackedStep[]): string {
  return csvTable(
    ['step', 'layer', ...COLUMNS, 'seconds'],
    steps.flatMap(({ step, layers, seconds }) =>
      layers.map((l) => [step, l.layer, ...COLUMNS.map((c) => l[c]), seconds]),
    ),
  );
}
