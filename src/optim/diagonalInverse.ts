/**
 * @module optim/diagonalInverse
 *
 * d = g/(diag 𝓘̂ + λ), the diagonal of the batch's Fisher by the measuring half's own statistics: exact over the actions, or from one
 * sampled action an example. O(P) beside one backward pass of T columns.
 *
 * Where the diagonal is tiny the step is g/λ: a KL-sized step then leaves the region in which the quadratic holds unless λ is at least
 * about 1e-2 of the diagonal's scale.
 */
import { statisticsGraph } from '../fisher/statistics.js';
import { type ColumnKind, ColumnPass } from './columnPass.js';
import { requireDamping } from './damping.js';
import type { PreconditionerFactory } from './preconditioner.js';

export interface DiagonalInverseOptions {
  /** Default `exact`. */
  readonly columns?: ColumnKind;
  /** λ. Default 0.01. */
  readonly damping?: number;
}

/** Report: `damping`, `trF` the diagonal's sum. Throws `optim/damping`. */
export function diagonalInverse(options: DiagonalInverseOptions = {}): PreconditionerFactory {
  const { columns: kind = 'exact', damping = 0.01 } = options;
  requireDamping(damping);
  return async (context) => {
    const { network, linear } = context;
    const pass = await ColumnPass.compile(context, kind, 'optim/diagonal/action', (columns) =>
      statisticsGraph(network.h, network.parameters, { columns, squares: false, label: null, totals: null }),
    );
    return {
      name: 'diagonal',
      async direction(batch, g) {
        const sums = await pass.run(batch);
        const direction = new Float64Array(linear.P);
        let trF = 0;
        for (const { name, offset, size } of linear.blocks) {
          const f = sums(`f/${name}`);
          for (let i = 0; i < size; i++) {
            const diagonal = f === null ? 0 : f[i] / batch.n;
            trF += diagonal;
            direction[offset + i] = g[offset + i] / (diagonal + damping);
          }
        }
        return { direction, report: { damping, trF } };
      },
      save: () => ({}),
      load: () => {},
      dispose: () => pass.dispose(),
    };
  };
}
