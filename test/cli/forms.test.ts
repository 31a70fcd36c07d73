/** `fim estimate --form`: the files of forms by layer, their manifests and groups, mixed by layer, biases apart, scales in given bases. */
import { describe, expect, it } from 'vitest';
import { openNpz } from '../../src/data/npz.js';
import { readFileSync } from 'node:fs';
import { toFloat64 } from '../../src/core/tensor.js';
import { arrayOf } from '../fisher/fixtures.js';
import { expectClose } from '../fisher/close.js';
import { estimateOf, fim, fimJson, scratch } from './fim.js';

const { path } = scratch();
const NAME = 'digits-mlp-double';
const FLAGS = ['--likelihood', 'categorical', '--dtype', 'float64', '--engine', 'small', '--quiet'];
const words = (...more: string[]) => estimateOf(NAME, ...FLAGS, ...more);

async function fileOf(name: string, ...more: string[]) {
  const out = path(name);
  const ran = await fim(words(...more, '--out', out));
  expect(ran.code, ran.err).toBe(0);
  const file = openNpz(new Uint8Array(readFileSync(out)), out);
  return {
    out,
    ran,
    get: (key: string) => toFloat64(file.get(key)),
    names: file.names,
    manifest: file.manifest(),
  };
}

/** A usage error, or one of a file, in such words. */
async function refused(why: RegExp, ...more: string[]): Promise<void> {
  const { code, err } = await fim(words(...more));
  expect([2, 3], err).toContain(code);
  expect(err.replaceAll(/\s+/g, ' ')).toMatch(why);
}

describe('fim estimate --form', () => {
  it('kfac writes factors, errors, groups and what each layer is', async () => {
    const { ran, get, names, manifest } = await fileOf('kfac.npz', '--form', 'kfac');
    expect(ran.out).toMatch(/Kronecker factors: fc1.weight with fc1.bias, fc2.weight with fc2.bias/);
    expectClose(get('kfac/fc1.weight/A'), arrayOf(NAME, 'kfac/fc1/A_homogeneous'), 1e-9);
    expectClose(get('kfac/fc2.weight/G'), arrayOf(NAME, 'kfac/fc2/G'), 1e-9);
    for (const error of ['A_data_se', 'G_label_se', 'G_data_se'])
      expect(names).toContain(`kfac/fc1.weight/${error}`);
    expect(manifest?.form).toBe('kfac');
    expect(manifest?.layers).toEqual([
      {
        name: 'fc1.weight',
        form: 'kfac',
        weight: 'fc1.weight',
        bias: 'fc1.bias',
        apartFrom: null,
        shape: [10, 8],
        transposed: true,
        out: 10,
        in: 8,
        groups: 1,
      },
      {
        name: 'fc2.weight',
        form: 'kfac',
        weight: 'fc2.weight',
        bias: 'fc2.bias',
        apartFrom: null,
        shape: [4, 10],
        transposed: true,
        out: 4,
        in: 10,
        groups: 1,
      },
    ]);
    const [G, groups, examples] = ['kfac/fc1.weight/G', 'groups/kfac/fc1.weight/G', 'groups/examples'].map(
      get,
    );
    const n = examples.reduce((a, b) => a + b);
    const sums = G.map((_, i) => {
      let sum = 0;
      for (let g = 0; g < examples.length; g++) sum += groups[g * G.length + i];
      return sum / n;
    });
    expectClose(sums, G, 1e-12);
  });

  it('mixes forms by layer, and takes biases apart', async () => {
    const mixed = await fileOf('mixed.npz', '--form', 'kfac', '--form-of', 'fc2*=block');
    expect(mixed.names).toContain('block/fc2.weight');
    expect(mixed.names).toContain('kfac/fc1.weight/A');
    expect(mixed.names).not.toContain('kfac/fc2.weight/A');
    const apart = await fileOf('apart.npz', '--form', 'kfac', '--bias-apart');
    expect(apart.get('kfac/fc1.bias/G')).toEqual(apart.get('kfac/fc1.weight/G'));
    expectClose(apart.get('kfac/fc1.weight/A'), arrayOf(NAME, 'kfac/fc1/A'), 1e-9);
    const plain = await fileOf(
      'plain.npz',
      '--form',
      'kfac',
      '--form-of',
      '*=diagonal',
      '--form-of',
      'fc1*=unit',
    );
    expect(plain.get('diagonal/fc2.weight')).toEqual(plain.get('fisher/fc2.weight'));
    expect(plain.names).toContain('unit/fc1.weight');
  });

  it('ekfac in two rounds, or in the bases of a file', async () => {
    const own = await fileOf('ekfac.npz', '--form', 'ekfac');
    const again = await fileOf('again.npz', '--form', 'ekfac', '--basis', own.out);
    const ofFactors = await fileOf(
      'of-factors.npz',
      '--form',
      'ekfac',
      '--basis',
      (await fileOf('f.npz', '--form', 'kfac')).out,
    );
    for (const other of [again, ofFactors]) {
      expectClose(other.get('ekfac/fc1.weight/basis_A'), own.get('ekfac/fc1.weight/basis_A'), 1e-9);
      expectClose(other.get('ekfac/fc1.weight/scale'), own.get('ekfac/fc1.weight/scale'), 1e-9);
    }
    // A rotation keeps the trace.
    const sum = (values: Float64Array) => values.reduce((a, b) => a + b);
    const trace = sum(own.get('fisher/fc1.weight')) + sum(own.get('fisher/fc1.bias'));
    expect(sum(own.get('ekfac/fc1.weight/scale')) / trace).toBeCloseTo(1, 10);
  });

  it('says what fits nothing', async () => {
    await refused(/matches the weight of some layer/, '--form', 'kfac', '--form-of', 'nothing*=block');
    await refused(/FORM one of diagonal, unit, block, kfac, ekfac/, '--form-of', 'fc1*=tower');
    await refused(/by no layer/, '--form', 'dense', '--form-of', 'fc1*=block');
    await refused(/made of scores/, '--form', 'kfac', '--estimator', 'type2');
    await refused(/uniformly/, '--form', 'kfac', '--visits', 'weighted', '--examples', '20');
    const { out } = await fileOf('apart2.npz', '--form', 'kfac', '--bias-apart');
    await refused(/basis of a layer/, '--form', 'ekfac', '--basis', out);
  });

  it('as JSON, by drawn labels too', async () => {
    const json = await fimJson<Record<string, unknown>>(
      words('--form', 'kfac', '--estimator', 'type1', '--labels', '2', '--json'),
    );
    expect(json).toMatchObject({ form: 'kfac', sharing: 'expand', estimator: 'type1' });
    expect(json.forms).toHaveLength(2);
  });
});

