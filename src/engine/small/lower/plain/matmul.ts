/**
 * @module engine/small/lower/plain/matmul
 *
 * Matrix products by plain loops. A third operand, where there is one, is a bias added to every row.
 */
import { at, Odometer } from '../../axes.js';
import { matmul as loop } from '../../loops/matmul.js';
import { productOf } from '../product.js';
import { type Lowering, reader, start } from '../types.js';

export const matmul: Lowering = (site) => {
  const { heap, y, xs } = site;
  const p = productOf(site);
  const bias = xs.length > 2 ? xs[2] : null;
  const data = reader(heap, y.dtype);
  const [co, ao, bo, so] = [start(y), start(xs[0]), start(xs[1]), bias ? start(bias) : 0];
  const walk = new Odometer(p.stack);
  return (n) => {
    walk.reset(n);
    const d = data();
    const { offset } = walk;
    for (let t = walk.total; t > 0; t--, walk.next()) {
      loop(
        at(p.m, n),
        at(p.n, n),
        at(p.k, n),
        d,
        co + offset[0],
        d,
        ao + offset[1],
        at(p.a[0], n),
        at(p.a[1], n),
        d,
        bo + offset[2],
        at(p.b[0], n),
        at(p.b[1], n),
        bias ? d : null,
        so,
      );
    }
  };
};
