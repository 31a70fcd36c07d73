/**
 * @module jobs/matrix/form-groups
 *
 * The Fisher of a network in a form by layer with its sums by group of examples, for figures with errors.
 */
import type { DrawHalves, GroupedFisher } from '../../matrix/index.js';
import { heldForm, type MatrixForm } from '../held-form.js';
import type { EstimateListener, EstimateRequest, EstimateSubject } from '../request.js';

/**
 * Estimates it. Throws what `runFormEstimate` throws, and what ended it where the signal came first.
 */
export async function formByGroups(
  subject: EstimateSubject,
  request: EstimateRequest,
  form: MatrixForm,
  listener: EstimateListener,
): Promise<{ fisher: GroupedFisher; draws: DrawHalves | null; interrupted: boolean; examples: number }> {
  const { fisher, draws, diagonal } = await heldForm(subject, request, { form }, listener);
  return { fisher, draws, interrupted: diagonal.interrupted, examples: diagonal.examples };
}
