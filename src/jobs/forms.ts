/**
 * @module jobs/forms
 *
 * Comparison of the forms of the Fisher on a network and its data: how far each is from the Fisher, layer by layer (fisher/form-error), and which
 * one is advised. A form with more numbers is advised over one with fewer where it brings ε down by more than two standard errors of the
 * difference (as of independent figures) and by .1 for each factor of ten in numbers.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { didYouMean } from '../core/suggest.js';
import { batches } from '../data/batches.js';
import {
  COMPARED_FORMS,
  type ComparedForm,
  formErrors,
  type FormErrorOptions,
  type FormErrors,
  FORM_ESTIMATORS,
  type LayerFormErrors,
} from '../fisher/index.js';
import { checkClassWeights } from '../likelihood/class-weights.js';
import { inputsOf, layersOf } from '../scores/layers.js';
import { lossNotes, weighsNoLoss } from './chosen.js';
import type { Network } from '../model/network.js';
import type { EstimateSubject } from './request.js';

/** What is asked for. */
export interface FormsRequest extends Omit<
  FormErrorOptions,
  'forms' | 'estimator' | 'populationSize' | 'targets'
> {
  /** Names of forms; none: all that differ. */
  readonly forms: readonly string[];
  /** Default exact. */
  readonly estimator?: string | undefined;
  readonly order: 'seed' | 'file';
}

/** Which form is advised. */
export interface FormAdvice {
  readonly form: ComparedForm;
  /** A sentence. */
  readonly reason: string;
}

/** The comparison. */
export interface FormsReport {
  readonly errors: FormErrors;
  readonly forms: readonly ComparedForm[];
  /** Of each layer, in order, and of all layers together; null where no ε is known. */
  readonly advice: { readonly layers: readonly (FormAdvice | null)[]; readonly whole: FormAdvice | null };
  readonly notes: readonly string[];
}

/** Bytes that what is advised may keep. */
const MEMORY = 512 * 2 ** 20;

/** Compares forms. Throws `usage/forms`, `usage/form-estimator`, `estimate/class-weights`, `likelihood/class-weights` and what `formErrors` throws. */
export async function compareForms(subject: EstimateSubject, request: FormsRequest): Promise<FormsReport> {
  const { engine, network, likelihood, dataset } = subject;
  const forms = formsNamed(request.forms, network);
  const { order, seed = 0, examples, memory = MEMORY, ...rest } = request;
  const estimator = estimatorNamed(request.estimator ?? 'exact');
  const N = dataset.n;
  const m = Math.min(examples ?? 512, N);
  const T = network.h.shape[1] as number;
  const targets =
    estimator === 'empirical' && dataset.targets
      ? { targets: likelihood.readTargets(dataset.targets, N, T) }
      : {};
  if (request.classWeights) {
    if (estimator !== 'empirical') throw weighsNoLoss(estimator, false);
    checkClassWeights(likelihood.name, T, request.classWeights, targets.targets ?? null);
  }
  const source: Parameters<typeof formErrors>[3] = (batch, dtype) =>
    batches(dataset, { batch, dtype, order, seed, examples: m });
  const options = { ...rest, ...targets, forms, estimator, seed, memory, examples: m, populationSize: N };
  const errors = await formErrors(engine, network, likelihood, source, options);
  return {
    errors,
    forms,
    advice: {
      layers: errors.layers.map((layer) => adviseForm(layer, memory)),
      whole: adviseForm(errors.whole, memory),
    },
    notes: [
      ...lossNotes(request),
      ...notesOf(errors, m, N),
      ...(errors.certain || !forms.includes('ekfac') ? [] : basisNotes(network, m)),
    ],
  };
}

/** Forms by their names; without names all, `kfac-reduce` where positions share a weight. Throws `usage/forms`. */
function formsNamed(names: readonly string[], network: Network): readonly ComparedForm[] {
  if (names.length > 0) return names.map(formNamed);
  const shared = layersOf(network).some(({ matrix }) => (matrix?.positions ?? 1) > 1);
  return COMPARED_FORMS.filter((form) => shared || form !== 'kfac-reduce');
}

