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
import type { LayersEstimate } from './layers/estimate.js';
import { layers } from './layers/form.js';

/** What each form's sums give. */
export interface FormEstimates {
  /** One number a parameter. */
  readonly diagonal: DiagonalEstimate;
  /** P×P numbers. */
  readonly dense: DenseEstimate;
  /** Second moments by layer. */
  readonly layers: LayersEstimate;
}

/** By name. */
export const FORMS: { readonly [F in FormName]: Form<F, FormEstimates[F]> } = {
  diagonal,
  dense,
  layers,
};
