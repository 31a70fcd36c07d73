/**
 * @module fisher/forms/layers/packing
 *
 * Packing of symmetric matrices [d, d] in panels of columns, each from its first row on the diagonal down: half the products and half the sums
 * of a whole matrix. A panel of columns a to b is [d − a, b − a], row by row; panels stand one after the other. Stacks of matrices are
 * not packed.
 */
import { type Dim, ops as b, type Value } from '../../../graph/index.js';
import { stacked, summedProducts } from '../../../scores/matrix-statistics.js';
import type { LayerItem } from './items.js';
import { sizeOf } from '../../../core/tensor.js';

/** Columns of a panel, about. */
const WIDTH = 112;
/** Matrices up to this are as fast whole. */
const SMALL = 192;

/** Columns from…to of each panel; null: the item is kept whole. */
export function panelsOf({ kind, groups, width }: LayerItem): readonly (readonly [number, number])[] | null {
  if (kind === 'scale' || kind === 'frequencies' || groups > 1 || width <= SMALL) return null;
  const count = Math.ceil(width / WIDTH);
  const edge = (i: number) => Math.round((i * width) / count);
  return Array.from({ length: count }, (_, i) => [edge(i), edge(i + 1)] as const);
}

/** Numbers of an item as it is summed. */
export function packedSize(item: LayerItem): number {
  const panels = panelsOf(item);
  return panels
    ? panels.reduce((sum, [from, to]) => sum + (item.width - from) * (to - from), 0)
    : sizeOf(item.shape);
}

const flat = (v: Value): Value => b.reshape(v, [sizeOf(v.shape as number[])]);

/** Σ_n of lᵀr of rows [N, G, R, d], which is symmetric, as the item is packed. */
export function packedProducts(l: Value, r: Value, item: LayerItem): Value {
  const panels = panelsOf(item);
  if (!panels) return summedProducts(l, r);
  const [left, right] = [stacked(l), stacked(r)];
  const d = item.width;
  const rows = (v: Value, from: number, to: number): Value =>
    from === 0 && to === d ? v : b.slice(v, 1, from, to);
  return b.concat(
    panels.map(([from, to]) => flat(b.matmul(b.swapLast(rows(left, from, d)), rows(right, from, to)))),
    0,
  );
}

/** A symmetric matrix of many numbers as the item is packed. */
export function packedMatrix(full: Value, item: LayerItem): Value {
  const panels = panelsOf(item);
  if (!panels) return full;
  const d = item.width as Dim;
  const matrix = b.reshape(full, [d, d]);
  return b.concat(
    panels.map(([from, to]) => flat(b.slice(b.slice(matrix, 0, from, item.width), 1, from, to))),
    0,
  );
}

/** The matrices of an item from how they are packed, one or several one after the other. */
export function unpacked(item: LayerItem, packed: Float64Array): Float64Array {
  const panels = panelsOf(item);
  if (!panels) return packed;
  const d = item.width;
  const size = packedSize(item);
  const count = packed.length / size;
  const out = new Float64Array(count * d * d);
  for (let k = 0; k < count; k++) {
    let at = k * size;
    const to = k * d * d;
    for (const [from, until] of panels)
      for (let i = from; i < d; i++)
        for (let j = from; j < until; j++) {
          const v = packed[at++];
          out[to + i * d + j] = v;
          out[to + j * d + i] = v;
        }
  }
  return out;
}
