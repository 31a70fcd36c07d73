/** `--functional` and `--quadratic`: numbers by weights of the entries, through the command line. */
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { formatSafetensors } from '../../src/data/safetensors.js';
import { tensor, type Tensor } from '../../src/core/tensor.js';
import { formatNpz, openNpz } from '../../src/data/npz.js';
import { Sequence } from '../../src/core/random.js';
import { estimateOf, expectComplaint, fim, scratch } from './fim.js';

const { path } = scratch();
const SMALL = ['--likelihood', 'categorical', '--dtype', 'float64'];

interface Named {
  readonly name: string;
  readonly value: number;
  readonly standardError: number;
  readonly labelError: number;
  readonly dataError: number;
  readonly interval: readonly [number, number];
}
interface Json {
  readonly functionals?: readonly Named[];
  readonly quadratics?: readonly Named[];
  readonly trace: Named;
  readonly layers: readonly { readonly name: string; readonly parameters: string[]; readonly trace: Named }[];
}

const words = (...flags: string[]) => estimateOf('digits-mlp-sigmoid-small', ...SMALL, ...flags);

async function json(...flags: string[]): Promise<Json> {
  const ran = await fim(words(...flags, '--json'));
  expect(ran.code, ran.err).toBe(0);
  return JSON.parse(ran.out) as Json;
}

function write(name: string, arrays: Readonly<Record<string, Tensor>>): string {
  const file = path(name);
  const bytes = name.endsWith('.npz')
    ? formatNpz(new Map(Object.entries(arrays)), null, file)
    : formatSafetensors(new Map(Object.entries(arrays)), {}, file);
  writeFileSync(file, bytes);
  return file;
}

/** Shapes and arrays by parameter of an estimate's file. */
let entries: Map<string, Record<'fisher' | 'label_se' | 'data_se', Tensor>>;
const DRAWN = ['--estimator', 'type1', '--labels', '2', '--error', 'closed-form', '--examples', '60'];

beforeAll(async () => {
  const out = path('entries.npz');
  await json(...DRAWN, '--visits', 'uniform', '--out', out);
  const file = openNpz(new Uint8Array(readFileSync(out)), out);
  entries = new Map(
    file.names
      .filter((name) => name.startsWith('fisher/'))
      .map((name) => {
        const of = (prefix: string) => file.get(name.replace(/^fisher/, prefix));
        return [name.slice(7), { fisher: of('fisher'), label_se: of('label_se'), data_se: of('data_se') }];
      }),
  );
});

const shaped = (p: string, make: (i: number) => number): Tensor => {
  const { shape, data } = entries.get(p)!.fisher;
  return tensor(
    'float64',
    shape,
    Float64Array.from(data as Float64Array, (_, i) => make(i)),
  );
};
const all = (make: (i: number, p: string) => number) =>
  Object.fromEntries([...entries.keys()].map((p) => [p, shaped(p, (i) => make(i, p))]));

const near = (got: number, want: number, scale = Math.abs(want)) =>
  expect(Math.abs(got - want), `${got} for ${want}`).toBeLessThanOrEqual(1e-9 * scale);

