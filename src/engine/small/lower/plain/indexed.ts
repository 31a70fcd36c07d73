/**
 * @module engine/small/lower/plain/indexed
 *
 * Gather and ScatterAdd by plain loops over rows: a row of the table is copied, or added, at a time. A scatter goes through its rows in
 * their order, so that the sum into a row of the table has the same bits in any batch.
 */
import { bytesOf } from '../../../../core/tensor.js';
import { concrete } from '../../../../graph/dims.js';
import { eachRow, extentsOf, type IndexForm } from '../../../../graph/ops/indexed.js';
import { type Lowering, reader, type Site, start } from '../types.js';
import { clearing } from './move.js';

/** Reads the indices of a site. */
function indicesOf({ heap, xs: [, i] }: Site): () => (flat: number) => number {
  const data = reader(heap, i.dtype);
  const from = start(i);
  return () => {
    const d = data();
    return (flat) => Number(d[from + flat]);
  };
}

export const gather: Lowering = (site) => {
  const { heap, y, xs, attrs } = site;
  const [x, i] = xs;
  const form = attrs.form as IndexForm;
  const axis = attrs.axis as number;
  const indices = indicesOf(site);
  const width = bytesOf(y.dtype);
  return (n) => {
    const extents = extentsOf(form, concrete(x.shape, n), concrete(i.shape, n), axis);
    const bytes = heap.views.uint8;
    const size = extents.behind * width;
    eachRow(form, extents, indices(), (from, to) => {
      const at = x.ptr + from * width;
      bytes.copyWithin(y.ptr + to * width, at, at + size);
    });
  };
};

export const scatterAdd: Lowering = (site) => {
  const { heap, y, xs, attrs } = site;
  const [u, i] = xs;
  const form = attrs.form as IndexForm;
  const axis = attrs.axis as number;
  const indices = indicesOf(site);
  const clear = clearing(site);
  const data = reader(heap, y.dtype);
  const [yo, uo] = [start(y), start(u)];
  return (n) => {
    clear(n);
    const extents = extentsOf(form, concrete(y.shape, n), concrete(i.shape, n), axis);
    const d = data();
    eachRow(form, extents, indices(), (to, from) => {
      for (let j = 0, p = yo + to, q = uo + from; j < extents.behind; j++, p++, q++) d[p] += d[q];
    });
  };
};
