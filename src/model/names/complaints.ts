/**
 * @module model/names/complaints
 *
 * Complaints about a file of names that does not fit a network: each lists the names and the tensors that it is about.
 */
import { FimError } from '../../core/errors.js';
import type { Candidate } from '../../graph/onnx/index.js';
import type { Matching } from './matching.js';
import { NAMES_LINE } from '../doubts.js';
import type { NamedEntry } from './types.js';

/** Longest list in a message. */
const LISTED = 12;

const UNFOLDED = "torch.onnx.export(model, x, 'model.onnx', do_constant_folding=False)";

function list(items: readonly string[]): string {
  const more = items.length > LISTED ? `, and ${items.length - LISTED} more` : '';
  return items.slice(0, LISTED).join(', ') + more;
}

/** `onnx::MatMul_18 [3, 4] (read by /a/MatMul)`. */
function tensorText(m: Matching, c: Candidate): string {
  const readers = m.usesOf(c).map(({ node }) => node.name || `${node.opType} to "${node.outputs[0]}"`);
  const by = readers.length > 0 ? ` (read by ${list([...new Set(readers)])})` : '';
  return `${c.name} [${c.tensor.shape.join(', ')}]${by}`;
}

const entryText = ({ name, shape }: NamedEntry): string => (shape ? `${name} [${shape.join(', ')}]` : name);

const tensors = (m: Matching, cs: readonly Candidate[]): string =>
  cs.length === 0 ? 'no tensor' : list(cs.map((c) => tensorText(m, c)));

/** Names that have no tensor, while there are tensors without a name. */
export function notFound(m: Matching, entries: readonly NamedEntry[], left: readonly Candidate[]): FimError {
  const text = entries.every((e) => e.values === null);
  const differing =
    m.differing.length > 0 ? `; other numbers than in ${m.field.file}: ${list(m.differing)}` : '';
  return new FimError({
    code: 'names/not-found',
    where: m.from.where,
    rule: `every name stands for a tensor of ${m.field.file}`,
    got: `not found: ${list(entries.map(entryText))}; tensors without a name: ${tensors(m, left)}${differing}`,
    cause:
      m.differing.length > 0
        ? 'a BatchNorm was folded into the layer before it, or the names are of another network or checkpoint'
        : 'the exporter folded several parameters into one tensor, or the names are of another network',
    next: text ? NAMES_LINE : UNFOLDED,
  });
}

/** Names and tensors that fit one another in more than one way. */
export function ambiguous(m: Matching, cs: readonly Candidate[], entries: readonly NamedEntry[]): FimError {
  const text = entries.every((e) => e.values === null);
  return new FimError({
    code: 'names/ambiguous',
    where: m.from.where,
    rule: 'a name fits one tensor, and a tensor one name',
    got: `${list(entries.map(entryText))} and ${tensors(m, cs)} fit in more than one way`,
    cause: text
      ? 'names alone do not tell them apart; their numbers may'
      : 'equal numbers, in nodes whose names do not tell the module',
    next: text ? NAMES_LINE : UNFOLDED,
  });
}

/** Two keys with equal numbers on one tensor. */
export function twoKeys(m: Matching, c: Candidate, names: readonly string[]): FimError {
  return new FimError({
    code: 'names/two-keys',
    where: m.from.where,
    rule: `${list(names)} hold equal numbers, and ${m.field.file} holds them once`,
    got: tensorText(m, c),
    cause:
      'either one tied parameter, which a state dict lists twice and named_parameters() once; or two parameters that were merged when the file was made, which a text file with one name a line takes apart',
    next: NAMES_LINE,
  });
}

/** A key with the numbers of a buffer. */
export function bufferOrParameter(m: Matching, name: string): FimError {
  return new FimError({
    code: 'names/buffer',
    where: `${m.from.where}: ${name}`,
    rule: 'the file of names has parameters alone',
    got: 'a table of sines and cosines, or a mask',
    cause:
      'either a buffer, which a state dict has and named_parameters() has not; or a parameter that begins so, which a text file with one name a line says',
    next: NAMES_LINE,
  });
}

/** A tensor that was computed on export from parameters that it does not show. */
export function folded(m: Matching, c: Candidate, entries: readonly NamedEntry[], why: string): FimError {
  const text = entries.every((e) => e.values === null);
  return new FimError({
    code: 'names/folded',
    where: m.from.where,
    rule: `${list(entries.map(entryText))}: the file holds only what was computed of it when it was exported`,
    got: `${tensorText(m, c)}: ${why}`,
    cause: text
      ? 'constant folding (weight norm, pruning, masks, a BatchNorm in the layer before it); where the function is known, numbers tell the rest'
      : 'constant folding (weight norm, pruning, masks, a BatchNorm in the layer before it), or the numbers are of another checkpoint',
    next: UNFOLDED,
  });
}

/** A tensor of the right name and the wrong shape. */
export function shapeOfAnother(m: Matching, entry: NamedEntry, c: Candidate): FimError {
  return new FimError({
    code: 'names/shape',
    where: `${m.from.where}: ${entry.name}`,
    rule: `${m.field.file} has it with shape [${c.tensor.shape.join(', ')}]`,
    got: `[${(entry.shape ?? []).join(', ')}]`,
    cause: 'the names are of another network',
    next: NAMES_LINE,
  });
}
