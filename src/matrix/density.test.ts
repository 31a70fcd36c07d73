import { describe, expect, it } from 'vitest';
import { symmetricEigenvalues } from '../linalg/index.js';
import { normals, positive } from '../linalg/testing.js';
import { tensor } from '../core/tensor.js';
import { DenseBlock } from './blocks/dense.js';
import { addSmoothed, densityGrid, gridOf, sharesOf } from './density.js';
import { figuresOf } from './figures.js';
import { GroupedFisher } from './grouped.js';

/** B group sums of one dense matrix over w [3, 2], b [2] and v [4]: P = 12, in two layers. */
function grouped(B = 10): GroupedFisher {
  const P = 12;
  const parts = Array.from({ length: B }, (_, g) =>
    positive(P, 0.02, `part ${g}`).map((v) => v * (4 + (g % 3))),
  );
  const n = parts.reduce((s, _, g) => s + 4 + (g % 3), 0);
  const mean = parts[0].map((_, i) => parts.reduce((s, p) => s + p[i], 0) / n);
  return new GroupedFisher(
    new Map([
      ['fisher_dense', tensor('float64', [P, P], mean)],
      ['groups/fisher_dense', tensor('float64', [B, P, P], Float64Array.from(parts.flatMap((p) => [...p])))],
      [
        'groups/examples',
        tensor(
          'float64',
          [B],
          Float64Array.from({ length: B }, (_, g) => 4 + (g % 3)),
        ),
      ],
    ]),
    {
      form: 'dense',
      parameters: [
        { name: 'w', shape: [3, 2] },
        { name: 'b', shape: [2] },
        { name: 'v', shape: [4] },
      ],
      layers: null,
    },
  );
}
const LAYERS = [
  { name: 'one', parameters: ['w', 'b'] },
  { name: 'two', parameters: ['v'] },
];
const REQUEST = { damping: 0.1, top: 2, level: 0.95, left: 1 };

describe('density of eigenvalues', () => {
  it('is a sum of normals at log₁₀(μ + λ), whose integral is 1 and whose mean is the log-determinant', async () => {
    const fisher = grouped();
    const { density, logdet } = await figuresOf(fisher, { ...REQUEST, density: true });
    const { at, width, shift, figures } = density!;
    expect(shift).toBe(0.1);
    const values = symmetricEigenvalues((await fisher.whole.toDense()) as Float64Array, 12);
    const normal = (x: number): number =>
      Math.exp(-0.5 * (x / width) ** 2) / (width * Math.sqrt(2 * Math.PI));
    at.forEach((t, i) => {
      const direct = values.reduce((s, mu) => s + normal(t - Math.log10(mu + shift)) / 12, 0);
      expect(Math.abs(figures[i].plugIn - direct)).toBeLessThanOrEqual(1e-8);
      expect(figures[i].standardError).not.toBeNull();
    });
    const step = at[1] - at[0];
    const integral = (f: (t: number) => number): number =>
      figures.reduce((s, { plugIn }, i) => s + step * plugIn * f(at[i]), 0);
    // The grid ends three widths from the ends.
    expect(integral(() => 1)).toBeCloseTo(1, 2);
    expect(Math.abs(12 * Math.LN10 * integral((t) => t) - logdet.plugIn)).toBeLessThan(0.3);
  });

  it('by quadrature: within five errors of the probes and .1 of that by eigenvalues', () => {
    const n = 520;
    // Eigenvalues over three decades, by a diagonal that is mixed by one reflection.
    const u = normals(n, 1, 'u');
    const norm = Math.sqrt(u.reduce((s, v) => s + v * v, 0));
    const d = Float64Array.from({ length: n }, (_, i) => 10 ** ((-3 * i) / n));
    const A = new Float64Array(n * n);
    const w = u.map((v) => v / norm);
    const Dw = w.map((v, i) => v * d[i]);
    const s = w.reduce((sum, v, i) => sum + v * Dw[i], 0);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        A[i * n + j] = (i === j ? d[i] : 0) - 2 * w[i] * Dw[j] - 2 * Dw[i] * w[j] + 4 * s * w[i] * w[j];
    const grid = gridOf([new DenseBlock(A, n)], 0.02);
    const { values, probeVariance } = sharesOf([new DenseBlock(A, n)], grid);
    const direct = new Float64Array(grid.at.length);
    addSmoothed(direct, grid, d, 1 / n);
    direct.forEach((x, i) =>
      expect(Math.abs(values[i] - x)).toBeLessThanOrEqual(5 * Math.sqrt(probeVariance![i]) + 0.1),
    );
    expect(sharesOf([new DenseBlock(Float64Array.of(1), 1)], grid).probeVariance).toBeNull();
  });

  it('has a place for zeros where nothing is added', () => {
    const { shift, at } = densityGrid(2, 0);
    expect(shift).toBeCloseTo(2e-12, 20);
    expect(at[at.length - 1]).toBeGreaterThan(Math.log10(2));
    expect(densityGrid(2, 1e-5, 1e-3).shift).toBe(1e-3);
  });
});

