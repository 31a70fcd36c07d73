/**
 * @module fisher/subject
 *
 * Subject of an estimate as plain data: what was measured, by names, shapes and numbers, without a graph. Every form's sums and
 * estimates are described by it.
 */
import type { FloatType } from '../core/tensor.js';
import { rootFor, type RootName } from '../likelihood/roots/index.js';
import type { Likelihood } from '../likelihood/types.js';
import type { ParameterDoubt } from '../model/doubts.js';
import { type Layer, layersOf } from '../model/layers.js';
import { type Network, parameterCount } from '../model/network.js';

/** What was measured. */
export interface Subject {
  /** Name of the family. */
  readonly likelihood: string;
  /** What the eigen-root of I(h) is for it (likelihood/roots). */
  readonly eigenRoot: RootName;
  /** T. */
  readonly outputs: number;
  /** P. */
  readonly parameters: number;
  /** Of the passes. */
  readonly dtype: FloatType;
  /** Parameters in the network's order. */
  readonly tensors: readonly {
    /** Name of the parameter. */
    readonly name: string;
    /** Its shape. */
    readonly shape: readonly number[];
  }[];
  /** Parameters that belong together. */
  readonly layers: readonly Layer[];
  /** What the file leaves open about θ. */
  readonly doubts: readonly SubjectDoubt[];
}

/** A doubt about θ without its place in the graph (model/doubts). */
export interface SubjectDoubt {
  /** Of the tensor. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Whether it is counted. */
  readonly counted: boolean;
  /** Why it is, or is not. */
  readonly reason: string;
  /** Summed over the examples; or from the trace of a parameter, or from that of its entries that are not 0. */
  readonly effect: 'measured' | 'parameter' | 'nonzero';
  /** The parameter that the effect is of; null where it is measured. */
  readonly parameter: string | null;
  /** 1 where the stored weight is not 0, for `nonzero`. */
  readonly nonzero: Uint8Array | null;
}

/** Describes a network under a likelihood. */
export function describe(network: Network, likelihood: Likelihood): Subject {
  return {
    likelihood: likelihood.name,
    eigenRoot: rootFor(likelihood, network.h.shape[1] as number).name,
    outputs: network.h.shape[1] as number,
    parameters: parameterCount(network),
    dtype: network.h.dtype as FloatType,
    tensors: [...network.parameters].map(([name, v]) => ({ name, shape: v.shape as readonly number[] })),
    layers: layersOf(network).map(({ name, parameters }) => ({ name, parameters })),
    doubts: (network.doubts ?? []).map((d) => plainDoubt(d, network)),
  };
}

/** The same where sums of entries are not kept, by which doubts are told too. */
export const withoutEntries = (subject: Subject): Subject => ({ ...subject, tensors: [], doubts: [] });

function plainDoubt(
  { name, shape, counted, reason, measure }: ParameterDoubt,
  network: Network,
): SubjectDoubt {
  const plain = { name, shape, counted, reason, nonzero: null };
  if (measure.kind === 'tensor' || measure.kind === 'uses')
    return { ...plain, effect: 'measured', parameter: null };
  const { kind, parameter } = measure;
  if (kind === 'parameter') return { ...plain, effect: kind, parameter };
  const stored: ArrayLike<number | bigint> = network.weights.get(parameter)?.data ?? [];
  return {
    ...plain,
    effect: kind,
    parameter,
    nonzero: Uint8Array.from({ length: stored.length }, (_, k) => (Number(stored[k]) === 0 ? 0 : 1)),
  };
}
