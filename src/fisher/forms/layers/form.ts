/**
 * @module fisher/forms/layers/form
 *
 * Second moments by layer as a form: how their sums merge and what follows from them. A part has the arrays of a diagonal's entries
 * (fisher/forms/diagonal/plain), one set for each item; what the items are stands in the record.
 */
import { Counts } from '../../counts.js';
import type { Subject } from '../../subject.js';
import { groupsOfPart, mergedGroups } from '../diagonal/group-sums.js';
import { fromPart, toPart } from '../diagonal/plain.js';
import { mergeSums } from '../diagonal/sums.js';
import type { Form } from '../form.js';
import { copyPart, type FisherSums, type SumsPart } from '../sums.js';
import { layersArrays } from './arrays.js';
import { type LayersEstimate, layersOfSums, unpackedGroups } from './estimate.js';
import type { SumsLayers } from './items.js';
import { packedSize } from './packing.js';

type Sums = Pick<FisherSums<'layers'>, 'subject' | 'settings' | 'layers'>;

/** What is kept, of sums of this form. */
const keptOf = ({ layers }: Sums): SumsLayers => layers as SumsLayers;

function gathered(part: SumsPart, of: Sums) {
  const tensors = keptOf(of).items.map((item) => ({ name: item.name, shape: [packedSize(item)] }));
  const subject: Subject = { ...of.subject, tensors };
  return fromPart(part, subject, { weighted: of.settings.weighted, visits: false, block: 1 }, []);
}

export const layers: Form<'layers', LayersEstimate> = {
  name: 'layers',
  merge(a, b, of, spent = false) {
    const [into, from] = [spent ? a : copyPart(a), b].map((part) => gathered(part, of));
    mergeSums(into, from);
    into.counts.merge(from.counts);
    return { ...toPart(into, into.counts), ...mergedGroups(a, b, spent) };
  },
  estimate(part, of, { population }) {
    const { settings, defaults, interrupted, notes } = of;
    const { estimator, labels, error, populationSize } = settings;
    const { sharing, errors } = keptOf(of);
    const decided = { estimator, labels, error, populationSize, sharing, errors };
    const made = layersOfSums(
      gathered(part, of),
      Counts.fromArrays(part),
      keptOf(of),
      { ...decided, population: population ?? defaults.population },
      interrupted,
    );
    const groupSums = groupsOfPart(part);
    return {
      ...made,
      notes,
      ...(groupSums ? { groupSums: unpackedGroups(groupSums, keptOf(of).items) } : {}),
    };
  },
  arrays: layersArrays,
};
