/**
 * @module model/names/by-value
 *
 * Names of tensors by their numbers: as they are, transposed or under another shape; and copies of a named tensor that the exporter made
 * when it folded a transpose, which have no name of their own.
 */
import { sameShape } from '../../core/tensor.js';
import type { Candidate } from '../../graph/onnx/index.js';
import {
  arrange,
  type Arrangement,
  arrangements,
  fits,
  isConstant,
  restored,
  sameValues,
} from './arrangement.js';
import { isPartOfNorm, storedTurned } from './by-module.js';
import { ambiguous, twoKeys } from './complaints.js';
import { matchMasked } from './functions.js';
import type { Matching } from './matching.js';
import { splitName } from './module-path.js';
import type { NamedEntry } from './types.js';

/** Claims by numbers. Throws `names/ambiguous` and `names/two-keys`. */
export function matchByValue(m: Matching): void {
  for (const entry of m.unmatched()) {
    if (entry.values === null || m.parameters.has(entry.name) || isPartOfNorm(m, entry)) continue;
    const found = m.nameless().filter((c) => fit(m, entry, c).length > 0);
    if (found.length === 0) {
      refuseTwice(m, entry);
      continue;
    }
    const rivals = m
      .unmatched()
      .filter((e) => e !== entry && e.values !== null && fit(m, e, found[0]).length > 0);
    if (rivals.length > 0) {
      if (found.length === 1 && !isConstant(found[0].tensor))
        throw twoKeys(
          m,
          found[0],
          [entry, ...rivals].map((e) => e.name),
        );
      throw ambiguous(m, found, [entry, ...rivals]);
    }
    if (found.length > 1 && isConstant(found[0].tensor)) throw ambiguous(m, found, [entry]);
    if (leafOf(entry).endsWith('_orig') && matchMasked(m, found[0], entry)) continue;
    for (const c of found) {
      const possible = fit(m, entry, c);
      const guess = storedTurned(m, c, leafOf(entry));
      m.claim(entry, c, possible.find((a) => sameShape(a.axes, guess.axes)) ?? possible[0], 'by its numbers');
    }
  }
}

const leafOf = (entry: NamedEntry): string => splitName(entry.name).leaf;

const fit = (m: Matching, entry: NamedEntry, c: Candidate): Arrangement[] =>
  entry.values === null ? [] : fits(entry.values, c.tensor, m.field.half(c.name));

/** The numbers are those of a tensor that has a name already. */
function refuseTwice(m: Matching, entry: NamedEntry): void {
  for (const { candidate, of } of m.readings) {
    if (of.length !== 1 || isConstant(candidate.tensor) || fit(m, entry, candidate).length === 0) continue;
    throw twoKeys(m, candidate, [of[0], entry.name]);
  }
}

/** Joins tensors that the exporter made to the named one that they are a copy of. */
export function joinCopies(m: Matching): void {
  for (const c of m.nameless()) {
    if (!m.field.made(c.name) || isConstant(c.tensor)) continue;
    for (const [name, parameter] of m.parameters) {
      const reading = m.readings.find((r) => r.of[0] === name && r.of.length === 1);
      if (!reading || parameter.reason === 'masked') continue;
      const possible = arrangements(parameter.tensor.shape, c.tensor.shape).filter((a) =>
        sameValues(parameter.tensor, restored(c.tensor, a), false),
      );
      if (possible.length === 0) continue;
      const guess = storedTurned(m, c, 'weight');
      const a = possible.find((p) => sameShape(p.axes, guess.axes)) ?? possible[0];
      m.parameters.set(name, { ...parameter, sources: [...parameter.sources, c.name] });
      m.readings.push({ candidate: c, uses: m.freeUses(c), of: [name], build: ([p]) => arrange(p, a) });
      m.notes.push(`${c.name} is a copy of ${name} that the exporter made; both are the one parameter`);
      break;
    }
  }
}
