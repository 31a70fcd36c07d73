/**
 * @module fisher/sums/ranges
 *
 * Sums by ranges of parameters made those of the whole network: of each range the entries of its parameters, and once the totals over all, made
 * over the same visits with the same draws. The parameters of one example are correlated, so that totals over several ranges are no sums of
 * theirs: they come from a pass that keeps no entry.
 */
import { FimError } from '../../core/errors.js';
import type { FisherSums, FormName, SumsPart, SumsRange, SumsRecord } from '../forms/sums.js';

/** Arrays of entries, of whatever stratum and role. */
const OF_ENTRIES =
  /^(taken\/)?(value|spread)\/(moments$|(mean|m2|label|lean|tiltSquares|tiltLabel|termRows|termColumns|deviationRows|deviationColumns)\/)/;
const OF_GROUPS = /^group\//;

/** The range of sums that are of one. Throws `fisher/ranges`. */
export function rangeIn(sums: SumsRecord): SumsRange {
  if (sums.range) return sums.range;
  throw refuse('sums', 'are of a range of parameters', 'sums of all of them');
}

const refuse = (where: string, rule: string, got: string): FimError =>
  new FimError({ code: 'fisher/ranges', where, rule, got });

/** What sums of two ranges have in common beside the parameters; by layers, estimators differ. */
const commonOf = ({ settings, digests, visited }: SumsRecord): string => {
  const { estimator: _1, labels: _2, error: _3, byLayer: _4, stream: _5, mix: _6, ...shared } = settings;
  const { data, targets, weights } = digests;
  return JSON.stringify([shared, { data, targets, weights }, visited]);
};

/** Throws `fisher/ranges` unless all are of the same visits to the same network. */
export function requireOneWhole(all: readonly SumsRecord[]): void {
  const whole = JSON.stringify(rangeIn(all[0]).of);
  const common = commonOf(all[0]);
  for (const sums of all) {
    if (JSON.stringify(rangeIn(sums).of) !== whole)
      throw refuse(
        'sums of ranges',
        'are of one network with the same θ',
        'another network, or other parameters',
      );
    if (commonOf(sums) !== common)
      throw refuse(
        'sums of ranges',
        'are over the same visits with the same draws',
        'other settings, data or visits',
      );
  }
}

/**
 * The sums of the diagonal of the whole network from its totals and all ranges. Throws `fisher/ranges` where they do not belong together, or a
 * parameter is missing.
 */
export function joinRanges(all: readonly FisherSums<'diagonal'>[]): FisherSums<'diagonal'> {
  requireOneWhole(all);
  const totals = all.find((sums) => rangeIn(sums).parameters === null);
  if (!totals) throw refuse('sums of ranges', 'have the totals over all parameters', 'ranges alone');
  const places = new Map(totals.subject.tensors.map(({ name }, i) => [name, i]));
  const placeOf = (sums: SumsRecord): number => places.get(rangeIn(sums).parameters?.[0] ?? '') ?? 0;
  const ranges = all.filter((sums) => sums !== totals).sort((a, b) => placeOf(a) - placeOf(b));
  requireAll(totals, ranges);
  const { range: _, ...record } = totals;
  return {
    ...record,
    ...beside(all),
    parts: totals.parts.map((part, g) => together([part, ...ranges.map(({ parts }) => entriesOf(parts[g]))])),
  };
}

/** All arrays of several parts; of one name, the last. */
const together = (parts: readonly SumsPart[]): SumsPart =>
  Object.fromEntries(parts.flatMap((part) => Object.entries(part)));

const entriesOf = (part: SumsPart): SumsPart =>
  Object.fromEntries(Object.entries(part).filter(([key]) => OF_ENTRIES.test(key) || OF_GROUPS.test(key)));

/** Throws where a parameter comes in no range, or in two. */
function requireAll({ subject }: SumsRecord, ranges: readonly SumsRecord[]): void {
  const named = ranges.flatMap((sums) => rangeIn(sums).parameters ?? []);
  const names = subject.tensors.map(({ name }) => name);
  const missing = names.find((name) => !named.includes(name));
  if (missing === undefined && named.length === names.length) return;
  throw refuse(
    'sums of ranges',
    'hold each parameter once',
    missing === undefined ? 'a parameter in two of them' : `none with ${missing}`,
  );
}

const beside = (all: readonly FisherSums[]) => ({
  notes: [...new Set(all.flatMap(({ notes }) => notes))],
  interrupted: all.some(({ interrupted }) => interrupted),
});

/**
 * The same of second moments by layer, which have no totals.
 * @throws FimError with `fisher/ranges`
 */
export function joinLayerRanges(all: readonly FisherSums<'layers'>[]): FisherSums<'layers'> {
  requireOneWhole(all);
  const [first] = all;
  const { range: _, ...record } = first;
  const kept = all.map(({ layers }) => layers as NonNullable<typeof layers>);
  return {
    ...record,
    ...beside(all),
    layers: {
      ...kept[0],
      layers: kept.flatMap(({ layers }) => layers),
      items: kept.flatMap(({ items }) => items),
    },
    parts: first.parts.map((_part, g) => together(all.map(({ parts }) => parts[g]))),
  };
}

/** Which range sums are of, to tell those of one from others; null: of all parameters. */
export const rangeKey = <F extends FormName>({ range }: Pick<SumsRecord<F>, 'range'>): string | null =>
  range ? JSON.stringify(range.parameters) : null;
