/**
 * @module model/names/by-module
 *
 * Names of tensors that the exporter renamed, by where they are used: `k.weight` is what the product of module k reads, `k.bias` what is
 * added to it. The module is told by the names of tensors beside it (the bias of the same layer), else by the node's name. Numbers,
 * where the file of names has them, must agree, or show which function the exporter folded.
 */
import { sameShape, sizeOf } from '../../core/tensor.js';
import type { Candidate } from '../../graph/onnx/index.js';
import { type Arrangement, asItIs, fits, isConstant, restored, sameValues, turned } from './arrangement.js';
import { ambiguous, folded, twoKeys } from './complaints.js';
import { type FileUse, inModule, readsWeightItself } from './file-uses.js';
import { isOriginal, maskOf, weightNormPartner } from './folded.js';
import { matchMasked, matchWeightNorm } from './functions.js';
import type { Matching } from './matching.js';
import { isBiasLeaf, isScaleLeaf, splitName } from './module-path.js';
import type { NamedEntry } from './types.js';

/**
 * Claims by module. Entries with numbers are claimed where these agree; `functions` asks for those too that agree with nothing, where a
 * function must have been folded. Throws `names/ambiguous`, `names/folded`, `names/two-keys`.
 */
export function matchByModule(m: Matching, functions: boolean): void {
  for (const certainty of [3, 2, 1] as const) {
    if (functions) matchWeightNorms(m, certainty);
    const pairs = pairsOf(m, certainty, functions);
    for (const [candidate, entries] of pairs) {
      if (entries.length > 1) throw ambiguous(m, [candidate], entries);
      const [entry] = entries;
      const rivals = [...pairs].filter(([, es]) => es.includes(entry)).map(([c]) => c);
      if (!rivals.every((c) => alike(c, candidate))) throw ambiguous(m, rivals, [entry]);
      claimByModule(m, entry, candidate);
    }
  }
  for (const entry of m.unmatched()) separate(m, entry);
}

/** Equal tensors of one module are copies of one parameter. */
const alike = (p: Candidate, q: Candidate): boolean =>
  sameShape(p.tensor.shape, q.tensor.shape) && sameValues(p.tensor, q.tensor, false);

function pairsOf(m: Matching, certainty: number, functions: boolean): Map<Candidate, NamedEntry[]> {
  const pairs = new Map<Candidate, NamedEntry[]>();
  const open = m.unmatched().filter((e) => functions || !isPartOfNorm(m, e));
  for (const c of m.nameless()) {
    const entries = open.filter((e) => sizeFits(e, c) && m.freeUses(c).some((u) => lies(u, e, certainty)));
    const agreeing = entries.filter(
      (e) => e.values && fits(e.values, c.tensor, m.field.half(c.name)).length > 0,
    );
    const left = agreeing.length > 0 ? agreeing : entries.filter((e) => functions || e.values === null);
    if (left.length > 0) pairs.set(c, left);
  }
  return pairs;
}

/** One half of a weight norm, whose other half the file of names has too. */
export function isPartOfNorm(m: Matching, entry: NamedEntry): boolean {
  const { module, leaf } = splitName(entry.name);
  return m.from.entries.some((e) => {
    const other = splitName(e.name);
    return (
      other.module === module &&
      (weightNormPartner(leaf) === other.leaf || weightNormPartner(other.leaf) === leaf)
    );
  });
}

/** A use is what an entry's name says, in the entry's module, as surely as `certainty`. */
function lies(use: FileUse, entry: NamedEntry, certainty: number): boolean {
  const { module, leaf } = splitName(entry.name);
  if (inModule(use, module) !== certainty) return false;
  if (use.role === 'product') return !isBiasLeaf(leaf);
  if (use.role === 'additive') return isBiasLeaf(leaf);
  return use.role === 'scale' && isScaleLeaf(leaf) && module !== '';
}

/** Sizes agree, where they are known. */
const sizeFits = (entry: NamedEntry, c: Candidate): boolean =>
  entry.shape === null || sizeOf(entry.shape) === c.tensor.data.length;

