/**
 * @module fisher/sums/estimate
 *
 * Estimate from sums: the figures and errors of all that went into them, as if it had been one run.
 */
import { type FormEstimates, FORMS } from '../forms/table.js';
import { wholePart } from './merge.js';
import type { FigureOptions, FisherSums, FormName } from '../forms/sums.js';

/**
 * The estimate of all groups together. Neither population nor level are part of the sums: they may be chosen here. Throws
 * `fisher/no-examples` where nothing went in.
 */
export function estimateFromSums<F extends FormName>(
  sums: FisherSums<F>,
  options: FigureOptions = {},
): FormEstimates[F] {
  return FORMS[sums.form].estimate(wholePart(sums), sums, options);
}
