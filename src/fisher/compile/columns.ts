/**
 * @module fisher/compile/columns
 *
 * Columns Δ [N, K, T] and weights w [N, K] of a derived graph that stands alone: made of h by the likelihood in operators of the graph,
 * with what the caller gives beside the data as inputs.
 *
 *   exact        the columns of I(h)
 *   empirical    t(y) − η of the labels `targets`, w = 1
 *   rademacher   Σ_k √w_k ξ_k Δ_k of D draws with weight 1/D, ξ = sign(u − ½) of `uniforms` [N, D, K]: signs on the class root
 */
import { FimError } from '../../core/errors.js';
import { input, N, ops as b, type Value } from '../../graph/index.js';
import type { InGraph } from '../../likelihood/index.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import type { EstimatorChoice } from '../estimate.js';

/** Estimators that a graph of its own has. */
export const COMPILED_ESTIMATORS = ['exact', 'empirical', 'rademacher'] as const;

/** One of them. */
export type CompiledEstimator = (typeof COMPILED_ESTIMATORS)[number];

/** What a graph makes of h. */
export interface CompiledColumns {
  /** Δ [N, K, T]. */
  readonly columns: Value;
  /** w [N, K]. */
  readonly weights: Value;
  /** What is given beside the data, by what it is. */
  readonly late: Readonly<Partial<Record<'targets' | 'uniforms', Value>>>;
}

/** Throws `compile/estimator`, `compile/likelihood`. */
export function compiledColumns(
  { h }: Network,
  likelihood: Likelihood,
  estimator: EstimatorChoice,
  draws: number,
): CompiledColumns {
  const { inGraph } = likelihood;
  if (!inGraph) throw notInGraph(likelihood);
  if (estimator === 'exact') return { ...inGraph.columns(h), late: {} };
  if (estimator === 'empirical') return labelColumns(h, inGraph);
  if (estimator === 'rademacher') return signColumns(h, inGraph, draws);
  throw new FimError({
    code: 'compile/estimator',
    kind: 'unsupported',
    where: 'compileFisher',
    rule: `a graph of its own has the estimators ${COMPILED_ESTIMATORS.join(', ')}`,
    got: estimator,
    ...(estimator === 'type1'
      ? { next: "`estimator: 'empirical'`, and give it labels that are drawn from its output h" }
      : { next: "`estimator: 'exact'`" }),
  });
}

function labelColumns(h: Value, family: InGraph): CompiledColumns {
  const { dtype, shape } = family.labels(h);
  const targets = input('targets', dtype, [N, ...shape]);
  return {
    columns: b.unsqueeze(family.residual(h, targets), [1]),
    weights: filled(1, h, 1),
    late: { targets },
  };
}

function signColumns(h: Value, family: InGraph, draws: number): CompiledColumns {
  const { columns, weights } = family.columns(h);
  const K = weights.shape[1] as number;
  const uniforms = input('uniforms', h.dtype, [N, draws, K]);
  const one = b.scalar(1, h.dtype);
  const signs = b.where(b.greater(uniforms, b.scalar(0.5, h.dtype)), one, b.neg(one));
  const signed = b.mul(signs, b.unsqueeze(b.sqrt(weights), [1]));
  return { columns: b.matmul(signed, columns), weights: filled(1 / draws, h, draws), late: { uniforms } };
}

/** A number [N, count] for each example. */
export function filled(value: number, h: Value, count: number): Value {
  const row = b.expand(b.reshape(b.scalar(value, h.dtype), [1, 1]), [1, count]);
  return b.expandLike(row, b.slice(h, 1, 0, 1));
}

function notInGraph({ name }: Likelihood): FimError {
  return new FimError({
    code: 'compile/likelihood',
    kind: 'unsupported',
    where: `likelihood ${name}`,
    rule: 'is not said in operators of the graph, so that no file can hold its columns',
    next: 'give it an `inGraph`, as those of the registry have',
  });
}
