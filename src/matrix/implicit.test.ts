import { describe, expect, it } from 'vitest';
import {
  dampedOuter,
  makeProblem,
  relativeError,
  solveDense,
  timesDense,
  trueScores,
} from '../../test/optim/problem.js';
import { tensor } from '../core/tensor.js';
import type { ExampleSource } from '../fisher/index.js';
import { symmetricEigen } from '../linalg/index.js';
import { normals } from '../linalg/testing.js';
import { isFailure } from './blocks/block.js';
import { ImplicitFisher } from './implicit.js';
import { implicitFigures } from './implicit-figures.js';

const N = 60;
const WIDTH = 3;

/** The Fisher of a small policy by products over batches of 16, and in full. */
async function problemOf() {
  const problem = await makeProblem({ n: N, inputs: WIDTH });
  const { context, batch } = problem;
  const x = batch.inputs.get('x') as Float64Array;
  const source: ExampleSource = function* (size) {
    for (let at = 0; at < N; at += size) {
      const n = Math.min(size, N - at);
      const places = Uint32Array.from({ length: n }, (_, i) => at + i);
      const rows = tensor('float64', [n, WIDTH], x.slice(at * WIDTH, (at + n) * WIDTH));
      yield { n, indices: places, occurrence: new Uint32Array(n), inputs: new Map([['x', rows]]) };
    }
  };
  const fisher = await ImplicitFisher.compile(context.engine, context.network, context.likelihood, source, {
    examples: N,
    batch: 16,
  });
  const rows = dampedOuter(await trueScores(problem), 1, 0);
  return { fisher, dense: rows, P: fisher.size };
}

describe('a Fisher by products alone', () => {
  it('products and quadratic forms are those of the matrix, whatever the batches', async () => {
    const { fisher, dense, P } = await problemOf();
    const v = normals(P, 1, 'v');
    const Fv = timesDense(dense, v);
    expect(relativeError(await fisher.multiply(v), Fv)).toBeLessThanOrEqual(1e-12);
    const form = v.reduce((s, x, i) => s + x * Fv[i], 0);
    expect(Math.abs((await fisher.quadratic(v)) / form - 1)).toBeLessThanOrEqual(1e-12);
    expect(fisher.passes).toBe(2);
  });

  it('solves to the residual asked for, and says where it does not get there', async () => {
    const { fisher, dense, P } = await problemOf();
    const v = normals(P, 1, 'rhs');
    const solved = await fisher.solve(v, 0.05);
    if (isFailure(solved)) throw new Error(solved.failed);
    const damped = dense.map((x, at) => x + (at % (P + 1) === 0 ? 0.05 : 0));
    expect(relativeError(solved.solution, solveDense(damped, v))).toBeLessThanOrEqual(1e-5);
    expect(solved.residual).toBeLessThanOrEqual(1e-6);
  });

  it('top: eigenpairs with ‖Fv − μv‖ ≤ 1e-4 μ', async () => {
    const { fisher, dense, P } = await problemOf();
    const { values } = symmetricEigen(dense, P);
    const found = await fisher.top(4);
    for (let j = 0; j < 4; j++) {
      expect(Math.abs(found.values[j] / values[P - 1 - j] - 1)).toBeLessThanOrEqual(1e-6);
      const Fv = timesDense(dense, found.vectors[j]);
      const off = Math.hypot(...Fv.map((x, i) => x - found.values[j] * found.vectors[j][i]));
      expect(off).toBeLessThanOrEqual(1.1e-4 * found.values[j]);
    }
  });

  it('the groups’ matrices in the whole Krylov space have the groups’ eigenvalues, and add up to the whole', async () => {
    const { fisher, P } = await problemOf();
    const start = fisher.probe(1, 0);
    const { projected, whole } = await fisher.krylov({ steps: P, groups: 10, keep: 2 ** 24, start });
    const all = Array.from({ length: 10 }, (_, g) => g);
    const { values } = projected?.quadratureOf(all) as { values: Float64Array };
    const ritz = whole.values;
    const top = ritz[ritz.length - 1];
    // Tangents are kept in float32.
    values.forEach((v, j) => expect(Math.abs(v - ritz[j])).toBeLessThanOrEqual(1e-6 * top));
    const few = await fisher.krylov({ steps: 5, groups: 10, keep: 10, start });
    expect(few.projected).toBeNull();
  });

  it('figures: within 4.5 probe errors of those of the matrix, eigenvalues exactly, all with errors', async () => {
    const { fisher, dense, P } = await problemOf();
    const { values } = symmetricEigen(dense, P);
    const sum = (f: (x: number) => number): number => values.reduce((s, x) => s + f(Math.max(0, x)), 0);
    const damping = 0.05;
    const found = await implicitFigures(fisher, {
      damping,
      top: 3,
      level: 0.95,
      left: 1,
      probes: 30,
      steps: P,
    });
    const exact = {
      trace: sum((x) => x),
      frobenius: Math.sqrt(sum((x) => x * x)),
      logdet: sum((x) => Math.log(x + damping)),
      effectiveDimension: sum((x) => x / (x + damping)),
    };
    for (const name of ['trace', 'frobenius', 'logdet', 'effectiveDimension'] as const) {
      const { plugIn, probeError = 0 } = found[name];
      expect(probeError).toBeGreaterThan(0);
      expect(Math.abs(plugIn - exact[name]), name).toBeLessThanOrEqual(4.5 * probeError);
    }
    found.top.forEach(({ plugIn, standardError }, j) => {
      expect(Math.abs(plugIn / values[P - 1 - j] - 1)).toBeLessThanOrEqual(1e-6);
      expect(standardError as number).toBeGreaterThan(0);
    });
  });
});
