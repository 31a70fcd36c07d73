/**
 * @module fisher/forms/form
 *
 * Form of the Fisher: what it keeps of an example, as sums that merge, and the figures that follow from them. A form is a folder here
 * with its statistic graph and accumulation (fisher/loop), its sums as plain data, its estimate and its arrays, and a row in
 * fisher/forms/table.
 */
import type { Tensor } from '../../core/tensor.js';
import type { FigureOptions, FisherSums, FormName, SumsPart } from './sums.js';

/** One form. */
export interface Form<F extends FormName, E> {
  readonly name: F;
  /** The sums of two parts over examples that do not overlap; `b` is not changed, nor `a` unless it is `spent` on them. */
  merge(a: SumsPart, b: SumsPart, of: FisherSums<F>, spent?: boolean): SumsPart;
  /** The figures of a part, which is not changed. */
  estimate(part: SumsPart, of: FisherSums<F>, options: FigureOptions): E;
  /** The arrays that a file of it holds. */
  arrays(estimate: E): Map<string, Tensor>;
}