function matchWeightNorms(m: Matching, certainty: number): void {
  for (const c of m.nameless()) {
    const entries = m.unmatched();
    for (const g of entries) {
      const { module, leaf } = splitName(g.name);
      const partner = weightNormPartner(leaf);
      const v = entries.find((e) => {
        const other = splitName(e.name);
        return other.module === module && other.leaf === partner;
      });
      if (!v || !m.freeUses(c).some((u) => lies(u, v, certainty))) continue;
      matchWeightNorm(m, c, g, v, storedTurned(m, c, 'weight'));
      break;
    }
  }
}

function claimByModule(m: Matching, entry: NamedEntry, c: Candidate): void {
  const reason = 'by its module';
  const { leaf } = splitName(entry.name);
  if (leaf.endsWith('_orig') && matchMasked(m, c, entry, entry.values ? undefined : storedTurned(m, c, leaf)))
    return;
  if (entry.values !== null) {
    const possible = fits(entry.values, c.tensor, m.field.half(c.name));
    if (possible.length > 0) {
      const guess = storedTurned(m, c, leaf);
      m.claim(entry, c, possible.find((a) => sameShape(a.axes, guess.axes)) ?? possible[0], reason);
      return;
    }
    if (matchMasked(m, c, entry)) return;
    throw folded(m, c, [entry], 'its numbers are not those of the parameter');
  }
  const own = m.freeUses(c).some(readsWeightItself);
  const a = storedTurned(m, c, leaf);
  const mask = maskOf(restored(c.tensor, a));
  if (isOriginal(leaf))
    throw folded(m, c, [entry], 'its name says that something is computed of it, and not what');
  if (m.field.pytorch && own)
    throw folded(m, c, [entry], 'the exporter keeps the name of a parameter that it did not change');
  if (m.field.pytorch && mask !== null && m.field.made(c.name))
    throw folded(m, c, [entry], 'some of its numbers are 0, as after a mask');
  m.claim(entry, c, a, reason);
}

/** PyTorch's linear layers have [out, in] and multiply by the transposed, which the exporter folds; others multiply by what they have. */
export function storedTurned(m: Matching, c: Candidate, leaf: string): Arrangement {
  const { shape } = c.tensor;
  if (shape.length !== 2) return asItIs(shape);
  const uses = m.usesOf(c);
  const foldedTurn = m.field.pytorch && m.field.made(c.name);
  const foreign = !m.field.pytorch && /weight$/.test(leaf) && !m.lists(c.name);
  const right = uses.some(
    (u) => u.direct && u.role === 'product' && u.operand === 1 && !readsWeightItself(u),
  );
  return right && (foldedTurn || foreign) ? turned(shape) : asItIs(shape);
}

/**
 * A name whose module reads a tensor of another name: two parameters had equal numbers, and a tool that came after the exporter left one
 * of them. Read apart again, each by its own uses.
 */
function separate(m: Matching, entry: NamedEntry): void {
  for (const reading of [...m.readings]) {
    if (reading.of.length !== 1 || reading.of[0] === entry.name) continue;
    const [owner] = reading.of;
    const home = splitName(owner).module;
    const own = reading.uses.filter((u) => lies(u, entry, 3) && inModule(u, home) < 3);
    if (own.length === 0 || own.length === reading.uses.length) continue;
    const { candidate } = reading;
    const [a] =
      entry.values === null
        ? [asItIs(candidate.tensor.shape)]
        : fits(entry.values, candidate.tensor, m.field.half(candidate.name));
    if (!a) continue;
    if ((entry.values !== null || m.from.aside.length > 0) && !isConstant(candidate.tensor))
      throw twoKeys(m, candidate, [owner, entry.name]);
    m.readings[m.readings.indexOf(reading)] = {
      ...reading,
      uses: reading.uses.filter((u) => !own.includes(u)),
    };
    m.claim(
      entry,
      candidate,
      entry.values === null ? arrangementLike(m, owner, candidate, a) : a,
      'by its module',
      own,
    );
    m.notes.push(
      `${m.field.file} holds ${owner} and ${entry.name} once, as they had equal numbers; they are taken apart`,
    );
    return;
  }
}

/** As the parameter is laid out that the tensor is named after. */
function arrangementLike(m: Matching, owner: string, c: Candidate, fallback: Arrangement): Arrangement {
  const shape = m.parameters.get(owner)?.tensor.shape;
  return shape && !sameShape(shape, c.tensor.shape) ? storedTurned(m, c, 'weight') : fallback;
}