describe('forms by layer in parts', () => {
  it.each([
    ['kfac', []],
    ['ekfac', ['--basis']],
  ] as const)('%s: three shards merge to the single run', async (form, more) => {
    const own = await fileOf(`${form}-whole.npz`, '--form', 'kfac');
    const flags = ['--form', form, ...(more.length === 0 ? [] : ['--basis', own.out])];
    const whole = await fileOf(`${form}-single.npz`, ...flags);
    const files: string[] = [];
    for (const i of [1, 2, 3]) {
      files.push(path(`${form}-${i}.sums.npz`));
      const ran = await fim(words(...flags, '--shard', `${i}/3`, '--out', files[i - 1]));
      expect(ran.code, ran.err).toBe(0);
    }
    const out = path(`${form}-merged.npz`);
    const ran = await fim(['merge', ...files, '--out', out, '--quiet']);
    expect(ran.code, ran.err).toBe(0);
    const merged = openNpz(new Uint8Array(readFileSync(out)), out);
    expect([...merged.names].sort()).toEqual([...whole.names].sort());
    for (const name of whole.names.filter((n) => /kfac/.test(n)))
      expectClose(toFloat64(merged.get(name)), whole.get(name), 1e-11, name);
    expect(merged.manifest()?.layers).toEqual(whole.manifest?.layers);
  });

  it('the basis of tasks is decided before them', async () => {
    await refused(
      /basis of scales from a file/,
      '--form',
      'ekfac',
      '--shard',
      '1/2',
      '--out',
      path('x.sums.npz'),
    );
    const dir = path('folder');
    const [out, single] = [path('tasks.npz'), await fileOf('tasks-single.npz', '--form', 'ekfac')];
    const ran = await fim(words('--form', 'ekfac', '--run', dir, '--tasks', '3', '--out', out));
    expect(ran.code, ran.err).toBe(0);
    const merged = openNpz(new Uint8Array(readFileSync(out)), out);
    expect([...merged.names].sort()).toEqual([...single.names].sort());
    for (const name of single.names.filter((n) => /ekfac/.test(n)))
      expectClose(toFloat64(merged.get(name)), single.get(name), 1e-9, name);
  });
});

describe('the whole matrix', () => {
  it('has the sums of its groups, in one run and in parts', async () => {
    const whole = await fileOf('dense-whole.npz', '--form', 'dense');
    const files: string[] = [];
    for (const i of [1, 2]) {
      files.push(path(`dense-${i}.sums.npz`));
      const ran = await fim(words('--form', 'dense', '--shard', `${i}/2`, '--out', files[i - 1]));
      expect(ran.code, ran.err).toBe(0);
    }
    const out = path('dense-merged.npz');
    expect((await fim(['merge', ...files, '--out', out, '--quiet'])).code).toBe(0);
    const merged = openNpz(new Uint8Array(readFileSync(out)), out);
    const [F, groups, examples] = ['fisher_dense', 'groups/fisher_dense', 'groups/examples'].map(whole.get);
    const n = examples.reduce((a, b) => a + b);
    const sums = F.map((_, i) => examples.reduce((sum, _n, g) => sum + groups[g * F.length + i], 0) / n);
    expectClose(sums, F, 1e-12);
    expectClose(toFloat64(merged.get('groups/fisher_dense')), groups, 1e-11);
    const spectrum = await fim(['spectrum', whole.out, '--top', '1', '--damping', '0.01', '--json']);
    const { trace } = JSON.parse(spectrum.out) as { trace: { standardError: number | null } };
    expect(trace.standardError).toBeGreaterThan(0);
  });
});

it('fim spectrum takes the form that it is asked for', async () => {
  const of = (form: string) =>
    fimJson<{ form: string; trace: { plugIn: number; standardError: number } }>([
      'spectrum',
      ...words().slice(1),
      ...['--form', form, '--top', '1', '--damping', '0.01'],
    ]);
  const [block, kfac, dense] = await Promise.all(['block', 'kfac', 'dense'].map(of));
  expect([block.form, kfac.form, dense.form]).toEqual(['block', 'kfac', 'dense']);
  expect(block.trace.plugIn / dense.trace.plugIn).toBeCloseTo(1, 10);
  expect(kfac.trace.plugIn).toBeGreaterThan(dense.trace.plugIn);
  for (const { trace } of [block, kfac, dense]) expect(trace.standardError).toBeGreaterThan(0);
});
