/**
 * @module linalg/panel
 *
 * The one product that a blocked factorisation is made of, C ← C − X Wᵀ with W the first rows of X, on the small engine's float64
 * kernels: compiled once for any number of rows.
 */
import { createSmallEngine } from '../engine/small/index.js';
import { graph, input, N, ops as b } from '../graph/index.js';

/** Width of a block column. */
export const BLOCK = 64;

export interface PanelProduct {
  /** C [rows, BLOCK] −= X [rows, BLOCK] Wᵀ, W the first BLOCK rows of X (zeros where it has fewer). */
  subtract(C: Float64Array, X: Float64Array, rows: number): void;
  dispose(): void;
}

/** For panels of at most `maxRows` rows. */
export function panelProduct(maxRows: number): PanelProduct {
  const engine = createSmallEngine();
  const c = input('c', 'float64', [N, BLOCK]);
  const x = input('x', 'float64', [N, BLOCK]);
  const w = input('w', 'float64', [BLOCK, BLOCK]);
  const out = b.sub(c, b.matmul(x, b.transpose(w, [1, 0])));
  const program = engine.compileSync(graph({ c, x, w }, { out }), { maxBatch: maxRows });
  const head = new Float64Array(BLOCK * BLOCK);
  return {
    subtract(C, X, rows) {
      head.fill(0);
      head.set(X.subarray(0, Math.min(rows, BLOCK) * BLOCK));
      program.setInput('c', C);
      program.setInput('x', X);
      program.setInput('w', head);
      program.run(rows);
      C.set(program.output('out') as Float64Array);
    },
    dispose: () => program.dispose(),
  };
}
