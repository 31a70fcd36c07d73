/**
 * @module model/copies
 *
 * Transposed copies of a parameter. PyTorch's exporter folds Wᵀ into a tensor of its own even where W is read elsewhere too, so a head that
 * is tied to an embedding stands in the file twice. Such a copy is read as the parameter transposed: both uses add up before anything is
 * squared. Tensors with equal entries everywhere are told from no other and stay as they are.
 */
import { type Tensor } from '../core/tensor.js';
import type { Candidate, NameEvidence } from '../graph/onnx/index.js';
import { ops as b, type Value } from '../graph/index.js';
import { substitute } from '../graph/substitute.js';

/** A network in which copies are read as what they are copies of. */
export interface Joined {
  readonly h: Value;
  readonly candidates: readonly Candidate[];
  readonly notes: readonly string[];
}

/**
 * `h` with every transposed copy that PyTorch's exporter made of a named tensor read as that tensor.
 * Throws `graph/shape`, `graph/examples-coupled`.
 */
export function joinTransposed(h: Value, candidates: readonly Candidate[], names: NameEvidence): Joined {
  if (!names.pytorch) return { h, candidates, notes: [] };
  const named = candidates.filter((c) => !names.exporterMade(c.name) && c.source === 'initializer');
  const copies = new Map<Candidate, Candidate>();
  for (const c of candidates) {
    if (!names.exporterMade(c.name)) continue;
    const of = named.find((o) => isTransposed(c.tensor, o.tensor));
    if (of) copies.set(c, of);
  }
  if (copies.size === 0) return { h, candidates, notes: [] };
  const turned = new Map([...copies].map(([c, of]) => [c.value, b.swapLast(of.value)]));
  return {
    h: substitute([h], turned)[0],
    candidates: candidates.filter((c) => !copies.has(c)),
    notes: [...copies].map(
      ([c, of]) => `${c.name} is ${of.name} transposed by the exporter; both are the one parameter`,
    ),
  };
}

/** Whether one matrix is the other transposed, and not all entries are equal. */
function isTransposed(copy: Tensor, of: Tensor): boolean {
  const [rows, columns] = of.shape;
  if (of.shape.length !== 2 || copy.shape.length !== 2 || copy.shape[0] !== columns || copy.shape[1] !== rows)
    return false;
  let equal = true;
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < columns; k++) {
      const x = of.data[r * columns + k];
      if (x !== copy.data[k * rows + r]) return false;
      equal &&= x === of.data[0];
    }
  }
  return !equal;
}
