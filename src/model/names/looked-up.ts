/**
 * @module model/names/looked-up
 *
 * Names of tables whose rows the exporter looked up itself, because their indices were known (positions 0, 1, …): the file has the rows
 * that were picked, [1, S, E], added to something, and no node of the table's module. With numbers the rows are found in the table, and
 * the tensor is read as these rows of it; without, a name and a tensor belong together where there is one of each.
 */
import { sameShape, type Tensor, tensor } from '../../core/tensor.js';
import type { Candidate } from '../../graph/onnx/index.js';
import { constant, ops as b } from '../../graph/index.js';
import { isBlocking, isMask, isWaveTable } from '../evidence.js';
import { inModule } from './file-uses.js';
import type { Matching } from './matching.js';
import { isBiasLeaf, splitName } from './module-path.js';
import type { NamedEntry } from './types.js';

/** Claims tables whose rows were looked up. */
export function matchLookedUp(m: Matching): void {
  if (!m.field.pytorch) return;
  const entries = m.unmatched().filter((e) => isTable(m, e));
  for (const entry of entries) {
    if (entry.values === null) continue;
    for (const c of picked(m)) {
      const rows = rowsIn(entry.values, c.tensor);
      if (!rows) continue;
      const index = constant(tensor('int64', [rows.length], rows));
      const shape = c.tensor.shape;
      const values: Tensor = tensor(
        c.tensor.dtype,
        entry.values.shape,
        Array.from(entry.values.data as ArrayLike<number>, Number),
      );
      m.compose(c, [{ entry, tensor: values }], 'by the rows that were looked up', ([p]) =>
        b.reshape(b.gather(p, index, 0), shape),
      );
      break;
    }
  }
  const [entry, ...others] = entries.filter((e) => e.values === null);
  const [candidate, ...rivals] = picked(m);
  if (!entry || !candidate || others.length > 0 || rivals.length > 0) return;
  const stored = candidate.tensor.shape;
  const shape = stored.slice(stored.length - 2);
  if (entry.shape !== null && !sameShape(entry.shape, shape)) return;
  m.claim(entry, candidate, { shape, axes: [0, 1], stored }, 'by the rows that were looked up');
  m.notes.push(
    `${candidate.name} is taken for the rows of ${entry.name} that the exporter looked up; no other tensor is left for it`,
  );
}

/** A name that may be a table's: no bias, and no node stands in its module. */
function isTable(m: Matching, entry: NamedEntry): boolean {
  const { module, leaf } = splitName(entry.name);
  if (isBiasLeaf(leaf) || module === '' || m.field.present.has(entry.name)) return false;
  return ![...m.field.uses.values()].flat().some((u) => inModule(u, module) > 0);
}

/** Tensors without a name that are added as they are and may be rows of a table: [1, …, 1, S, E]. */
function picked(m: Matching): Candidate[] {
  return m.nameless().filter((c) => {
    const { shape } = c.tensor;
    if (shape.length < 2 || shape.slice(0, -2).some((d) => d !== 1)) return false;
    if (isWaveTable(c.tensor) || isMask(c.tensor) || isBlocking(c.tensor)) return false;
    return m
      .freeUses(c)
      .every(
        (u) => u.role === 'additive' && u.direct && u.scopes.every((s) => s === '' || !u.beside.includes(s)),
      );
  });
}

/** For each stored row the row of a table that it is; null where one is not found, or the widths differ. */
function rowsIn(table: Tensor, stored: Tensor): number[] | null {
  const width = stored.shape[stored.shape.length - 1];
  if (table.shape.length !== 2 || table.shape[1] !== width) return null;
  const count = stored.data.length / width;
  const found = Array.from({ length: count }, (_, r) => {
    // Of equal rows the one that stands there in the table.
    for (let step = 0; step < table.shape[0]; step++) {
      const t = (r + step) % table.shape[0];
      let same = true;
      for (let k = 0; k < width && same; k++)
        same =
          Math.fround(Number(table.data[t * width + k])) === Math.fround(Number(stored.data[r * width + k]));
      if (same) return t;
    }
    return -1;
  });
  return found.includes(-1) ? null : found;
}
