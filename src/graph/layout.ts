/**
 * @module graph/layout
 *
 * Layout of the extra axes of cotangents and tangents. One pass can carry many cotangents (the classes of a Fisher, the columns
 * of a Jacobian): they form leading axes L. Of a value that depends on the examples, [p…, N, q…], the cotangent has shape
 * [p…, N, L…, q…]: L follows the batch axis, so that a contraction over L is a batched matrix product and a product with a
 * weight is one [N·L, ·] GEMM. Of a value that does not, it has shape [L…, shape…], or [N, L…, shape…] where the sum over
 * examples is to be left undone (`perExample`): this is how per-example scores of any parameter come out of the same rules.
 *
 * Rules call `align` for primals, `reduceTo` to undo broadcasting, `place` for tangents, and the mover helpers; none of them
 * counts axes by itself.
 */
import * as b from './build.js';
import type { Builder } from './builder.js';
import { batchAxis, type BatchDim, type Dim, isBatch, N, sameDim, type Shape } from './dims.js';
import { apply } from './registry.js';
import type { RuleContext } from './rule-context.js';
import type { Value } from './value.js';

const BUILDER: Builder = { ...b, apply };

/** Where the extra axes of cotangents and tangents stand, and how they are aligned, summed and moved. */
export class Layout implements RuleContext {
  readonly b = BUILDER;

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

  /**
   * A primal, with 1s inserted so that it broadcasts against cotangents of a value of shape `out`.
   * @throws FimError with `graph/shape`
   */
  align(primal: Value, out: Shape): Value {
    const k = this.leadOf(out).length;
    const at = this.position(out) - (out.length - primal.shape.length);
    if (k === 0 || at <= 0) return primal;
    return b.unsqueeze(primal, range(at, at + k));
  }

  /** Sums a cotangent in the layout of `out` over what was broadcast, giving one in the layout of `shape`. */
  reduceTo(ct: Value, out: Shape, shape: Shape): Value {
    const at = this.position(out);
    const lead = range(at, at + this.leadOf(out).length);
    const crossing = at > 0 && batchAxis(shape) < 0; // from the examples' side to the parameters'
    const keepN = crossing && this.perExample;
    const offset = out.length - shape.length;
    const repeated = (i: number) => i < offset || (shape[i - offset] === 1 && out[i] !== 1);
    const axes = range(0, out.length).filter((i) => !(keepN && isBatch(out[i])));
    const sum = axes.filter(repeated).map((i) => this.axis(out, i));
    const kept = axes.filter((i) => !repeated(i)).map((i) => this.axis(out, i));
    const order = crossing
      ? [...(keepN ? [at - 1] : []), ...lead, ...kept]
      : [...kept, ...lead].sort((p, q) => p - q);
    const value = b.reduceSum(keepN ? sumRows(ct, at - 1) : ct, sum);
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

  /**
   * Repeats what broadcasts against the layout of `like` so that it has exactly that layout.
   * @throws FimError with `graph/shape`
   */
  broadcastTo(value: Value, like: Value): Value {
    const shape = this.shapeOf(like.shape);
    const copies = batchAxis(shape) >= 0 && batchAxis(value.shape) < 0;
    return b.expand(copies ? b.expandLike(value, this.align(like, like.shape)) : value, shape);
  }

  /** Rearranges a cotangent in the layout of `from`, where axis i of `to` is axis `source[i]` of `from`. */
  rearrange(ct: Value, from: Shape, to: Shape, source: readonly number[]): Value {
    const at = this.position(from);
    const order = source.map((axis) => this.axis(from, axis));
    order.splice(this.position(to), 0, ...range(at, at + this.leadOf(from).length));
    return b.permute(ct, order);
  }

  /**
   * A cotangent in the layout of `from`, read as one of a value with the same elements in shape `to`. Where the examples' axis
   * changes its length, m·N to m′·N, L is between what was and what will be rows: [N, m, L, q…] → [N, L, m, q…] = [N, L, m′, q′…]
   * → [N, m′, L, q′…].
   */
  reshape(ct: Value, from: Shape, to: Shape): Value {
    const target = this.shapeOf(to);
    const lead = this.leadOf(from);
    const a = batchAxis(from);
    const c = batchAxis(to);
    if (a < 0 || lead.length === 0 || sameDim(from[a], to[c])) return b.reshape(ct, target);
    const k = lead.length;
    const rows = (shape: Shape, axis: number): number => (shape[axis] as BatchDim).batch;
    const apart = [...from.slice(0, a), N, rows(from, a), ...lead, ...from.slice(a + 1)];
    const behind = moveAxis(b.reshape(ct, apart), a + 1, a + 1 + k);
    const joined = [...to.slice(0, c), N, ...lead, rows(to, c), ...to.slice(c + 1)];
    return b.reshape(moveAxis(b.reshape(behind, joined), c + 1 + k, c + 1), target);
  }

  private leadFromFront(value: Value, k: number, at: number): Value {
    const r = value.shape.length;
    const order = [...range(k, k + at), ...range(0, k), ...range(k + at, r)];
    return b.permute(value, order);
  }
}

/** Sums the rows of each example: an axis m·N becomes N. */
function sumRows(x: Value, axis: number): Value {
  const { batch } = x.shape[axis] as BatchDim;
  if (batch === 1) return x;
  return b.reduceSum(b.reshape(x, [...x.shape.slice(0, axis), N, batch, ...x.shape.slice(axis + 1)]), [
    axis + 1,
  ]);
}

/** The axis at `from` taken out and put back so that it stands at `to`. */
function moveAxis(x: Value, from: number, to: number): Value {
  const order = x.shape.map((_, i) => i);
  order.splice(to, 0, ...order.splice(from, 1));
  return b.permute(x, order);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
