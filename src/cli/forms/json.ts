/**
 * @module cli/forms/json
 *
 * JSON of `fim forms`: each layer and all layers together, by form.
 */
import type { FormAdvice, FormsReport } from '../../jobs/forms.js';
import type { LayerFormErrors } from '../../fisher/index.js';

/** The whole of it, behind what it is of. */
export function formsJson(
  { errors, forms, advice, notes }: FormsReport,
  facts: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { layers, whole, examples, groups, certain } = errors;
  return {
    ...facts,
    examples,
    groups,
    certain,
    compared: forms,
    secondsBy: 'operations, at the rate at which the scores of these examples were made',
    layers: layers.map((layer, i) => layerJson(layer, advice.layers[i])),
    whole: layerJson(whole, advice.whole),
    notes,
  };
}

/** A form's figures; where a number is missing, why. */
function withCause(one: NonNullable<LayerFormErrors['forms']['kfac']>): Record<string, unknown> {
  if (one.error === null)
    return { ...one, missing: 'factors too large for this comparison, or a Fisher not above 0' };
  if (one.standardError === null) return { ...one, missing: 'too few examples for an error' };
  return { ...one };
}

const layerJson = ({ name, size, forms }: LayerFormErrors, use: FormAdvice | null) => ({
  name,
  parameters: size,
  forms: Object.fromEntries(Object.entries(forms).map(([form, one]) => [form, withCause(one)])),
  use: use?.form ?? null,
  reason: use?.reason ?? null,
});