function formNamed(name: string): ComparedForm {
  const form = COMPARED_FORMS.find((f) => f === name);
  if (form) return form;
  throw new FimError({
    code: 'usage/forms',
    kind: 'usage',
    where: setting('forms', name),
    rule: `forms are ${COMPARED_FORMS.join(', ')}`,
    ...didYouMean(name, COMPARED_FORMS),
  });
}

function estimatorNamed(name: string): (typeof FORM_ESTIMATORS)[number] {
  const estimator = FORM_ESTIMATORS.find((e) => e === name);
  if (estimator) return estimator;
  throw new FimError({
    code: 'usage/form-estimator',
    kind: 'usage',
    where: setting('estimator', name),
    rule: `forms are compared by squares of scores: ${FORM_ESTIMATORS.join(', ')}`,
    next: setting('estimator', 'exact'),
  });
}

/** The form to use of a layer, or of all, that keeps at most so many bytes; null where nothing is known. */
export function adviseForm({ forms }: Pick<LayerFormErrors, 'forms'>, memory: number): FormAdvice | null {
  const known = (Object.keys(forms) as ComparedForm[])
    .flatMap((form) => {
      const own = forms[form];
      return own && own.error !== null ? [{ form, ...own, error: own.error }] : [];
    })
    .sort((a, b) => a.numbers - b.numbers);
  const fitting = known.filter(({ numbers }) => 8 * numbers <= memory);
  if (fitting.length === 0) return null;
  let [best] = fitting;
  for (const next of fitting.slice(1)) {
    const noise = 2 * Math.hypot(best.standardError ?? 0, next.standardError ?? 0);
    const price = 0.1 * Math.log10(next.numbers / best.numbers);
    if (best.error - next.error > Math.max(noise, price)) best = next;
  }
  const cheaper = known.filter((f) => f.numbers < best.numbers);
  const smaller = cheaper.length === 0 ? null : cheaper.reduce((a, b) => (b.error < a.error ? b : a));
  const larger = known.find((f) => f.numbers > best.numbers && f.error < best.error);
  const words = (error: number) => (error === 0 ? '0' : error.toFixed(2));
  const times = (a: number, b: number) => `${Number((a / b).toPrecision(2))} times`;
  const said = [
    `ε ${words(best.error)} with ${best.numbers} numbers`,
    ...(smaller ? [`${smaller.form} has ${words(smaller.error)} with ${smaller.numbers}`] : []),
    ...(larger
      ? [
          `${larger.form} would have ${words(larger.error)}, with ${times(larger.numbers, best.numbers)} the numbers`,
        ]
      : []),
  ];
  return { form: best.form, reason: said.join('; ') };
}

function notesOf({ layers, certain }: FormErrors, m: number, N: number): string[] {
  const unknown = layers.filter(({ forms }) => Object.values(forms).some(({ error }) => error === null));
  return [
    ...(certain ? [`all ${N} examples are the population: ε is theirs, without error`] : []),
    ...(!certain && m < 40 ? [`${m} examples: errors of ε take at least 40`] : []),
    ...unknown.map(
      ({ name }) =>
        `${name}: no ε where its factors are too large for this comparison, or its Fisher is not above 0 in these examples`,
    ),
  ];
}

/** Share of the examples that eigenbases are made of, on average over pairs in five folds (fisher/form-error/bases). */
const BASIS_SHARE = 0.64;

/** Layers whose basis is of fewer examples than they have inputs. */
function basisNotes(network: Network, m: number): string[] {
  const count = Math.floor(BASIS_SHARE * m);
  const few = layersOf(network).filter((l) => l.matrix?.positions === 1 && inputsOf(l) > count);
  if (few.length === 0) return [];
  const names = few.map(({ weight }) => weight).join(', ');
  return [
    `ekfac of ${names}: eigenbases of some ${count} examples, fewer than inputs; with those of more examples ε is smaller`,
  ];
}
