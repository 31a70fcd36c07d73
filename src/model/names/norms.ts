/**
 * @module model/names/norms
 *
 * Norms of a named parameter that the exporter computed, since they depend on no example: X = ‖P‖ over some axes.
 * F.normalize(weight) is one of them. The graph computes them of P again, so that they have derivatives.
 */
import { sameShape, sizeOf, stridesOf, type Tensor, toFloat64 } from '../../core/tensor.js';
import { ops as b, type Value } from '../../graph/index.js';
import { isConstant } from './arrangement.js';
import type { Matching } from './matching.js';

/** Rounding of a sum of squares in float32. */
const ROUNDING = 1e-5;

/** Reads tensors without a name as norms of named ones, where their numbers say so. */
export function joinNorms(m: Matching): void {
  for (const c of m.nameless()) {
    if (!m.field.made(c.name) || c.tensor.data.length < 2 || isConstant(c.tensor)) continue;
    for (const [name, { tensor }] of m.parameters) {
      const axes = normAxes(tensor, c.tensor);
      if (axes === null) continue;
      const shape = c.tensor.shape;
      m.readings.push({
        candidate: c,
        uses: m.freeUses(c),
        of: [name],
        build: ([p]) => b.reshape(norm(p, axes), shape),
      });
      m.notes.push(
        `${c.name} is the norm of ${name}, which the exporter computed; its derivative counts for ${name}`,
      );
      break;
    }
  }
}

const norm = (p: Value, axes: readonly number[]): Value => b.sqrt(b.reduceSum(b.square(p), axes, true));

/** The axes over which X is the norm of P; null where it is not. */
function normAxes(p: Tensor, x: Tensor): number[] | null {
  const rank = p.shape.length;
  for (let set = 1; set < 1 << Math.min(rank, 6); set++) {
    const axes = p.shape.map((_, i) => i).filter((i) => (set >> i) & 1);
    const kept = p.shape.map((d, i) => (axes.includes(i) ? 1 : d));
    const squeezed = p.shape.filter((_, i) => !axes.includes(i));
    if (sizeOf(kept) === p.data.length) continue;
    if (!sameShape(kept, x.shape) && !sameShape(squeezed, x.shape)) continue;
    const norms = normsOf(p, kept);
    const numbers = toFloat64(x);
    if (norms.every((v, i) => Math.abs(v - numbers[i]) <= ROUNDING * Math.abs(v))) return axes;
  }
  return null;
}

function normsOf(p: Tensor, kept: readonly number[]): Float64Array {
  const from = stridesOf(p.shape);
  const to = stridesOf(kept);
  const sums = new Float64Array(sizeOf(kept));
  toFloat64(p).forEach((v, flat) => {
    let at = 0;
    kept.forEach((d, i) => (at += d === 1 ? 0 : (Math.floor(flat / from[i]) % p.shape[i]) * to[i]));
    sums[at] += v * v;
  });
  return sums.map(Math.sqrt);
}
