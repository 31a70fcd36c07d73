import { describe, expect, it } from 'vitest';
import { tensor, type Tensor } from '../core/tensor.js';
import { symmetricEigen } from '../linalg/index.js';
import { frobenius, normals, positive } from '../linalg/testing.js';
import { figuresOf } from './figures.js';
import { matrixOf } from './from-arrays.js';
import { GroupedFisher } from './grouped.js';
import { type FisherRecord, recordOf } from './record.js';

const f64 = (shape: number[], data: Float64Array): Tensor => tensor('float64', shape, data);
const B = 10;
const COUNTS = Float64Array.from({ length: B }, (_, g) => 4 + (g % 3));
const N = COUNTS.reduce((s, v) => s + v, 0);

/** Group sums of positive definite matrices [B, d, d] and their mean [d, d]. */
function grouped(d: number, stream: string): [mean: Float64Array, sums: Float64Array] {
  const parts = Array.from({ length: B }, (_, g) =>
    positive(d, 0.05, `${stream} ${g}`).map((v) => v * COUNTS[g]),
  );
  const mean = parts[0].map((_, i) => parts.reduce((s, p) => s + p[i], 0) / N);
  return [mean, Float64Array.from(parts.flatMap((p) => [...p]))];
}

/** A network of one dense layer [in 3, out 2] with a bias, a grouped weight [2 · 2, 3], a scale [4] and a lone bias [2]. */
const record: FisherRecord = {
  form: 'kfac',
  parameters: [
    { name: 'w', shape: [3, 2] },
    { name: 'b', shape: [2] },
    { name: 'conv', shape: [4, 3] },
    { name: 'norm', shape: [2, 2] },
    { name: 'lone', shape: [2] },
  ],
  layers: [
    { name: 'w', form: 'kfac', weight: 'w', bias: 'b', transposed: false, out: 2, in: 3, groups: 1 },
    { name: 'conv', form: 'kfac', weight: 'conv', bias: null, transposed: true, out: 2, in: 3, groups: 2 },
    { name: 'norm', form: 'diagonal', weight: 'norm', bias: null },
    { name: 'lone', form: 'block', weight: 'lone', bias: null },
  ],
};

function kfacArrays(): Map<string, Tensor> {
  const arrays = new Map<string, Tensor>([['groups/examples', f64([B], COUNTS)]]);
  const add = (name: string, shape: number[], [mean, sums]: [Float64Array, Float64Array]): void => {
    arrays.set(name, f64(shape, mean));
    arrays.set(`groups/${name}`, f64([B, ...shape], sums));
  };
  add('kfac/w/A', [4, 4], grouped(4, 'A'));
  add('kfac/w/G', [2, 2], grouped(2, 'G'));
  const twice = (d: number, stream: string): [Float64Array, Float64Array] => {
    const [one, other] = [grouped(d, `${stream}0`), grouped(d, `${stream}1`)];
    const size = d * d;
    const sums = new Float64Array(2 * B * size);
    for (let g = 0; g < B; g++) {
      sums.set(one[1].subarray(g * size, (g + 1) * size), 2 * g * size);
      sums.set(other[1].subarray(g * size, (g + 1) * size), (2 * g + 1) * size);
    }
    return [Float64Array.of(...one[0], ...other[0]), sums];
  };
  add('kfac/conv/A', [2, 3, 3], twice(3, 'cA'));
  add('kfac/conv/G', [2, 2, 2], twice(2, 'cG'));
  const sums = grouped(2, 'norm')[1].map(Math.abs);
  const mean = Float64Array.from({ length: 4 }, (_, i) => {
    let all = 0;
    for (let g = 0; g < B; g++) all += sums[4 * g + i] / N;
    return all;
  });
  add('diagonal/norm', [2, 2], [mean, sums]);
  add('block/lone', [2, 2], grouped(2, 'lone'));
  arrays.set('theta/w', f64([3, 2], new Float64Array(6)));
  return arrays;
}

