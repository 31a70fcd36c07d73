/** `fim solve`, `fim verify` and `fim compare` by MODEL and DATA, against the dense matrix of the same network. */
import { describe, expect, it } from 'vitest';
import { readArrays } from '../../src/disk/index.js';
import { fim, fimJson, wave, writeNpz } from './fim.js';
import { type Figure, SAID, smallFisher } from './small-fisher.js';

const { path, network, data, estimated } = smallFisher();

describe('MODEL and DATA in place of the file of a Fisher', () => {
  const exact = ['--estimator', 'exact', '--dtype', 'float64'];

  it('solve: by products, what the dense matrix gives; λ is 1e-3 of the mean of the diagonal', async () => {
    const file = await estimated('products-dense', ...exact, '--form', 'dense');
    const rhs = writeNpz(path('products-rhs.npz'), { v: wave(2, 21) });
    const solved = async (name: string, ...words: string[]) => {
      const out = path(`products-${name}.npz`);
      const said = await fimJson<{ form: string; damping: number }>([
        ...['solve', ...words, '--rhs', rhs, '--out', out, '--json'],
      ]);
      return { said, u: readArrays(out).get('v').data as Float64Array };
    };
    const products = [network, data, ...SAID, '--dtype', 'float64'];
    for (const damping of [['--damping', '0.05'], []]) {
      const [dense, alone] = [
        await solved('file', file, ...damping),
        await solved('model', ...products, ...damping),
      ];
      expect(alone.said.form).toBe('implicit');
      expect(alone.said.damping / dense.said.damping).toBeCloseTo(1, 12);
      const off = Math.hypot(...alone.u.map((x, i) => x - dense.u[i])) / Math.hypot(...dense.u);
      expect(off).toBeLessThanOrEqual(damping.length > 0 ? 1e-5 : 1e-3);
    }
    const refused = await fim(['solve', file, data, '--rhs', rhs, '--out', path('none.npz')]);
    expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/stands alone/)]);
  });

  it('verify: products are the Fisher of the network, in leading, random and given directions', async () => {
    const directions = writeNpz(path('products-directions.npz'), { v: wave(1, 21) });
    const { code, out } = await fim([
      ...['verify', network, data, ...SAID, '--directions', directions, '--json'],
    ]);
    expect(code, out).toBe(0);
    const found = JSON.parse(out) as { directions: { kind: string; ratio: number }[] };
    expect(found.directions.map(({ kind }) => kind)).toEqual([
      ...['top', 'top', 'top', 'random', 'random', 'random', 'given'],
    ]);
    for (const { ratio } of found.directions) expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(1e-4);
  });

  it('compare: a dense matrix is that of the products without an error, a form as far from it as from the dense one', async () => {
    const dense = await estimated('products-compared', ...exact, '--form', 'dense');
    const kfac = await estimated('products-kfac', ...exact, '--form', 'kfac');
    type Probed = Record<'cosine' | 'relativeDistance' | 'traceRatio', Figure & { probeError?: number }>;
    const products = (file: string) =>
      fimJson<Probed>(['compare', file, network, data, ...SAID, '--dtype', 'float64', '--json']);
    const same = await products(dense);
    expect(same.cosine.value).toBeCloseTo(1, 10);
    expect(same.relativeDistance.value).toBeLessThanOrEqual(1e-9);
    expect(same.traceRatio.value).toBeCloseTo(1, 10);
    const [known, found] = [await fimJson<Probed>(['compare', kfac, dense, '--json']), await products(kfac)];
    for (const name of ['cosine', 'relativeDistance'] as const) {
      expect(found[name].probeError).toBeGreaterThan(0);
      const off = Math.abs(found[name].plugIn - known[name].plugIn);
      expect(off).toBeLessThanOrEqual(4 * (found[name].probeError as number));
      expect(found[name].standardError).toBeNull();
    }
    const { out } = await fim(['compare', kfac, network, data, ...SAID]);
    expect(out).toMatch(/by the random signs/);
  });
});
