/**
 * @module graph/layout
 *
 * Where the extra axes of cotangents and tangents stand. One pass can carry many cotangents (the classes of a Fisher, the columns
 * of a Jacobian): they form leading axes L. Of a value that depends on the examples, [p…, N, q…], the cotangent has shape
 * [p…, N, L…, q…]: L follows the batch axis, so that a contraction over L is a batched matrix product and a product with a
 * weight is one [N·L, ·] GEMM. Of a value that does not, it has shape [L…, shape…], or [N, L…, shape…] where the sum over
 * examples is to be left undone (`perExample`): this is how per-example scores of any parameter come out of the same rules.
 *
 * Rules call `align` for primals, `reduceTo` to undo broadcasting, `place` for tangents, and the mover helpers; none of them
 * counts axes by itself.
 */
import * as b from './build.js';
import { batchAxis, type Dim, isBatch, N, sameDim, type Shape } from './dims.js';
import type { Value } from './value.js';

export class Layout {
  constructor(
    /** Dimensions of the leading axes; empty for a plain gradient. */
    readonly lead: Shape,
    /** Keep the examples apart in cotangents of values that do not depend on them. */
    readonly perExample = false,
  ) {}

  /** Leading axes in the layout of `shape`: L, or N and L. */
  leadOf(shape: Shape): Shape {
    return this.perExample && batchAxis(shape) < 0 ? [N, ...this.lead] : this.lead;
  }

  /** Index at which the leading axes stand. */
  position(shape: Shape): number {
    return batchAxis(shape) + 1;
  }

  /** Position of `axis` of a value of this shape inside its cotangent. */
  axis(shape: Shape, axis: number): number {
    return axis < this.position(shape) ? axis : axis + this.leadOf(shape).length;
  }

  /** Shape of the cotangent or tangent of a value of this shape. */
  shapeOf(shape: Shape): Dim[] {
    const at = this.position(shape);
    return [...shape.slice(0, at), ...this.leadOf(shape), ...shape.slice(at)];
  }

  /** A primal, with 1s inserted so that it broadcasts against cotangents of a value of shape `out`. */
  align(primal: Value, out: Shape): Value {
    const k = this.leadOf(out).length;
    const at = this.position(out) - (out.length - primal.shape.length);
    if (k === 0 || at <= 0) return primal;
    return b.unsqueeze(
      primal,
      Array.from({ length: k }, (_, i) => at + i),
    );
  }

  /** Sums a cotangent in the layout of `out` over what was broadcast, giving one in the layout of `shape`. */
  reduceTo(ct: Value, out: Shape, shape: Shape): Value {
    const at = this.position(out);
    const k = this.leadOf(out).length;
    const offset = out.length - shape.length;
    const crossing = at > 0 && batchAxis(shape) < 0; // from the examples' side to the parameters'
    const keepN = crossing && this.perExample;
    const sum: number[] = [];
    const leadAxes = Array.from({ length: k }, (_, i) => at + i);
    const kept: number[] = [];
    let value = ct;
    let batchPosition = -1;
    for (let i = 0; i < out.length; i++) {
      const position = i < at ? i : i + k;
      const own: Dim = i < offset ? 1 : shape[i - offset];
      if (keepN && isBatch(out[i])) batchPosition = position;
      else if (i < offset || (own === 1 && out[i] !== 1)) sum.push(position);
      else kept.push(position);
    }
    if (batchPosition >= 0) {
      const d = value.shape[batchPosition] as { batch: number };
      if (d.batch > 1) {
        const split = [...value.shape];
        split.splice(batchPosition, 1, N, d.batch);
        value = b.reshape(value, split);
        value = b.reduceSum(value, [batchPosition + 1]);
      }
    }
    const order = crossing
      ? [...(batchPosition >= 0 ? [batchPosition] : []), ...leadAxes, ...kept]
      : [...kept, ...leadAxes].sort((p, q) => p - q);
    value = b.reduceSum(value, sum);
    const rank = (p: number) => p - sum.filter((s) => s < p).length;
    return b.reshape(b.permute(value, order.map(rank)), this.shapeOf(shape));
  }

  /** A tangent of a value of shape `shape`, arranged to broadcast against the layout of `out`. */
  place(tangent: Value, shape: Shape, out: Shape): Value {
    const lead = this.leadOf(shape);
    if (lead.length === 0 || batchAxis(shape) >= 0) return tangent;
    const full = [...new Array<Dim>(out.length - shape.length).fill(1), ...shape];
    return this.leadFromFront(b.reshape(tangent, [...lead, ...full]), lead.length, this.position(out));
  }

  /** Repeats what broadcasts against the layout of `like` so that it has exactly that layout. */
  broadcastTo(value: Value, like: Value): Value {
    const shape = this.shapeOf(like.shape);
    const copies = batchAxis(shape) >= 0 && batchAxis(value.shape) < 0;
    return b.expand(copies ? b.expandLike(value, this.align(like, like.shape)) : value, shape);
  }

  /** Rearranges a cotangent in the layout of `from`, where axis i of `to` is axis `source[i]` of `from`. */
  rearrange(ct: Value, from: Shape, to: Shape, source: readonly number[]): Value {
    const at = this.position(from);
    const k = this.leadOf(from).length;
    const where = (axis: number) => (axis < at ? axis : axis + k);
    const order = source.map(where);
    const lead = Array.from({ length: k }, (_, i) => at + i);
    order.splice(this.position(to), 0, ...lead);
    return b.permute(ct, order);
  }

  /** A cotangent in the layout of `from`, read as one of a value with the same elements in shape `to`. */
  reshape(ct: Value, from: Shape, to: Shape): Value {
    const k = this.leadOf(from).length;
    const target = this.shapeOf(to);
    const a = batchAxis(from);
    const c = batchAxis(to);
    const aligned = a <= 0 && c <= 0 && (a < 0 || sameDim(from[0], to[0]));
    if (k === 0 || aligned) return b.reshape(ct, target);
    const front = b.reshape(this.leadToFront(ct, k, this.position(from)), [...this.leadOf(from), ...to]);
    return this.leadFromFront(front, k, this.position(to));
  }

  private leadToFront(value: Value, k: number, at: number): Value {
    const r = value.shape.length;
    const order = [...range(at, at + k), ...range(0, at), ...range(at + k, r)];
    return b.permute(value, order);
  }

  private leadFromFront(value: Value, k: number, at: number): Value {
    const r = value.shape.length;
    const order = [...range(k, k + at), ...range(0, k), ...range(k + at, r)];
    return b.permute(value, order);
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
