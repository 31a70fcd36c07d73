/**
 * @module model/names/rows
 *
 * Parameters whose rows the exporter wrote out as tensors of their own: `in_proj_weight` [3E, E] and `in_proj_bias` [3E] of an attention whose keys
 * and values come from elsewhere are read by one product each, or by one for the queries and one for the others. Each tensor is read as
 * its rows of the parameter, which has every derivative once. Source: torch.nn.functional.multi_head_attention_forward.
 */
import { allocate, sizeOf, type Tensor } from '../../core/tensor.js';
import { ops as b, type Value } from '../../graph/index.js';
import type { Candidate } from '../../graph/onnx/index.js';
import { arrange, type Arrangement, arrangements, isConstant, restored, sameValues } from './arrangement.js';
import { inModule } from './file-uses.js';
import type { Matching } from './matching.js';
import { isBiasLeaf, splitName } from './module-path.js';
import type { NamedEntry } from './types.js';

/** Rows [from, to) of a parameter, and the tensor that holds them. */
interface Part {
  readonly candidate: Candidate;
  readonly from: number;
  readonly to: number;
  readonly arrangement: Arrangement;
}

/** Claims parameters whose rows are apart, by the numbers of the file of names. */
export function matchRows(m: Matching): void {
  for (const entry of m.unmatched()) {
    if (entry.values === null || entry.values.shape.length === 0) continue;
    const parts = partsOf(m, entry, entry.values);
    if (parts.length < 2) continue;
    const tensor = joined(entry.values.shape, parts);
    const sources = parts.map((p) => p.candidate.name);
    const tensors = parts.map(({ candidate, from, to, arrangement }) => ({
      candidate,
      build: (p: Value) => arrange(b.slice(p, 0, from, to), arrangement),
    }));
    m.spread(entry, tensor, 'by its rows', tensors);
    m.notes.push(`${sources.join(', ')} hold the rows of ${entry.name}`);
  }
}

/** Tensors in the parameter's module that hold all its rows in turn; none where they do not. */
function partsOf(m: Matching, entry: NamedEntry, values: Tensor): Part[] {
  const { module, leaf } = splitName(entry.name);
  const role = isBiasLeaf(leaf) ? 'additive' : 'product';
  const inPlay = m
    .nameless()
    .filter((c) => m.freeUses(c).some((u) => u.role === role && inModule(u, module) > 0))
    .sort((p, q) =>
      m.freeUses(p)[0].node.name.localeCompare(m.freeUses(q)[0].node.name, 'en', { numeric: true }),
    );
  const left = new Set(inPlay);
  const parts: Part[] = [];
  const [rows] = values.shape;
  for (let from = 0; from < rows;) {
    const found = [...left].map((c) => partAt(m, c, values, from)).filter((p) => p !== null);
    // Equal numbers throughout fit anywhere: a tensor that fits here by its own comes first, else the first of its module's nodes.
    const next = found.find((p) => !isConstant(p.candidate.tensor)) ?? found[0];
    if (!next) return [];
    parts.push(next);
    left.delete(next.candidate);
    from = next.to;
  }
  return parts;
}

/** The rows from `from` on that a tensor holds, if it does. */
function partAt(m: Matching, candidate: Candidate, values: Tensor, from: number): Part | null {
  const [rows, ...rest] = values.shape;
  const count = sizeOf(candidate.tensor.shape) / sizeOf(rest);
  const to = from + count;
  if (!Number.isInteger(count) || count === 0 || to > rows) return null;
  const own = rowsOf(values, from, to);
  const arrangement = arrangements(own.shape, candidate.tensor.shape).find((a) =>
    sameValues(own, restored(candidate.tensor, a), m.field.half(candidate.name)),
  );
  return arrangement ? { candidate, from, to, arrangement } : null;
}

function rowsOf({ dtype, shape, data }: Tensor, from: number, to: number): Tensor {
  const width = sizeOf(shape.slice(1));
  return { dtype, shape: [to - from, ...shape.slice(1)], data: data.slice(from * width, to * width) };
}

/** The parameter as the file has it, in the working type. */
function joined(shape: readonly number[], parts: readonly Part[]): Tensor {
  const { dtype } = parts[0].candidate.tensor;
  const width = sizeOf(shape.slice(1));
  const data = allocate(dtype, sizeOf(shape)) as Float64Array;
  for (const { candidate, from, arrangement } of parts)
    data.set(restored(candidate.tensor, arrangement).data as Float64Array, from * width);
  return { dtype, shape, data };
}
