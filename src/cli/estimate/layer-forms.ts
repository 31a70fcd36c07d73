/**
 * @module cli/estimate/layer-forms
 *
 * Flags of forms by layer, read and checked before anything is computed.
 */
import { quote } from '../../core/shell.js';
import { FimError } from '../../core/errors.js';
import { sizeOf } from '../../core/tensor.js';
import { ESTIMATORS } from '../../fisher/estimators/table.js';
import { LAYER_FORMS, type LayerForm } from '../../fisher/forms/layers/items.js';
import { planLayers } from '../../fisher/forms/layers/layers.js';
import type { Network } from '../../model/network.js';
import { globMatches } from '../../model/parameters.js';
import type { Run } from '../command.js';

type Options = Parameters<Run<'estimate'>>[0]['options'];

/** One word of `--form-of`. */
interface Rule {
  readonly glob: string;
  readonly form: LayerForm;
}

const isLayerForm = (word: string): word is LayerForm => (LAYER_FORMS as readonly string[]).includes(word);

/** Reads `head.*=block`. Throws `usage/form-of`. */
function readRule(text: string): Rule {
  const at = text.lastIndexOf('=');
  const [glob, form] = [text.slice(0, at), text.slice(at + 1)];
  if (at > 0 && isLayerForm(form)) return { glob, form };
  throw new FimError({
    code: 'usage/form-of',
    kind: 'usage',
    where: `--form-of ${text}`,
    rule: `is PATTERN=FORM, FORM one of ${LAYER_FORMS.join(', ')}`,
    got: at > 0 ? `the form ${JSON.stringify(form)}` : 'no form behind a =',
    next: `--form-of ${quote(`${at > 0 ? glob : text || '*'}=block`)}`,
  });
}

/** The form of each layer by the name of its weight; null: the diagonal of all, or the whole matrix. Throws `usage/form-of`. */
export function layerFormsOf({
  form,
  formOf,
}: Pick<Options, 'form' | 'formOf'>): ((weight: string) => LayerForm) | null {
  const rules = formOf.map(readRule);
  if (form === 'dense' || form === 'gram' || form === 'implicit') {
    if (rules.length === 0) return null;
    throw new FimError({
      code: 'usage/form-of',
      kind: 'usage',
      where: `--form ${form} --form-of`,
      rule: `goes by layer, the ${form} form by no layer`,
      next: '--form block, or leave --form-of out',
    });
  }
  if (form === 'diagonal' && rules.every((r) => r.form === 'diagonal')) return null;
  return (weight) => rules.findLast(({ glob }) => globMatches(glob, weight))?.form ?? form;
}

/** Before anything is computed. Throws `usage/form-of`, `usage/layers`. */
export function checkLayers(network: Network, options: Options): void {
  const forms = layerFormsOf(options);
  if (!forms) return;
  const refuse = (where: string, rule: string, next: string) =>
    new FimError({ code: 'usage/layers', kind: 'usage', where, rule, next });
  const { estimator, visits } = options;
  if (visits === 'weighted')
    throw refuse(
      `--form ${options.form} --visits weighted`,
      'visits uniformly: factors of inputs do not go by what an example contributes',
      '--visits uniform, or leave --form out',
    );
  if (estimator === 'auto' || (estimator !== undefined && ESTIMATORS[estimator].curved))
    throw refuse(
      `--form ${options.form} --estimator ${estimator}`,
      'has the estimators that are made of scores: exact, type1, rademacher, empirical',
      '--estimator exact, or leave --form out',
    );
  const names = planLayers(network, {
    estimator: 'exact',
    populationSize: 1,
    biasApart: options.biasApart,
  }).layers.map(({ weight }) => weight);
  for (const text of options.formOf) {
    const { glob } = readRule(text);
    if (names.some((name) => globMatches(glob, name))) continue;
    throw new FimError({
      code: 'usage/form-of',
      kind: 'usage',
      where: `--form-of ${text}`,
      rule: 'matches the weight of some layer, which goes with its bias',
      got: `weights ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`,
      next: 'name one of them, or a pattern such as *',
    });
  }
}

/** Numbers that forms by layer keep; 0: there are none. */
export function layerNumbers(network: Network, options: Options): number {
  const formOf = layerFormsOf(options);
  if (!formOf) return 0;
  const { sharing, biasApart } = options;
  const plan = planLayers(network, { estimator: 'exact', populationSize: 1, formOf, sharing, biasApart });
  return plan.items.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
