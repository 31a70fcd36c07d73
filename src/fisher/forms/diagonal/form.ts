/**
 * @module fisher/forms/diagonal/form
 *
 * The diagonal as a form: how its sums merge and what follows from them. Of weighted visits a part holds the sums of the drawn, and those
 * of examples taken once as `taken/…`.
 */
import type { DiagonalEstimate, GroupSums, Population } from '../../estimate.js';
import { factsOf, mergedProxies, proxyOfPart, proxyPart } from '../../proxy/facts.js';
import { copyPart, type FisherSums, type KnownVisits, type SumsPart } from '../sums.js';
import type { Form } from '../form.js';
import { takenCount } from '../../visits.js';
import { diagonalArrays } from './arrays.js';
import { assemble, type Gathered } from './assemble.js';
import { byLayers, markDrawn } from './by-layers.js';
import { groupsOfPart, mergedGroups } from './group-sums.js';
import { statedGroups, visitGroupsOfPart } from './visit-group-sums.js';
import { fromPart, type Keeping, setsOf, toPart } from './plain.js';
import { mergeSums } from './sums.js';
import { blockSize } from './trail.js';

type Sums = Pick<FisherSums<'diagonal'>, 'subject' | 'settings' | 'asked' | 'visited'>;

const TAKEN = 'taken/';

/** The arrays of a part whose names begin with a prefix, without it. */
const under = (part: SumsPart, prefix: string): SumsPart =>
  Object.fromEntries(
    Object.entries(part).flatMap(([name, a]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), a]] : [],
    ),
  );

/** A part of both strata from those of each. */
export const withTaken = (drawn: SumsPart, taken: SumsPart): SumsPart => ({
  ...drawn,
  ...Object.fromEntries(Object.entries(taken).map(([name, a]) => [`${TAKEN}${name}`, a])),
});

const keepingOf = ({ settings, visited }: Sums): Keeping => ({
  weighted: settings.weighted,
  visits: visited?.weighted ?? false,
  block: visited ? blockSize(visited.terms) : 1,
});

function gatheredOf(part: SumsPart, of: Sums): Gathered {
  const gathered = fromPart(part, of.subject, keepingOf(of), setsOf(of.subject, of.asked));
  if (of.settings.byLayer) markDrawn(gathered, of.subject, of.settings.byLayer);
  return gathered;
}

function merged(a: SumsPart, b: SumsPart, of: Sums, spent: boolean): SumsPart {
  const [into, from] = [spent ? a : copyPart(a), b].map((part) => gatheredOf(part, of));
  mergeSums(into, from);
  into.counts.merge(from.counts);
  const [one, other] = [a, b].map(proxyOfPart);
  return {
    ...toPart(into, into.counts),
    ...mergedGroups(a, b, spent),
    ...(one && other ? proxyPart(mergedProxies(one, other)) : {}),
  };
}

/** What the figures follow from. */
function allOf(part: SumsPart, of: Sums, known: KnownVisits | undefined): Gathered {
  const proxies = proxyOfPart(part);
  const proxy = proxies && known?.proxies ? factsOf(proxies, known.proxies) : null;
  const own = gatheredOf(part, of);
  if (!of.visited?.weighted || !known?.design) return { ...own, proxy };
  const taken = gatheredOf(under(part, TAKEN), of);
  const counts = taken.counts.copy();
  counts.merge(own.counts);
  const distinct = known.distinct ?? counts.examples;
  return { ...own, taken, counts, design: known.design, distinct, proxy };
}

/** Sums by group of a part; groups of weighted visits are those of a population. */
function groupsIn(
  part: SumsPart,
  { settings, visited, defaults }: FisherSums<'diagonal'>,
  { taken, design }: Gathered,
  population: Population,
): { readonly sums: GroupSums | null; readonly note: string | null } {
  if (!visited?.weighted) return { sums: groupsOfPart(part), note: null };
  const own = visitGroupsOfPart(part);
  if (!own || !taken || !design) return { sums: null, note: null };
  if (population !== defaults.population)
    return {
      sums: null,
      note: `sums by group of examples: left out, since those of weighted visits were made for the population ${defaults.population}`,
    };
  if (taken.value.totals[0].f.count < takenCount(design))
    return {
      sums: null,
      note: 'sums by group of examples: left out, since some of the examples that are taken once were not visited',
    };
  return { sums: statedGroups(own, taken.value.tensors, design, settings.seed), note: null };
}

export const diagonal: Form<'diagonal', DiagonalEstimate> = {
  name: 'diagonal',
  merge(a, b, of, spent = false) {
    const drawn = merged(a, b, of, spent);
    if (!of.visited?.weighted) return drawn;
    return withTaken(drawn, merged(under(a, TAKEN), under(b, TAKEN), of, spent));
  },
  estimate(part, of, { population, level, visits }) {
    const { subject, settings, defaults, interrupted, notes, visited, asked } = of;
    const { estimator, labels, error, root, exactPairs, seed, populationSize } = settings;
    const decided = {
      ...{ estimator, labels, error, root, exactPairs, seed, populationSize },
      population: population ?? defaults.population,
      level: level ?? defaults.level,
      visits: visited?.weighted ? ('weighted' as const) : ('uniform' as const),
      foretell: visited !== null,
      largest: asked?.largest ?? 0,
    };
    const all = allOf(part, of, visits);
    const whole = assemble(all, decided, subject, interrupted);
    const made = settings.byLayer ? byLayers(whole, settings.byLayer) : whole;
    const kept = groupsIn(part, of, all, decided.population);
    return {
      ...made,
      notes: [...made.notes, ...notes, ...(kept.note === null ? [] : [kept.note])],
      ...(kept.sums ? { groupSums: kept.sums } : {}),
    };
  },
  arrays: diagonalArrays,
};
