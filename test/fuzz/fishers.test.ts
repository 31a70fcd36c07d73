/** Damaged files of Fishers of every form, sound archives with other numbers and words: each is refused with a complaint, or read to finite numbers. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../../src/core/tensor.js';
import type { Manifest } from '../../src/data/manifest.js';
import { readArrays, writeArrays } from '../../src/disk/index.js';
import { expectComplaint, fim } from '../cli/fim.js';
import { SAID, smallFisher } from '../cli/small-fisher.js';
import { type Draws, HOSTILE, misshapen } from './mutate.js';
import { CONTROL, outcomes } from './outcome.js';

const SEED = 64;
const CASES = 25;
const { path, network, data, estimated } = smallFisher();
const NUMBERS = [Number.NaN, Infinity, -1, 0, 1e150, 1e300, -1e308, 5e-324];
const FORMS: Record<string, string[]> = {
  diagonal: [],
  dense: ['--form', 'dense'],
  kfac: ['--form', 'kfac'],
  ekfac: ['--form', 'ekfac'],
  block: ['--form', 'block'],
  unit: ['--form', 'unit'],
  gram: ['--form', 'gram'],
  visits: ['--visits', 'weighted', '--examples', '15'],
};

interface Stored {
  readonly file: string;
  readonly arrays: ReadonlyMap<string, Tensor>;
  readonly manifest: Manifest | null;
}
const stored = new Map<string, Stored>();

beforeAll(async () => {
  for (const [name, words] of Object.entries(FORMS)) {
    const file = await estimated(`fuzzed-${name}`, ...words);
    const held = readArrays(file);
    const arrays = new Map(held.names.map((key) => [key, held.get(key)]));
    stored.set(name, { file, arrays, manifest: held.manifest() });
  }
});

/** One array gone, of other numbers, of another shape, or under another name. */
function changeOne(arrays: Map<string, Tensor>, s: Draws): void {
  const key = s.pick([...arrays.keys()]);
  const t = arrays.get(key) as Tensor;
  const numbers = Float64Array.from(t.data as ArrayLike<number>);
  const kind = s.integer(5);
  if (kind === 0) arrays.delete(key);
  if (kind === 1 && numbers.length > 0) numbers[s.integer(numbers.length)] = s.pick(NUMBERS);
  if (kind === 2) numbers.fill(s.pick(NUMBERS));
  if (kind === 1 || kind === 2) arrays.set(key, tensor('float64', t.shape, numbers));
  if (kind === 3) arrays.set(key, tensor('float64', [numbers.length], numbers));
  if (kind === 4) arrays.set(s.pick(['fisher/x', 'fisher_dense', 'groups/examples', 'kfac/x/A']), t);
}

describe('damaged Fishers', () => {
  it.each(Object.keys(FORMS))('%s', async (name) => {
    const { file, ...held } = stored.get(name) as Stored;
    const rhs = path('fuzz-rhs.npz');
    writeArrays(rhs, new Map([['v', tensor('float64', [1, 21], new Float64Array(21).fill(1))]]));
    const found = await outcomes(
      SEED,
      name,
      async (s) => {
        const arrays = new Map(held.arrays);
        const other = s.integer(3) > 0 ? misshapen(held.manifest, s) : held.manifest;
        const manifest = typeof other === 'object' && !Array.isArray(other) ? (other as Manifest) : null;
        for (let k = s.integer(3); k > 0 && arrays.size > 0; k--) changeOne(arrays, s);
        const changed = path('fuzz.npz');
        writeArrays(changed, arrays, manifest);
        const { code, out, err } = await fim(
          s.pick([
            ['spectrum', changed],
            ['solve', changed, '--rhs', rhs, '--out', path('fuzz-out.npz')],
            ['compare', file, changed],
            ['compare', changed, network, data, ...SAID],
          ]),
        );
        expect([0, 1, 2, 3]).toContain(code);
        expect(err).not.toMatch(/in a way it should not|\n {4}at /);
        expect(CONTROL.test(err.replaceAll('\n', '') + out.replaceAll('\n', ''))).toBe(false);
        expect(out).not.toMatch(/NaN|undefined|Infinity/);
      },
      CASES,
    );
    expect(found.faults).toEqual([]);
  });
});

describe('what was found', () => {
  const changed = (
    name: string,
    change: (arrays: Map<string, Tensor>, manifest: Record<string, unknown>) => void,
  ) => {
    const { arrays, manifest } = stored.get(name) as Stored;
    const [own, words] = [new Map(arrays), structuredClone(manifest) as Record<string, unknown>];
    change(own, words);
    writeArrays(path('found.npz'), own, words);
    return path('found.npz');
  };
  const filled = (t: Tensor | undefined, x: number): Tensor =>
    tensor('float64', (t as Tensor).shape, new Float64Array((t as Tensor).data.length).fill(x));

  it.each(NUMBERS.filter((x) => !(Math.abs(x) <= 1e150)))('a Fisher with %s', async (x) => {
    const file = changed('dense', (arrays) =>
      arrays.set('fisher_dense', filled(arrays.get('fisher_dense'), x)),
    );
    expectComplaint(await fim(['spectrum', file]), {
      code: 3,
      says: ['array fisher_dense', `${x} at place 0`],
    });
  });

  it.each([-1, Number.NaN, 1e300])('groups of %s examples', async (x) => {
    const file = changed('diagonal', (arrays) =>
      arrays.set('groups/examples', filled(arrays.get('groups/examples'), x)),
    );
    expectComplaint(await fim(['spectrum', file]), { code: 3, says: ['groups/examples', `${x} at place 0`] });
  });

  it.each([-1, 0, 2 ** 31, 1e308, 'x', [3]])('layers of width %s', async (out) => {
    const file = changed('kfac', (_, { layers }) => {
      (layers as { out?: unknown }[])[0].out = out;
    });
    expectComplaint(await fim(['spectrum', file]), { code: 3, says: ['has the widths', 'out'] });
  });

  it.each([-1, 0, 0.5, 1e9])('rows of %s columns an example', async (columns) => {
    const file = changed('gram', (arrays) =>
      arrays.set('gram/columns', filled(arrays.get('gram/columns'), columns)),
    );
    expectComplaint(await fim(['spectrum', file]), { code: 3, says: ['gram'] });
  });

  it.each([null, 1.5, -2, 2 ** 53, '2'])('a parameter of size %s', async (size) => {
    const file = changed('kfac', (_, manifest) => {
      manifest.parameters = [{ name: 'fc1.weight', shape: [size] }];
    });
    expectComplaint(await fim(['spectrum', file]), { code: 3, says: ['Fisher'] });
  });

  it.each(HOSTILE.slice(0, 4))('a layer of the form %j', async (form) => {
    const file = changed('kfac', (_, { layers }) => {
      for (const layer of layers as { form: unknown }[]) layer.form = form;
    });
    expectComplaint(await fim(['solve', file, '--rhs', path('none.npz')]), { code: 3, says: [] });
  });
});
