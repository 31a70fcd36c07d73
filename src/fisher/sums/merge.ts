/**
 * @module fisher/sums/merge
 *
 * Merging of sums over different examples: any partition, in any order, gives the estimate of the whole to rounding. What does not
 * belong together is refused by name.
 */
import { FimError } from '../../core/errors.js';
import { groupsNote } from '../forms/diagonal/group-sums.js';
import { FORMS } from '../forms/table.js';
import type { FisherSums, FormName, SumsPart, SumsRecord, SumsSettings, SumsVisits } from '../forms/sums.js';

/** What is wrong where two records differ in something that must be the same, in words. */
const WORDS: Readonly<Record<string, string>> = {
  network: 'the graph of the network',
  parameters: 'the parameters θ',
  data: 'the data',
  weights: 'the weights of the examples',
  targets: 'the labels of the data',
  labels: 'draws per example',
  error: 'the source of the label error',
  dtype: 'the precision',
  mix: 'the weights of the mix',
  visits: 'the visits of the examples',
  groups: 'the groups of examples',
  stream: 'the name of the draws',
  populationSize: 'the size of the data set',
  root: 'the root of the signs',
  exactPairs: 'the columns that are taken exactly',
  likelihoodOptions: 'the settings of the likelihood',
  classWeights: 'the weights of the classes',
  weighted: 'whether examples are weighted',
  entries: 'the weights of the entries',
  asked: 'what was asked for beside the estimate',
  range: 'the range of parameters',
  layers: 'the form of the layers, or the basis of their scales',
  total: 'the number of visits',
  shape: 'the kind of visits',
};

/** Throws `fisher/sums-differ` where two sums are not of one network, data set and settings: it names what differs. */
export function requireSame(a: SumsRecord, b: SumsRecord): void {
  if (a.form !== b.form) throw strangers('the form', a.form, b.form);
  const both = [a, b].map(
    ({ settings, digests, asked, visited, layers, range }) =>
      new Map<string, unknown>([
        ...Object.entries(digests),
        ...Object.entries(settings),
        ['asked', asked],
        ['layers', layers],
        ['range', range],
        ['total', visited?.total],
        ['shape', visited && [visited.weighted, visited.terms]],
      ]),
  );
  for (const key of both[0].keys()) {
    if (key === 'mix' && sameMix(a.settings.mix, b.settings.mix)) continue;
    const [one, other] = both.map((record) => JSON.stringify(record.get(key)));
    if (one !== other) throw strangers(WORDS[key] ?? `the ${key}`, short(one), short(other));
  }
}

/** What a pilot's sums may differ by from machine to machine. */
const ROUNDING = 1e-12;

/** Weights of a mix to rounding: each machine may have made them of a pilot of its own. */
function sameMix(a: SumsSettings['mix'], b: SumsSettings['mix']): boolean {
  if (a === null || b === null || typeof a === 'number' || typeof b === 'number') return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Math.abs(a[name] - b[name]) <= ROUNDING)
  );
}

const SHOWN = 40;

const short = (text: string | undefined): string =>
  text === undefined ? 'none' : text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;

function strangers(what: string, one: string, other: string): FimError {
  return new FimError({
    code: 'fisher/sums-differ',
    where: `sums: ${what}`,
    rule: 'sums merge where they are of the same network, data and settings, over different examples',
    got: `${one} and ${other}`,
    next: 'make every part with the same model, data and options',
  });
}

/**
 * Sums over the examples of both, which must not overlap. Associative; neither is changed. Throws `fisher/sums-differ` where they are
 * not of the same network, parameters, data or settings, naming what differs; `fisher/sums-overlap` where both say their visits and some
 * are in both.
 */
export function mergeSums<F extends FormName>(a: FisherSums<F>, b: FisherSums<F>): FisherSums<F> {
  return joined(a, b, false);
}

/** The same in the arrays of `a`, which is spent: no more memory than both take. Throws what `mergeSums` throws. */
export function absorbSums<F extends FormName>(a: FisherSums<F>, b: FisherSums<F>): FisherSums<F> {
  return joined(a, b, true);
}

function joined<F extends FormName>(a: FisherSums<F>, b: FisherSums<F>, spent: boolean): FisherSums<F> {
  requireSame(a, b);
  const form = FORMS[a.form];
  const note = groupsNote(a.parts[0], b.parts[0]);
  // A part may have been computed again in float64 where float32 did not hold it.
  const dtype = a.subject.dtype === 'float32' ? 'float32' : b.subject.dtype;
  return {
    ...a,
    subject: { ...a.subject, dtype },
    notes: [...new Set([...a.notes, ...b.notes, ...(note === null ? [] : [note])])],
    interrupted: a.interrupted || b.interrupted,
    visited: mergedVisits(a.visited, b.visited),
    parts: a.parts.map((part, g) => form.merge(part, b.parts[g], a, spent)),
  };
}

/** The visits of both. Throws `fisher/sums-overlap`. */
function mergedVisits(a: SumsVisits | null, b: SumsVisits | null): SumsVisits | null {
  if (!a || !b) return null;
  const spans: [number, number][] = [];
  for (const [from, to] of [...a.spans, ...b.spans].sort(([one], [other]) => one - other)) {
    const last = spans.at(-1);
    if (last && from < last[1]) throw overlap(from, Math.min(to, last[1]));
    if (last && from === last[1]) last[1] = to;
    else spans.push([from, to]);
  }
  return { ...a, spans };
}

function overlap(from: number, to: number): FimError {
  return new FimError({
    code: 'fisher/sums-overlap',
    where: 'sums of an estimate’s visits',
    rule: 'no visit is in two of them',
    got: `visits ${from} to ${to - 1} twice`,
    cause: 'the same part given twice, or parts cut in different ways',
    next: 'merge each part once',
  });
}

/** The sums of all groups of examples as those of one. */
export function wholePart<F extends FormName>(sums: FisherSums<F>): SumsPart {
  const form = FORMS[sums.form];
  return sums.parts.reduce((a, b) => form.merge(a, b, sums));
}

/**
 * The sums of some groups of examples alone, as one part: of one group for its own estimate, of all but one for a jackknife. Throws
 * `fisher/groups` for a group that is not there.
 */
export function groupSums<F extends FormName>(sums: FisherSums<F>, groups: readonly number[]): FisherSums<F> {
  const form = FORMS[sums.form];
  const parts = groups.map((g) => sums.parts[g] as SumsPart | undefined);
  const missing = parts.indexOf(undefined);
  if (missing >= 0 || parts.length === 0) {
    throw new FimError({
      code: 'fisher/groups',
      kind: 'usage',
      where: 'groups of examples',
      rule: `these sums have the groups 0 to ${sums.parts.length - 1}`,
      got: parts.length === 0 ? 'none' : String(groups[missing]),
      next: 'groupSums(sums, [0])',
    });
  }
  const whole = (parts as SumsPart[]).reduce((a, b) => form.merge(a, b, sums));
  return { ...sums, settings: { ...sums.settings, groups: null }, parts: [whole] };
}
