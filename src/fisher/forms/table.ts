/**
 * @module fisher/forms/table
 *
 * Table of the forms whose sums merge: a row for each, checked for completeness by its type.
 */
import type { DiagonalEstimate } from '../estimate.js';
import type { FormName } from './sums.js';
import type { DenseEstimate } from './dense/dense.js';
import { dense } from './dense/form.js';
import { diagonal } from './diagonal/form.js';
import type { Form } from './form.js';

/** What each form's sums give. */
export interface FormEstimates {
  /** One number a parameter. */
  readonly diagonal: DiagonalEstimate;
  /** P×P numbers. */
  readonly dense: DenseEstimate;
}

/** By name. */
export const FORMS: { readonly [F in FormName]: Form<F, FormEstimates[F]> } = { diagonal, dense };
