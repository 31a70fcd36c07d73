/**
 * @module graph/onnx/import/reshape
 *
 * The target of a Reshape with N symbolic. A 0 copies the operand's dimension, a −1 is what is left over, and in a file that was
 * exported with a fixed batch B the literal that stands for the examples (B, or a multiple of it) becomes N again. So does it where
 * only the target was written out for B examples: no other number of them could have been meant.
 */
import { batchAxis, batchDim, countOf, type Dim, isBatch, mulDim, type Shape, volume } from '../../dims.js';
import { before, placed } from './arrange.js';
import type { OpContext } from './context.js';

/** The shape that a Reshape of a value of shape `from` to `target` gives. Throws `graph/shape`. */
export function reshapeTarget(c: OpContext, from: Shape, target: readonly Dim[], allowzero: boolean): Shape {
  const dims = target.map((d, i) => {
    if (d !== 0 || allowzero) return d;
    if (i >= from.length)
      throw c.refuse(`a 0 at position ${i} copies a dimension that the operand lacks`, 'graph/shape');
    return countOf(from[i]);
  });
  if (dims.filter((d) => d === -1).length > 1) throw c.refuse('a shape has more than one −1', 'graph/shape');
  if (dims.some((d) => !isBatch(d) && d < -1)) throw c.refuse('a dimension is negative', 'graph/shape');
  const batch = c.reader.fixedBatch ?? bakedBatch(from, dims);
  for (const option of withExamples(batch, from, dims)) {
    const filled = fill(from, option);
    const shape = filled && placed(from, filled);
    if (!shape) continue;
    if (c.reader.fixedBatch === null)
      c.reader.note(`a Reshape fixes the batch at ${String(batch)}; it was made symbolic`);
    return shape;
  }
  const shape = fill(from, dims);
  if (!shape)
    throw c.refuse(
      `cannot have shape [${dims.map(String).join(', ')}]: another number of elements`,
      'graph/shape',
    );
  return placed(from, shape) ?? shape;
}

/**
 * The batch of the trace that a target was written out for, where inputs are dynamic and every dimension is a number: as many times
 * the elements of one example as it has. Null where the target says nothing of the kind.
 */
function bakedBatch(from: Shape, dims: readonly Dim[]): number | null {
  if (batchAxis(from) < 0 || dims.some((d) => isBatch(d) || d < 1)) return null;
  const batch = (dims as number[]).reduce((p, d) => p * d, 1) / volume(from).size;
  return Number.isInteger(batch) && batch > 0 ? batch : null;
}

/**
 * Readings of the target in which a literal stands for the examples, likeliest first; none where no batch is fixed. The literal is
 * a·B·b, a what stands before the examples in the operand and not before the literal. Likeliest is an axis of which the examples are the
 * slow index, then one that has more before them, and the last axis, which holds features, only where nothing else fits.
 */
function* withExamples(batch: number | null, from: Shape, dims: readonly Dim[]): Generator<readonly Dim[]> {
  if (batch === null || batchAxis(from) < 0 || dims.some(isBatch)) return;
  const all = before(from);
  const readings: { readonly rank: number; readonly dims: readonly Dim[] }[] = [];
  let ahead = 1;
  for (let i = 0; i < dims.length; i++) {
    const d = dims[i] as number;
    const slow = all / ahead;
    const rank = (slow === 1 ? 0 : 1) + (i > 0 && i === dims.length - 1 ? 2 : 0);
    if (d === -1) {
      readings.push({ rank, dims });
      break;
    }
    if (Number.isInteger(slow) && d > 0 && d % (slow * batch) === 0) {
      readings.push({ rank, dims: dims.map((e, j) => (j === i ? batchDim(d / batch) : e)) });
    }
    ahead *= d;
  }
  for (const { dims: reading } of readings.sort((p, q) => p.rank - q.rank)) yield reading;
}

/** Puts the rest where the −1 stands; null where there is none. */
function fill(from: Shape, dims: readonly Dim[]): Dim[] | null {
  const at = dims.indexOf(-1);
  if (at < 0) return [...dims];
  const total = volume(from);
  const rest = dims.reduce<Dim | null>((p, d, i) => (p === null || i === at ? p : mulDim(p, d)), 1);
  if (rest === null) return null;
  const power = total.power - (isBatch(rest) ? 1 : 0);
  const divisor = isBatch(rest) ? rest.batch : rest;
  const size = divisor === 0 ? 0 : total.size / divisor;
  if (!Number.isInteger(size) || power < 0 || power > 1) return null;
  const filled: Dim = power === 0 || size === 0 ? size : batchDim(size);
  return dims.map((d, i) => (i === at ? filled : d));
}