describe('--functional', () => {
  it('named as parameters: one number, called as the file is, in JSON, text, manifest and page', async () => {
    const rng = new Sequence(1, 'w');
    const weights = all(() => rng.normal());
    const file = write('contrast.npz', weights);
    const [out, report] = [path('with.npz'), path('with.html')];
    const flags = [...DRAWN, '--visits', 'uniform', '--functional', file];
    const { functionals, quadratics } = await json(...flags, '--out', out, '--report', report);
    expect(quadratics).toBeUndefined();
    expect(functionals!.map((f) => f.name)).toEqual(['contrast']);
    const [f] = functionals!;
    let [want, size] = [0, 0];
    for (const [p, { fisher }] of entries) {
      const w = weights[p].data as Float64Array;
      (fisher.data as Float64Array).forEach((v, i) => {
        want += w[i] * v;
        size += Math.abs(w[i] * v);
      });
    }
    near(f.value, want, size);
    near(f.standardError, Math.hypot(f.labelError, f.dataError));
    expect(f.interval[0]).toBeLessThan(f.value - 1.95 * f.standardError);
    expect(f.interval[1]).toBeGreaterThan(f.value + 1.95 * f.standardError);
    expect(Object.keys(f)).toEqual(['name', 'value', 'standardError', 'labelError', 'dataError', 'interval']);
    const manifest = openNpz(new Uint8Array(readFileSync(out)), out).manifest() as unknown as Json;
    expect(manifest.functionals).toEqual(functionals);
    expect(readFileSync(report, 'utf8')).toContain('<th scope="row" class="code">contrast</th>');
    const ran = await fim(words(...flags));
    const line = ran.out.split('\n').find((l) => l.includes('contrast'))!;
    expect(line).toContain('±');
    for (const l of ran.out.split('\n')) expect(l.length, l).toBeLessThanOrEqual(80);
  });

  it('NAME/PARAMETER: one number for each name; what is left out counts 0, what is ≥ 0 has the rule of traces', async () => {
    const plain = await json(...DRAWN);
    const arrays: Record<string, Tensor> = {};
    for (const layer of plain.layers)
      for (const p of layer.parameters) arrays[`${layer.name}/${p}`] = shaped(p, () => 1);
    for (const visits of ['uniform', 'weighted']) {
      const flags = [...DRAWN, '--visits', visits];
      const e = await json(...flags, '--functional', write('layers.safetensors', arrays));
      expect(e.functionals!.map((f) => f.name)).toEqual(plain.layers.map((l) => l.name));
      for (const [i, { trace }] of e.layers.entries()) {
        const f = e.functionals![i];
        for (const key of ['value', 'standardError', 'labelError', 'dataError'] as const)
          near(f[key], trace[key]);
        near(f.interval[0], trace.interval[0], trace.value);
        near(f.interval[1], trace.interval[1], trace.value);
      }
    }
  });

  it('weighted visits: one entry has its own errors, weights of both signs an interval about the value', async () => {
    const out = path('weighted.npz');
    const [p] = [...entries.keys()];
    const rng = new Sequence(3, 'w');
    const arrays: Record<string, Tensor> = { [`entry/${p}`]: shaped(p, (i) => (i === 7 ? 1 : 0)) };
    for (const q of entries.keys()) arrays[`signed/${q}`] = shaped(q, () => rng.normal());
    const file = write('weighted.safetensors', arrays);
    for (const population of ['data', 'distribution']) {
      for (const estimator of [DRAWN, ['--estimator', 'exact', '--examples', '40']]) {
        const flags = [...estimator, '--visits', 'weighted', '--population', population];
        const { functionals } = await json(...flags, '--functional', file, '--out', out);
        const written = openNpz(new Uint8Array(readFileSync(out)), out);
        const at = (prefix: string) => Number(written.get(`${prefix}/${p}`).data[7]);
        const [entry, signed] = functionals!;
        near(entry.value, at('fisher'));
        near(entry.labelError, at('label_se'));
        near(entry.dataError, at('data_se'));
        const [low, high] = signed.interval;
        near(low + high, 2 * signed.value, high - low);
        expect(high - signed.value).toBeGreaterThan(1.96 * signed.standardError);
      }
    }
  });

  it('a target error takes them along, and so does a choice by layer', async () => {
    const file = write(
      'ones.npz',
      all(() => 1),
    );
    for (const flags of [
      ['--estimator', 'exact', '--target-error', '20%'],
      ['--estimator', 'auto', '--examples', '50'],
      ['--estimator', 'type2', '--examples', '50'],
      ['--estimator', 'empirical', '--examples', '50'],
      ['--estimator', 'rademacher', '--exact-pairs', '1', '--labels', '2', '--examples', '50'],
    ]) {
      const { functionals, trace } = await json(...flags, '--functional', file);
      expect(Math.abs(functionals![0].value / trace.value - 1)).toBeLessThan(1e-5);
      expect(Math.abs(functionals![0].standardError / trace.standardError - 1)).toBeLessThan(1e-4);
    }
  });
});

