/**
 * @module model/names/by-name
 *
 * Names that the file has: a tensor of the same name, or an Identity of that name, which is how PyTorch's exporter says that a parameter
 * had the numbers of another. A prefix that all names lack or have (`module.`, a wrapper's attribute) is allowed for.
 */
import { sameShape } from '../../core/tensor.js';
import type { Candidate } from '../../graph/onnx/index.js';
import { type Arrangement, arrangements, asItIs, fits } from './arrangement.js';
import { shapeOfAnother } from './complaints.js';
import type { Matching } from './matching.js';
import type { NamedEntry } from './types.js';

/** Claims what has a name. Throws `names/shape`. */
export function matchByName(m: Matching): void {
  for (const entry of m.unmatched()) claimName(m, entry, entry.name);
  for (const entry of m.unmatched()) claimNumbered(m, entry);
  const missing = m.unmatched();
  const rename = commonPrefix(m, missing);
  if (rename === null) return;
  for (const entry of missing) claimName(m, entry, rename.of(entry.name));
  m.notes.push(rename.note);
}

function claimName(m: Matching, entry: NamedEntry, name: string): void {
  const own = m.field.candidates.find((c) => c.name === name);
  if (own) {
    const uses = m.freeUses(own).filter((u) => u.as === name || !m.lists(u.as));
    m.claim(entry, own, arrangementOf(m, entry, own), 'by its name', keepOwn(m, name, uses));
    return;
  }
  for (const c of m.field.candidates) {
    const uses = m.freeUses(c).filter((u) => u.as === name);
    if (uses.length > 0) m.claim(entry, c, arrangementOf(m, entry, c), 'by its name', uses);
  }
}

/** PyTorch writes a tensor whose name is that of an input or output of the network as `h.1`. */
function claimNumbered(m: Matching, entry: NamedEntry): void {
  if (!m.field.pytorch || m.field.present.has(entry.name)) return;
  const numbered = m.field.candidates.filter(
    ({ name, tensor }) =>
      name.startsWith(`${entry.name}.`) &&
      /^\d+$/.test(name.slice(entry.name.length + 1)) &&
      !m.lists(name) &&
      (entry.shape === null || sameShape(entry.shape, tensor.shape)),
  );
  if (numbered.length === 1) claimName(m, entry, numbered[0].name);
}

/** PyTorch's Identities are tensors of their own, and one that the file of names leaves out is no parameter. */
const keepOwn = <U extends { readonly as: string }>(m: Matching, name: string, uses: readonly U[]): U[] =>
  uses.filter((u) => u.as === name || !m.field.pytorch || m.field.made(u.as) || u.as.startsWith('/'));

/** How the file lays out a tensor that has the entry's name. */
function arrangementOf(m: Matching, entry: NamedEntry, c: Candidate): Arrangement {
  const stored = c.tensor;
  if (entry.shape === null) return asItIs(stored.shape);
  if (entry.values !== null) {
    const [found] = fits(entry.values, stored, m.field.half(c.name));
    if (found) return found;
    m.differing.push(entry.name);
  }
  if (sameShape(entry.shape, stored.shape)) return asItIs(stored.shape);
  const possible = arrangements(entry.shape, stored.shape);
  if (possible.length === 1) return possible[0];
  throw shapeOfAnother(m, entry, c);
}

interface Rename {
  readonly note: string;
  of(name: string): string;
}

/** A prefix that, put before or taken from every name that is missing, gives names that the file has. */
function commonPrefix(m: Matching, missing: readonly NamedEntry[]): Rename | null {
  const free = m.field.candidates.map((c) => c.name).filter((n) => !m.lists(n));
  const fit = (of: (name: string) => string) => missing.filter((e) => free.includes(of(e.name))).length;
  const tried: (Rename & { readonly count: number })[] = [];
  for (const prefix of new Set(missing.flatMap((e) => before(free, e.name)))) {
    const of = (name: string) => prefix + name;
    tried.push({
      of,
      count: fit(of),
      note: `${m.field.file} has "${prefix}" before the names of ${m.from.where}`,
    });
  }
  for (const prefix of new Set(missing.flatMap((e) => free.flatMap((n) => before([e.name], n))))) {
    const of = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
    tried.push({
      of,
      count: fit(of),
      note: `${m.from.where} has "${prefix}" before the names of ${m.field.file}`,
    });
  }
  const [best, next] = tried.sort((p, q) => q.count - p.count);
  if (!best || best.count === 0 || (next && next.count === best.count)) return null;
  return best;
}

/** What stands before `name`, up to a dot, in longer names that end in it. */
const before = (longer: readonly string[], name: string): string[] =>
  longer.filter((n) => n.endsWith(`.${name}`)).map((n) => n.slice(0, n.length - name.length));