describe('figures by layer', () => {
  it('of a dense matrix are those of its squares on the diagonal', async () => {
    const fisher = grouped();
    const { layers, trace, top } = await figuresOf(fisher, { ...REQUEST, layers: LAYERS });
    const F = (await fisher.whole.toDense()) as Float64Array;
    const square = (from: number, n: number): Float64Array =>
      Float64Array.from({ length: n * n }, (_, i) => F[(from + Math.floor(i / n)) * 12 + from + (i % n)]);
    expect(layers.map((l) => l.name)).toEqual(['one', 'two']);
    const sizes = [[0, 8] as const, [8, 4] as const];
    sizes.forEach(([from, n], k) => {
      const values = symmetricEigenvalues(square(from, n), n);
      const sum = (f: (x: number) => number): number => values.reduce((s, v) => s + f(v), 0);
      const { logdet, effectiveDimension, frobenius } = layers[k];
      expect(logdet.plugIn).toBeCloseTo(
        sum((v) => Math.log(v + 0.1)),
        9,
      );
      expect(effectiveDimension.plugIn).toBeCloseTo(
        sum((v) => v / (v + 0.1)),
        9,
      );
      expect(frobenius.plugIn).toBeCloseTo(Math.sqrt(sum((v) => v * v)), 9);
      expect(layers[k].top[0].plugIn).toBeCloseTo(values[n - 1], 9);
      expect(layers[k].trace.standardError as number).toBeGreaterThan(0);
    });
    expect(layers[0].trace.plugIn + layers[1].trace.plugIn).toBeCloseTo(trace.plugIn, 10);
    expect(top[0].plugIn).toBeCloseTo(symmetricEigenvalues(F, 12)[11], 9);
  });

  it('of a matrix of blocks add up to the whole, which is as without them', async () => {
    const B = 10;
    const sums = (d: number, name: string): Float64Array =>
      Float64Array.from(Array.from({ length: B }, (_, g) => [...positive(d, 0.05, `${name}${g}`)]).flat());
    const mean = (all: Float64Array, d: number): Float64Array =>
      Float64Array.from({ length: d * d }, (_, i) => {
        let s = 0;
        for (let g = 0; g < B; g++) s += all[g * d * d + i] / (5 * B);
        return s;
      });
    const [v, w] = [sums(4, 'v'), sums(3, 'w')];
    const fisher = new GroupedFisher(
      new Map([
        ['block/v', tensor('float64', [4, 4], mean(v, 4))],
        ['groups/block/v', tensor('float64', [B, 4, 4], v)],
        ['block/w', tensor('float64', [3, 3], mean(w, 3))],
        ['groups/block/w', tensor('float64', [B, 3, 3], w)],
        ['groups/examples', tensor('float64', [B], new Float64Array(B).fill(5))],
      ]),
      {
        form: 'block',
        parameters: [
          { name: 'v', shape: [4] },
          { name: 'w', shape: [3] },
        ],
        layers: [],
      },
    );
    const plain = await figuresOf(fisher, REQUEST);
    const { layers, ...whole } = await figuresOf(fisher, { ...REQUEST, layers: 'regions' });
    expect(layers.map((l) => l.name)).toEqual(['v', 'w']);
    expect(plain.layers).toEqual([]);
    for (const name of ['trace', 'frobenius', 'logdet', 'effectiveDimension'] as const) {
      expect(whole[name].value).toBeCloseTo(plain[name].value, 10);
      expect(whole[name].standardError as number).toBeCloseTo(plain[name].standardError as number, 10);
    }
    expect(whole.top).toEqual(plain.top);
  });
});
