/**
 * @module fisher/forms/diagonal/sums
 *
 * Sums of the diagonal over examples: for the value, and for what its errors come from, those of each tensor's entries and of the total
 * over each set of parameters.
 */
import { sizeOf } from '../../../core/tensor.js';
import type { Job } from '../../loop.js';
import type { ColumnMeter } from '../../meter.js';
import { type AnyGroup, emptyTotals } from './groups.js';
import type { PassPlan } from './plan.js';
import { TensorSums } from './tensor-sums.js';
import type { TotalSums } from './totals.js';
import { VisitTotals } from './visit-totals.js';

/** What a pass gathers. */
export interface PassSums {
  /** By parameter. */
  readonly tensors: ReadonlyMap<string, TensorSums>;
  /** By set of parameters. */
  readonly totals: readonly TotalSums[];
}

/** The same sums twice where one pass gives both. */
export interface DiagonalSums {
  readonly value: PassSums;
  readonly spread: PassSums;
}

/** What differs in sums of which some are left out or kept in full. */
export interface DiagonalParts {
  /** The sets of parameters whose totals are taken. */
  readonly groups: readonly AnyGroup[];
  /** Keeps the examples of the total apart (fisher/auto). */
  readonly record?: boolean;
  /** The passes over scores, where not those that the estimator and its error need. */
  readonly plan?: PassPlan;
  /** Measures the columns of the value (fisher/proxy). */
  readonly meter?: ColumnMeter | undefined;
  /** Only what the variance over examples takes (fisher/forms/diagonal/refine). */
  readonly varianceOnly?: boolean;
  /** Whether sums of the entries are taken; default true. */
  readonly entries?: boolean | undefined;
  /** Takes what float32 sums cannot tell of the variance over examples in float64 (fisher/forms/diagonal/refine). */
  readonly refine?: boolean;
}

/** Empty sums of one pass; `labelScale`: divisor of a variance over draws, K/(K − 1) where its weights are 1/K. */
export function emptyPass(
  { network, weights, design, tilted }: Job,
  parts: DiagonalParts,
  labelScale: number,
): PassSums {
  const weighted = weights !== undefined;
  return {
    tensors: new Map(
      (parts.entries === false ? [] : [...network.parameters]).map(([p, v]) => {
        const shape = v.shape as readonly number[];
        const sums = new TensorSums(p, shape, labelScale, weighted);
        const size = sizeOf(shape);
        if (tilted) sums.tilt = { squares: new Float64Array(size), label: new Float64Array(size) };
        return [p, sums];
      }),
    ),
    totals: design
      ? parts.groups.map(() => new VisitTotals())
      : emptyTotals(parts.groups, parts.record, weighted),
  };
}

/** K/(K − 1), which makes the mean square over K draws unbiased; 1 for one draw. */
export const scaleOfDraws = (K: number): number => (K > 1 ? K / (K - 1) : 1);

/** Adds the sums of other examples. */
export function mergeSums(into: DiagonalSums, from: DiagonalSums): void {
  mergePass(into.value, from.value);
  if (into.spread !== into.value) mergePass(into.spread, from.spread);
}

function mergePass(into: PassSums, from: PassSums): void {
  for (const [p, t] of into.tensors) t.merge(from.tensors.get(p) as TensorSums);
  into.totals.forEach((t, g) => t.merge(from.totals[g]));
}

/** The moments of entries again, apart; without totals. */
export function copySums({ value, spread }: DiagonalSums): DiagonalSums {
  const copied = copyPass(value);
  return { value: copied, spread: spread === value ? copied : copyPass(spread) };
}

const copyPass = ({ tensors }: PassSums): PassSums => ({
  tensors: new Map([...tensors].map(([name, t]) => [name, t.copy()])),
  totals: [],
});