describe('a Fisher of named arrays', () => {
  it('kfac: places of a grouped weight, a block and a diagonal', async () => {
    const arrays = kfacArrays();
    const F = (await matrixOf(arrays, record).toDense()) as Float64Array;
    const P = 26;
    const at = (name: string, i: number): number => (arrays.get(name) as Tensor).data[i] as number;
    // conv begins at 8: row 2 (of the second group, output 0), inputs 1 and 2.
    expect(F[(8 + 6 + 1) * P + 8 + 9 + 2]).toBeCloseTo(
      at('kfac/conv/G', 4 + 1) * at('kfac/conv/A', 9 + 5),
      14,
    );
    expect(F[8 * P + 8 + 6]).toBe(0);
    expect(F[21 * P + 21]).toBe(at('diagonal/norm', 1));
    expect(F[24 * P + 25]).toBe(at('block/lone', 1));
    // w [in, out]: entry (i, o) at 2i + o, bias at 6 + o; the bias is the last column of A.
    expect(F[(2 * 1 + 0) * P + 6 + 1]).toBeCloseTo(at('kfac/w/G', 1) * at('kfac/w/A', 7), 14);
  });

  it('ekfac and unit', async () => {
    const shapes = [
      { name: 'w', shape: [2, 3] },
      { name: 'b', shape: [2] },
    ];
    const layer = { name: 'w', weight: 'w', bias: 'b', transposed: true, out: 2, in: 3, groups: 1 };
    const [a, g] = [symmetricEigen(positive(4, 0.1, 'A'), 4), symmetricEigen(positive(2, 0.1, 'G'), 2)];
    const scale = Float64Array.from({ length: 8 }, (_, i) => g.values[i >> 2] * a.values[i % 4]);
    const ekfac = matrixOf(
      new Map([
        ['ekfac/w/basis_A', f64([4, 4], a.vectors)],
        ['ekfac/w/basis_G', f64([2, 2], g.vectors)],
        ['ekfac/w/scale', f64([2, 4], scale)],
      ]),
      { form: 'ekfac', parameters: shapes, layers: [{ ...layer, form: 'ekfac' }] },
    );
    const kfac = matrixOf(
      new Map([
        ['kfac/w/A', f64([4, 4], positive(4, 0.1, 'A'))],
        ['kfac/w/G', f64([2, 2], positive(2, 0.1, 'G'))],
      ]),
      { form: 'kfac', parameters: shapes, layers: [{ ...layer, form: 'kfac' }] },
    );
    const [x, y] = [(await ekfac.toDense()) as Float64Array, (await kfac.toDense()) as Float64Array];
    expect(frobenius(x.map((v, i) => v - y[i]))).toBeLessThanOrEqual(1e-13 * frobenius(y));
    const rows = Float64Array.of(...positive(4, 0.1, 'one'), ...positive(4, 0.1, 'two'));
    const unit = matrixOf(new Map([['unit/w', f64([2, 4, 4], rows)]]), {
      form: 'unit',
      parameters: shapes,
      layers: [{ ...layer, form: 'unit' }],
    });
    const U = (await unit.toDense()) as Float64Array;
    expect(U[1 * 8 + 6]).toBe(rows[1 * 4 + 3]);
    expect(U[4 * 8 + 7]).toBe(rows[16 + 1 * 4 + 3]);
    expect(U[0 * 8 + 7]).toBe(0);
  });

  it('of groups is the mean over their examples', () => {
    const fisher = new GroupedFisher(kfacArrays(), record);
    expect([...fisher.counts]).toEqual([...COUNTS]);
    const all = fisher.of(Array.from({ length: B }, (_, g) => g));
    const v = normals(26, 1, 'v');
    return Promise.all([fisher.whole.multiply(v), all.multiply(v)]).then(([a, b]) =>
      expect(frobenius(a.map((x, i) => x - b[i]))).toBeLessThanOrEqual(1e-12 * frobenius(a)),
    );
  });

  it('has no groups where an array of it has none', () => {
    const arrays = kfacArrays();
    arrays.delete('groups/block/lone');
    expect(new GroupedFisher(arrays, record).counts).toHaveLength(0);
    arrays.set('groups/block/lone', f64([2], new Float64Array(2)));
    expect(() => new GroupedFisher(arrays, record)).toThrow(/10 × 4 numbers/);
  });

  it('figures: the plug-in values are those of the whole, with errors', async () => {
    const fisher = new GroupedFisher(kfacArrays(), record);
    const found = await figuresOf(fisher, { damping: 0.1, top: 3, level: 0.95, left: 1 });
    const F = (await fisher.whole.toDense()) as Float64Array;
    const { values } = symmetricEigen(F, 26);
    const sum = (f: (x: number) => number): number => values.reduce((s, x) => s + f(x), 0);
    expect(found.trace.plugIn).toBeCloseTo(
      sum((x) => x),
      10,
    );
    expect(found.frobenius.plugIn).toBeCloseTo(frobenius(F), 10);
    expect(found.logdet.plugIn).toBeCloseTo(
      sum((x) => Math.log(x + 0.1)),
      9,
    );
    expect(found.effectiveDimension.plugIn).toBeCloseTo(
      sum((x) => x / (x + 0.1)),
      9,
    );
    expect(found.top.map((t) => t.plugIn)).toEqual(
      [25, 24, 23].map((j) => expect.closeTo(values[j], 10) as number),
    );
    for (const figure of [found.trace, found.frobenius, ...found.top]) {
      expect(figure.standardError as number).toBeGreaterThan(0);
      expect(figure.interval).not.toBeNull();
    }
  });

  it('figures, ended by a signal: what was computed is the same, the rest says why it is not there', async () => {
    const fisher = new GroupedFisher(kfacArrays(), record);
    const request = { damping: 0.1, top: 2, level: 0.95, left: 1 };
    const endedAfter = async (pauses: number): ReturnType<typeof figuresOf> => {
      const abort = new AbortController();
      let left = pauses;
      const pause = (): Promise<void> => Promise.resolve(left-- > 0 ? undefined : abort.abort());
      return figuresOf(fisher, { ...request, signal: abort.signal, pause });
    };
    const full = await figuresOf(fisher, request);
    expect(full.interrupted).toBe(false);
    const late = await endedAfter(40);
    expect(late.interrupted).toBe(true);
    for (const name of ['trace', 'frobenius', 'logdet', 'effectiveDimension'] as const) {
      const { plugIn } = full[name];
      const unresolved = 'interrupted before its error was known';
      expect(late[name]).toEqual({ plugIn, value: plugIn, standardError: null, interval: null, unresolved });
    }
    const early = await endedAfter(0);
    expect(early.trace.plugIn).toBe(full.trace.plugIn);
    expect(early.top.map((t) => t.plugIn)).toEqual(full.top.map((t) => t.plugIn));
    expect(early.logdet).toMatchObject({ value: NaN, unresolved: 'interrupted before it was computed' });
    expect(await endedAfter(1e6)).toEqual(full);
  });

  it('records: of a diagonal, of a matrix, of neither', () => {
    const shapeOf = (): number[] => [2, 3];
    expect(recordOf(['fisher/w', 'label_se/w'], shapeOf, null, 'a.npz')).toEqual({
      form: 'diagonal',
      parameters: [{ name: 'w', shape: [2, 3] }],
      layers: null,
    });
    const dense = recordOf(
      ['fisher/b', 'fisher/w', 'fisher_dense'],
      shapeOf,
      { denseOrder: ['w', 'b'] },
      'a',
    );
    expect(dense.form).toBe('dense');
    expect(dense.parameters.map((p) => p.name)).toEqual(['w', 'b']);
    expect(recordOf([], shapeOf, { ...record }, 'a')).toEqual(record);
    const layers = [{ name: 'w', form: 'block', weight: 'w', bias: null }];
    expect(recordOf(['fisher/w'], shapeOf, { parameters: 6, layers }, 'a')).toEqual({
      form: 'block',
      parameters: [{ name: 'w', shape: [2, 3] }],
      layers,
    });
    expect(() => recordOf(['x', 'y'], shapeOf, null, 'data.npz')).toThrow(/x, y/);
    expect(() => recordOf(['fisher_dense'], shapeOf, {}, 'a')).toThrow(/denseOrder/);
  });

  it('refuses arrays that are missing or of another size, by name', () => {
    const arrays = kfacArrays();
    arrays.set('kfac/w/A', f64([3, 3], new Float64Array(9)));
    expect(() => matrixOf(arrays, record)).toThrow(/kfac\/w\/A: has 16 numbers/);
    arrays.delete('kfac/w/A');
    expect(() => matrixOf(arrays, record)).toThrow(/kfac\/w\/A: is an array/);
  });
});
