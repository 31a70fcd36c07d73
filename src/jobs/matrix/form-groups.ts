/**
 * @module jobs/matrix/form-groups
 *
 * The Fisher of a network in a form by layer with its sums by group of examples, for figures with errors.
 */
import type { Tensor } from '../../core/tensor.js';
import { GroupedFisher, recordOf } from '../../matrix/index.js';
import { type MatrixForm, runFormEstimate } from '../form-estimate.js';
import type { EstimateListener, EstimateRequest, EstimateSubject } from '../request.js';

/**
 * Estimates it. Throws what `runFormEstimate` throws, and what ended it where the signal came first.
 */
export async function formByGroups(
  subject: EstimateSubject,
  request: EstimateRequest,
  form: MatrixForm,
  listener: EstimateListener,
): Promise<{ fisher: GroupedFisher; interrupted: boolean; examples: number }> {
  const { arrays, manifest, diagonal } = await runFormEstimate(subject, request, { form }, listener);
  const record = recordOf([...arrays.keys()], (a) => (arrays.get(a) as Tensor).shape, manifest, form);
  const fisher = new GroupedFisher(arrays, record);
  return { fisher, interrupted: diagonal.interrupted, examples: diagonal.examples };
}