describe('--quadratic', () => {
  it('along one entry: that entry with its errors; along w: never below 0', async () => {
    const [p] = entries.keys();
    const { fisher, label_se, data_se } = entries.get(p)!;
    const places = [0, 5, fisher.data.length - 1];
    const arrays = Object.fromEntries(
      places.map((k) => [`e${k}/${p}`, shaped(p, (i) => (i === k ? -2 : 0))] as const),
    );
    const rng = new Sequence(2, 'w');
    for (const q of entries.keys()) arrays[`w/${q}`] = shaped(q, () => rng.normal());
    const file = write('directions.npz', arrays);
    const { quadratics } = await json(...DRAWN, '--visits', 'uniform', '--quadratic', file);
    expect(quadratics!.map((f) => f.name)).toEqual([...places.map((k) => `e${k}`), 'w']);
    for (const [i, k] of places.entries()) {
      near(quadratics![i].value, 4 * Number(fisher.data[k]));
      near(quadratics![i].labelError, 4 * Number(label_se.data[k]));
      near(quadratics![i].dataError, 4 * Number(data_se.data[k]));
    }
    expect(quadratics![3].value).toBeGreaterThan(0);
    expect(quadratics![3].interval[0]).toBeGreaterThanOrEqual(0);
  });

  it.each(['type2', 'mix', 'auto'])('is refused by %s', async (estimator) => {
    const file = write(
      'one.npz',
      all(() => 1),
    );
    const ran = await fim(words('--estimator', estimator, '--quadratic', file));
    expectComplaint(ran, { code: 2, says: ['wᵀ𝓘w', `--estimator ${estimator}`, 'exact'] });
  });
});

describe('files that do not fit', () => {
  const ask = (arrays: Record<string, Tensor>) =>
    fim(words('--functional', write('bad.npz', arrays), '--estimator', 'exact'));

  it('a mixture of both ways of naming', async () => {
    const [p, q] = entries.keys();
    const ran = await ask({ [p]: shaped(p, () => 1), [`a/${q}`]: shaped(q, () => 1) });
    expectComplaint(ran, { code: 3, says: [p, `a/${q}`, 'NAME/PARAMETER'] });
  });

  it('an unknown parameter', async () => {
    const [p] = entries.keys();
    const ran = await ask({ [`a/${p}x`]: shaped(p, () => 1) });
    expectComplaint(ran, { code: 3, says: [`${p}x`, `did you mean "${p}"?`] });
    expectComplaint(await ask({ nothing: tensor('float64', [2], [1, 2]) }), {
      code: 3,
      says: ['nothing', p],
    });
  });

  it('another shape, a number that is none, no arrays, no such file', async () => {
    const [p] = entries.keys();
    const { shape } = entries.get(p)!.fisher;
    const turned = tensor('float64', [...shape].reverse(), entries.get(p)!.fisher.data as Float64Array);
    expectComplaint(await ask({ [p]: turned }), { code: 3, says: [`[${shape.join(', ')}]`, 'shape'] });
    const odd = await ask({ [p]: shaped(p, (i) => (i === 3 ? NaN : 1)) });
    expectComplaint(odd, { code: 3, says: ['NaN at place 3'] });
    expectComplaint(await ask({}), { code: 3, says: ['no arrays'] });
    const ran = await fim(words('--quadratic', path('none.npz')));
    expectComplaint(ran, { code: 3, says: ['none.npz'] });
    expectComplaint(await fim(words('--functional', 'w.csv')), { code: 2, says: ['.npz', '.safetensors'] });
  });

  it('is not overwritten', async () => {
    const file = write(
      'kept.npz',
      all(() => 1),
    );
    expectComplaint(await fim(words('--functional', file, '--out', file)), {
      code: 2,
      says: ['--functional'],
    });
  });
});
