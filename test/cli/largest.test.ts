/** `--largest`: the largest entries, and sums along rows and columns with errors of the sums. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openNpz } from '../../src/data/npz.js';
import { estimateOf, expectComplaint, fim, scratch } from './fim.js';

const { path } = scratch();
const words = (...flags: string[]) =>
  estimateOf('digits-mlp-sigmoid-small', '--likelihood', 'categorical', '--dtype', 'float64', ...flags);

type Sum = { readonly [K in 'value' | 'standardError' | 'labelError' | 'dataError']: number } & {
  readonly interval: readonly [number, number];
};
interface Json {
  readonly largest: readonly {
    readonly name: string;
    readonly index: readonly number[];
    readonly value: number;
    readonly standardError: number;
    readonly interval: readonly [number, number];
  }[];
  readonly sums: Readonly<
    Record<string, { readonly outputs: readonly Sum[]; readonly inputs: readonly Sum[] }>
  >;
  readonly tensors: readonly { readonly name: string; readonly shape: number[]; readonly trace: Sum }[];
}

describe('--largest', () => {
  it.each(['uniform', 'weighted'])(
    '%s visits: entries as the file has them, sums with their errors',
    async (visits) => {
      const out = path(`${visits}.npz`);
      const flags = [
        '--estimator',
        'type1',
        '--examples',
        '60',
        '--visits',
        visits,
        '--error',
        'closed-form',
      ];
      const ran = await fim(words(...flags, '--largest', '4', '--out', out, '--json'));
      expect(ran.code, ran.err).toBe(0);
      const { largest, sums, tensors } = JSON.parse(ran.out) as Json;
      const file = openNpz(new Uint8Array(readFileSync(out)), out);
      const all = file.names
        .filter((n) => n.startsWith('fisher/'))
        .flatMap((n) => [...(file.get(n).data as Float64Array)])
        .sort((a, b) => b - a);
      expect(largest.map((e) => e.value)).toEqual(all.slice(0, 4));
      for (const { name, index, standardError, interval, value } of largest) {
        const { shape, data } = file.get(`standard_error/${name}`);
        expect(standardError).toBe(data[index.reduce((at, i, axis) => at * shape[axis] + i, 0)]);
        expect(interval[0]).toBeGreaterThanOrEqual(0);
        expect(interval[1]).toBeGreaterThan(value);
      }
      expect(Object.keys(sums)).toEqual(tensors.map((t) => t.name).filter((n) => n.endsWith('weight')));
      for (const { name, shape, trace } of tensors.filter((t) => sums[t.name])) {
        const { outputs, inputs } = sums[name];
        expect([outputs.length, inputs.length]).toEqual(shape);
        for (const side of [outputs, inputs]) {
          expect(side.reduce((s, f) => s + f.value, 0)).toBeCloseTo(trace.value, 9);
          // Errors of correlated parts: between those of independent and of equal ones.
          const [one, two] = [1, 2].map((k) => side.reduce((s, f) => s + f.standardError ** k, 0));
          expect(trace.standardError).toBeLessThan(one * (1 + 1e-9));
          expect(two).toBeGreaterThan(0);
          for (const f of side) {
            expect(f.interval[0]).toBeGreaterThanOrEqual(0);
            expect(f.standardError).toBeCloseTo(Math.hypot(f.labelError, f.dataError), 9);
          }
        }
      }
      // The errors of entries would give the sum another one.
      const [first] = Object.keys(sums);
      const { shape, data } = file.get(`data_se/${first}`);
      const added = Math.hypot(...Array.from({ length: shape[1] }, (_, i) => Number(data[i])));
      expect(sums[first].outputs[0].dataError / added).toBeGreaterThan(1.1);
    },
  );

  it('in text, in 80 columns; not without the flag', async () => {
    const ran = await fim(words('--estimator', 'exact', '--largest', '2'));
    expect(ran.code, ran.err).toBe(0);
    expect(ran.out).toMatch(/largest entries +value ± standard error/);
    for (const line of ran.out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    const plain = await fim(words('--estimator', 'exact', '--json'));
    expect(JSON.parse(plain.out)).not.toHaveProperty('largest');
    expect(JSON.parse(plain.out)).not.toHaveProperty('sums');
    expectComplaint(await fim(words('--largest', '0')), { code: 2, says: ['--largest'] });
  });
});
