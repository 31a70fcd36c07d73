/**
 * @module jobs/sample-sizes
 *
 * Sample sizes: how many inputs, and how many labels at each, a block of the Fisher or its trace takes. With A the variance over inputs and B that of one
 * label, ‖·‖ the block's Frobenius norm or the trace (theory (6.4), (7.3), (6.2)), and one label an input:
 *
 *   variance    n = (A + B)/(r²‖𝓘‖²)            root mean square relative error r
 *   chebyshev   n = (A + B)/(r²‖𝓘‖²(1 − level))  P(relative error ≥ r) ≤ 1 − level, whatever the law
 *   labels      K = √(B c_x/(A c_y)), at least 1  least cost, c_x operations an input and c_y a label
 *
 * of inputs drawn from the law that those visited are a sample of.
 */
import { forwardCost } from '../fisher/cost.js';
import { estimatorCost } from '../fisher/index.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import {
  chebyshevDraws,
  inputVariance,
  jointVariance,
  optimalLabels,
  type TwoLevels,
} from '../variance/laws.js';
import type { Block } from './block-errors.js';

/** Inputs with one label each. */
export interface SampleSize {
  readonly variance: number;
  readonly chebyshev: number;
}

/** A quantity's sizes by estimator; null: see `missing`. */
export interface Sizes {
  readonly exact: SampleSize | null;
  readonly type1: SampleSize | null;
  readonly type2: SampleSize | null;
}

/** Sample sizes of a block and of its trace, and labels an input at least cost. */
export interface BlockSizes {
  readonly block: Sizes;
  readonly trace: Omit<Sizes, 'type2'>;
  /** Null: see `missing`. */
  readonly labels: {
    readonly block: { readonly type1: number | null; readonly type2: number | null };
    readonly trace: { readonly type1: number | null };
  };
  /** Why numbers are null. */
  readonly missing: readonly string[];
}

/** Operations of an input, and of one label at it. */
export interface LabelCosts {
  readonly input: number;
  readonly label: number;
}

/**
 * Costs of type 1.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `tensor/size`
 */
export function labelCosts(network: Network, likelihood: Likelihood): LabelCosts {
  const cost = (labels: number) =>
    estimatorCost(network, likelihood, { estimator: 'type1', labels, error: 'sampled' });
  const [one, two] = [cost(1), cost(2)];
  return { input: Math.max(forwardCost(network), 2 * one - two), label: two - one };
}

/** Sizes for the relative error `target` at confidence `level`, from a block over n inputs. */
export function blockSizes(
  { moments, type2 }: Block,
  n: number,
  goal: { readonly target: number; readonly level: number },
  costs: LabelCosts,
): BlockSizes {
  const size = (levels: TwoLevels | null, squared: number): SampleSize | null => {
    if (!levels || !(squared > 0) || !Number.isFinite(levels.inputs)) return null;
    const relative = jointVariance(levels, 1, 1) / squared;
    return {
      variance: Math.max(1, Math.ceil(relative / goal.target ** 2)),
      chebyshev: Math.max(1, chebyshevDraws(relative, goal.target, 1 - goal.level)),
    };
  };
  const labels = (levels: TwoLevels | null): number | null => {
    const K = levels ? optimalLabels(levels, costs.input, costs.label) : NaN;
    return Number.isFinite(K) ? K : null;
  };
  const mean = moments?.mean ?? null;
  const squared = mean?.value ?? 0;
  const inputs = moments && mean ? Math.max(0, moments.fisher - mean.value) : NaN;
  const at = (own: number | null): TwoLevels | null =>
    own === null || !mean ? null : { inputs, labels: own };
  const traced = moments && {
    inputs: inputVariance(moments.trace, moments.traceSquared, n),
    labels: Math.max(0, moments.traceLabels),
  };
  const blockOf = { type1: at(moments && Math.max(0, moments.type1)), type2: at(type2) };
  const result = {
    block: {
      exact: size(at(moments && 0), squared),
      type1: size(blockOf.type1, squared),
      type2: size(blockOf.type2, squared),
    },
    trace: {
      exact: size(traced && { ...traced, labels: 0 }, (moments?.trace ?? 0) ** 2),
      type1: size(traced, (moments?.trace ?? 0) ** 2),
    },
    labels: {
      block: { type1: labels(blockOf.type1), type2: labels(blockOf.type2) },
      trace: { type1: labels(traced) },
    },
  };
  return { ...result, missing: whyNull(moments, type2, n, result.labels) };
}

function whyNull(
  moments: Block['moments'],
  type2: number | null,
  n: number,
  { block, trace }: BlockSizes['labels'],
): string[] {
  if (!moments) return ['no moments of the block, so no sample sizes'];
  if (n < 2) return ['sample sizes need two inputs'];
  if (moments.trace === 0) return ['the block is zero, so it has no relative error'];
  const endless = block.type1 === null || trace.type1 === null || (type2 !== null && block.type2 === null);
  return [
    ...(type2 === null ? ['no sample size of type 2 without its error'] : []),
    ...(endless
      ? ['the inputs visited do not differ, so that more labels are always better than more inputs']
      : []),
  ];
}
