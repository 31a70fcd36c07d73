/**
 * @module fisher/forms/diagonal/form
 *
 * The diagonal as a form: how its sums merge and what follows from them.
 */
import type { DiagonalEstimate } from '../../estimate.js';
import { copyPart } from '../sums.js';
import type { Form } from '../form.js';
import { diagonalArrays } from './arrays.js';
import { assemble } from './assemble.js';
import { fromPart, toPart } from './plain.js';
import { mergeSums } from './sums.js';

export const diagonal: Form<'diagonal', DiagonalEstimate> = {
  name: 'diagonal',
  merge(a, b, { subject, settings }) {
    const [into, from] = [copyPart(a), b].map((part) => fromPart(part, subject, settings.weighted));
    mergeSums(into, from);
    into.counts.merge(from.counts);
    return toPart(into, into.counts);
  },
  estimate(part, { subject, settings, defaults, interrupted, notes }, { population, level }) {
    const { estimator, labels, error, root, exactPairs, seed, populationSize } = settings;
    const decided = {
      ...{ estimator, labels, error, root, exactPairs, seed, populationSize },
      population: population ?? defaults.population,
      level: level ?? defaults.level,
    };
    const made = assemble(fromPart(part, subject, settings.weighted), decided, subject, interrupted);
    return notes.length === 0 ? made : { ...made, notes: [...made.notes, ...notes] };
  },
  arrays: diagonalArrays,
};
