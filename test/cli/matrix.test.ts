/** `fim spectrum`, `fim solve` and `fim compare` against the dense matrix of the same network, by their words. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tensor } from '../../src/core/tensor.js';
import { readArrays } from '../../src/disk/index.js';
import { symmetricEigen } from '../../src/linalg/index.js';
import { fim, fimJson, wave, writeNpz } from './fim.js';
import { type Figure, SAID, smallFisher, type Spectrum } from './small-fisher.js';

const { path, network, networkOf, data, estimated } = smallFisher();

describe('fim spectrum', () => {
  it('of a network: eigenvalues, trace, norm, log-determinant and effective dimension of the matrix that fim estimate writes', async () => {
    const file = await estimated('dense', '--estimator', 'exact', '--form', 'dense', '--dtype', 'float64');
    const F = readArrays(file).get('fisher_dense').data as Float64Array;
    const P = Math.sqrt(F.length);
    const { values } = symmetricEigen(F, P);
    const found = await fimJson<Spectrum>([
      ...['spectrum', network, data, ...SAID, '--dtype', 'float64'],
      ...['--top', '3', '--damping', '0.05', '--json'],
    ]);
    const sum = (f: (v: number) => number): number => values.reduce((s, v) => s + f(v), 0);
    expect(found.form).toBe('dense');
    expect(found.groups).toBe(20);
    expect(found.trace.plugIn).toBeCloseTo(
      sum((v) => v),
      9,
    );
    expect(found.frobenius.plugIn).toBeCloseTo(Math.sqrt(sum((v) => v * v)), 9);
    expect(found.logdet.plugIn).toBeCloseTo(
      sum((v) => Math.log(v + 0.05)),
      9,
    );
    expect(found.effectiveDimension.plugIn).toBeCloseTo(
      sum((v) => v / (v + 0.05)),
      9,
    );
    found.top.forEach((figure, k) => expect(figure.plugIn).toBeCloseTo(values[P - 1 - k], 9));
    for (const figure of [found.trace, found.frobenius, ...found.top]) {
      expect(figure.standardError as number).toBeGreaterThan(0);
      const [low, high] = figure.interval as readonly [number, number];
      expect(low <= figure.value && figure.value <= high).toBe(true);
    }
  });

  it('where the data are all there is and all are visited, there is no error and no correction', async () => {
    const found = await fimJson<Spectrum>([
      ...['spectrum', network, data, ...SAID, '--population', 'data', '--top', '1', '--json'],
    ]);
    for (const figure of [found.trace, found.logdet, ...found.top]) {
      expect(figure.value).toBe(figure.plugIn);
      expect(figure.standardError).toBe(0);
    }
    const { out } = await fim(['spectrum', network, data, ...SAID, '--population', 'data', '--top', '1']);
    expect(out).toMatch(/errors: none, since all of the data were visited/);
    expect(out).not.toMatch(/jackknife/);
  });

  it('of a file, as text of 80 columns', async () => {
    const file = await estimated('diagonal', '--estimator', 'exact');
    const { code, out } = await fim(['spectrum', file, '--top', '2'], { columns: 80 });
    expect(code).toBe(0);
    expect(out).toMatch(/diagonal Fisher, exact/);
    expect(out).toMatch(/eigenvalue 2 .*±/);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const unused = await fim(['spectrum', file, '--estimator', 'type1', '--top', '2', '--examples', '5']);
    expect(unused.out).toBe(out);
    expect(unused.err).toMatch(/note: --estimator, --examples: not used, the file says how/);
    const twice = await fim(['spectrum', file, data]);
    expect(twice.code).toBe(2);
    expect(twice.err).toMatch(/the file of a Fisher alone/);
    const none = await fim(['spectrum', data]);
    expect(none.code).toBe(3);
    expect(none.err).toMatch(/arrays fisher/);
  });

  it('density and layers as JSON and as a page; layers of a file are those of its network', async () => {
    const page = path('spectrum.html');
    const SHOWN = ['--top', '2', '--damping', '0.05', '--json', '--report', page];
    interface Shown extends Spectrum {
      readonly layers: readonly (Spectrum & { readonly name: string })[];
      readonly density: { readonly [K in 'grid' | 'value' | 'standardError']: readonly number[] };
    }
    const found = await fimJson<Shown>(['spectrum', network, data, ...SAID, ...SHOWN]);
    expect(found.layers.map(({ name }) => name)).toEqual(['fc1', 'fc2']);
    const sum = found.layers.reduce((s, { trace }) => s + trace.value, 0);
    expect(sum).toBeCloseTo(found.trace.value, 6);
    const { grid, value, standardError } = found.density;
    expect([value.length, standardError.length]).toEqual([grid.length, grid.length]);
    expect(standardError.every((x) => x >= 0)).toBe(true);
    const html = readFileSync(page, 'utf8');
    expect(html).toMatch(/class="band/);
    expect(html).toMatch(/Layer by layer/);
    for (const form of ['dense', 'kfac', 'diagonal']) {
      const file = await estimated(`layers-${form}`, '--estimator', 'exact', '--form', form);
      const { layers } = await fimJson<Shown>(['spectrum', file, '--top', '1', '--json']);
      expect(layers.map(({ name }) => name)).toEqual(['fc1', 'fc2']);
    }
  });

  it('of all the data by two labels: the error is that of the labels, and one label, rows and a file say that they do not tell it', async () => {
    const drawn = ['--estimator', 'type1', '--population', 'data', '--error', 'sampled'];
    const whole = [...SAID, ...drawn, '--labels', '2'];
    const spectrum = ['spectrum', network, data, ...SAID, '--estimator', 'type1', '--population', 'data'];
    const { trace: own } = await fimJson(['estimate', network, data, ...whole]);
    for (const form of ['dense', 'block']) {
      const told = await fim([...spectrum, '--labels', '2', '--form', form, '--top', '1', '--json']);
      const { trace } = JSON.parse(told.out) as Spectrum;
      expect(trace.plugIn).toBeCloseTo(own.value, 5);
      const ratio = (trace.standardError as number) / (own.labelError as number);
      // Two errors of about twenty degrees of freedom.
      expect(Math.abs(Math.log(ratio)), form).toBeLessThan(0.8);
      expect(told.err).toMatch(/again with 1 of 2 draws/);
    }
    const one = await fim([...spectrum, '--labels', '1', '--top', '1']);
    expect(one.err).toMatch(/one draw an example does not tell.* --labels 2 does/s);
    const quiet = await fimJson<{ warnings: string[] }>([...spectrum, '--labels', '1', '--top', '1']);
    expect(quiet.warnings.join()).toMatch(/one draw an example does not tell/);
    const rows = await fim([...spectrum, '--labels', '2', '--form', 'gram', '--top', '1']);
    expect(rows.err).toMatch(/--form gram does not tell.* --form block does/s);
    const file = await estimated('told', ...drawn, '--labels', '2', '--form', 'block');
    const { err } = await fim(['spectrum', file, '--top', '1']);
    expect(err).toMatch(/a file does not tell.*--population data --labels 2 does/s);
    const exact = await estimated(
      'exact-of-data',
      '--population',
      'data',
      '--estimator',
      'exact',
      '--form',
      'block',
    );
    const both = await fim(['compare', file, exact, '--json']);
    const [line] = (JSON.parse(both.out) as { warnings: string[] }).warnings;
    expect(line).toMatch(/drawn labels or signs \(.*\) does not tell.*as of a distribution/);
    expect(both.err).toContain('does not tell');
    const told = await fimJson<{ warnings: string[] }>(['compare', exact, exact, '--json']);
    expect(told.warnings).toEqual([]);
  });

  it('by weighted visits: the trace is that of fim estimate, with an error like its, of data and of a distribution', async () => {
    const sharp = networkOf(3, 4);
    const many = writeNpz(path('many.npz'), { x: wave(400, 2) });
    for (const population of ['data', 'distribution']) {
      const said = [
        ...[sharp, many, ...SAID, '--dtype', 'float64', '--visits', 'weighted', '--examples', '120'],
        ...['--population', population, '--json'],
      ];
      const found = await fimJson<Spectrum>(['spectrum', ...said, '--top', '1', '--damping', '0.05']);
      const { trace } = await fimJson<{ trace: Figure }>(['estimate', ...said, '--estimator', 'exact']);
      expect(found.trace.plugIn / trace.value).toBeCloseTo(1, 9);
      const ratio = (found.trace.standardError as number) / (trace.standardError as number);
      // 20 groups tell a standard error to 16 %.
      expect(Math.abs(Math.log(ratio)), population).toBeLessThan(0.6);
    }
    const refused = await fim(['spectrum', sharp, many, ...SAID, '--visits', 'weighted', '--form', 'kfac']);
    expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/dense matrix in exact columns/)]);
  });

  it.each([
    [
      'weighted visits of the data',
      ['--visits', 'weighted', '--examples', '120', '--population', 'data'],
      'visits',
    ],
    ['weighted visits of a distribution', ['--visits', 'weighted', '--examples', '120'], 'inputs'],
    ['the order of the file', ['--order', 'file'], 'examples'],
  ] as const)('of a file by %s: the errors are those of the run in memory', async (_, how, groupsOf) => {
    const sharp = networkOf(3, 4);
    const many = writeNpz(path('many.npz'), { x: wave(400, 2) });
    const said = [sharp, many, ...SAID, '--dtype', 'float64', ...how];
    const dense = await fimJson<Spectrum>(['spectrum', ...said, '--form', 'dense', '--json']);
    const out = path(`groups-${groupsOf}.npz`);
    const written = await fim(['estimate', ...said, '--estimator', 'exact', '--out', out, '-q']);
    expect(written.code, written.err).toBe(0);
    expect(readArrays(out).manifest()?.groups).toEqual({ count: dense.groups, of: groupsOf });
    // The diagonal and the whole have one trace, and one error of it by the same groups.
    const { trace, groups } = await fimJson<Spectrum>(['spectrum', out, '--json']);
    expect(groups).toBe(groupsOf === 'visits' ? 19 : 20);
    expect(trace.plugIn / dense.trace.plugIn).toBeCloseTo(1, 10);
    expect(trace.value / dense.trace.value).toBeCloseTo(1, 10);
    expect((trace.standardError as number) / (dense.trace.standardError as number)).toBeCloseTo(1, 8);
  });

  it('of weighted visits for another population is refused, and a file without groups says why', async () => {
    const sharp = networkOf(3, 4);
    const many = writeNpz(path('many.npz'), { x: wave(400, 2) });
    const said = [sharp, many, ...SAID, '--estimator', 'exact', '--visits', 'weighted', '--examples', '120'];
    const out = path('inputs.npz');
    await fim(['estimate', ...said, '--out', out, '-q']);
    const refused = await fim(['spectrum', out, '--population', 'data']);
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringMatching(/made for --population distribution/),
    ]);
    const none = path('none.npz');
    const lacking = await fim(['estimate', ...said, '--out', none, '--memory', '6kB']);
    expect([lacking.code, lacking.err]).toEqual([
      0,
      expect.stringMatching(/lacks sums by group of examples.*quarter of --memory/s),
    ]);
    expect(readArrays(none).manifest()).toMatchObject({
      groups: null,
      noGroups: expect.stringMatching(/quarter/) as string,
    });
  });

  it('above 4,096 parameters by rows of the examples, of a network and of a file', async () => {
    const large = networkOf(700);
    const file = path('gram.npz');
    const asked = ['--estimator', 'exact', '--form', 'gram', '--dtype', 'float64', '--out', file, '-q'];
    const made = await fim(['estimate', large, data, ...SAID, ...asked]);
    expect(made.code, made.err).toBe(0);
    expect(made.out).toMatch(/180 rows over 60 examples/);
    const words = ['--top', '2', '--damping', '0.05', '--json'];
    const found = await fimJson<Spectrum>(['spectrum', large, data, ...SAID, '--dtype', 'float64', ...words]);
    const read = await fimJson<Spectrum & { layers: readonly { name: string }[] }>([
      'spectrum',
      file,
      ...words,
    ]);
    expect([found.form, read.form, read.groups]).toEqual(['gram', 'gram', 20]);
    expect(read.layers.map(({ name }) => name)).toEqual(['fc1', 'fc2']);
    for (const name of ['trace', 'frobenius', 'logdet', 'effectiveDimension'] as const) {
      expect(read[name].plugIn / found[name].plugIn).toBeCloseTo(1, 9);
      expect(read[name].plugIn).not.toBeNull();
    }
    // The same eigenvalues by products alone.
    const products = await fimJson<Spectrum>([
      ...['spectrum', large, data, ...SAID, '--dtype', 'float64', '--form', 'implicit', ...words],
    ]);
    expect(products.top[0].plugIn / read.top[0].plugIn).toBeCloseTo(1, 5);
    expect(products.top[0].standardError! / read.top[0].standardError!).toBeCloseTo(1, 1);
    const both = await fimJson<{ cosine: Figure }>(['compare', file, file, '--json']);
    expect(both.cosine.value).toBeCloseTo(1, 9);
    const verified = await fim(['verify', file, large, data, ...SAID]);
    expect(verified.code, verified.out).toBe(0);
    for (const more of [
      ['--visits', 'weighted'],
      ['--estimator', 'type2'],
    ]) {
      const refused = await fim(['estimate', large, data, ...SAID, '--form', 'gram', ...more]);
      expect(refused.code, more.join(' ')).toBe(2);
    }
    const nothing = await fim(['estimate', large, data, ...SAID, '--form', 'implicit']);
    expect([nothing.code, nothing.err]).toEqual([2, expect.stringMatching(/holds nothing/)]);
  });

  it('above 4,096 parameters by products alone: the trace is that of the diagonal, with its error and by layer', async () => {
    const large = networkOf(700);
    const found = await fimJson<Spectrum & { layers: readonly (Spectrum & { name: string })[] }>([
      ...['spectrum', large, data, ...SAID, '--form', 'implicit', '--top', '1', '--json'],
    ]);
    expect(found.form).toBe('implicit');
    const exact = await fimJson<{ trace: Figure & { value: number } }>([
      ...['estimate', large, data, ...SAID, '--estimator', 'exact', '--json'],
    ]);
    expect(found.trace.value / exact.trace.value).toBeCloseTo(1, 6);
    expect(found.trace.standardError).toBeGreaterThan(0);
    expect(found.layers.map(({ name }) => name)).toEqual(['fc1', 'fc2']);
  });

  it('of too few examples says that there are no errors, and no more of them', async () => {
    const file = await estimated('few', '--estimator', 'exact', '--form', 'kfac', '--examples', '12');
    for (const said of [
      ['spectrum', file],
      ['compare', file, file],
    ]) {
      const { out } = await fim(said);
      expect(out).toMatch(/no errors: .* too few/);
      expect(out).not.toMatch(/^errors:/m);
    }
  });
});

describe('fim solve', () => {
  it.each(['dense', 'diagonal', 'kfac', 'block'])(
    '%s: u with (F + λI)u = v, in the names and shapes of v',
    async (form) => {
      const file = await estimated(
        `solve-${form}`,
        '--estimator',
        'exact',
        '--form',
        form,
        '--dtype',
        'float64',
      );
      const all = readArrays(file);
      const names = all.names.filter((name) => name.startsWith('fisher/'));
      const parameters = names.map((name) => all.get(name));
      const rhs = writeNpz(
        path(`rhs-${form}.npz`),
        Object.fromEntries(
          names.map((name, k) => [
            name.slice(7),
            tensor(
              'float64',
              parameters[k].shape,
              Float64Array.from({ length: parameters[k].data.length }, (_, i) => Math.sin(3 * k + i)),
            ),
          ]),
        ),
      );
      const out = path(`u-${form}.npz`);
      const said = await fimJson<{ form: string; vectors: number }>([
        ...['solve', file, '--rhs', rhs, '--damping', '0.1', '--out', out, '--json'],
      ]);
      expect(said.vectors).toBe(1);
      const u = readArrays(out);
      expect(u.names).toEqual(names.map((name) => name.slice(7)));
      if (form !== 'diagonal') return;
      names.forEach((name, k) => {
        const [d, x] = [parameters[k].data as Float64Array, u.get(name.slice(7)).data as Float64Array];
        x.forEach((v, i) => expect(v * (d[i] + 0.1)).toBeCloseTo(Math.sin(3 * k + i), 12));
      });
    },
  );

  it('rows [m, P] have the order of θ in a format that sorts its arrays too', async () => {
    const rows = Float64Array.from({ length: 21 }, (_, i) => 1 + i);
    const rhs = writeNpz(path('order-rhs.npz'), { v: tensor('float64', [1, 21], rows) });
    const solved = async (kind: string): Promise<number[]> => {
      const file = path(`order.${kind}`);
      const said = [...SAID, '--estimator', 'exact', '--form', 'kfac', '--dtype', 'float64', '--out', file];
      // fc1.weight before fc1.bias: not by name.
      await fim(['estimate', network, data, ...said, '-q']);
      const out = path(`order-${kind}.npz`);
      const { code, err } = await fim(['solve', file, '--rhs', rhs, '--damping', '0.1', '--out', out, '-q']);
      expect(code, err).toBe(0);
      return [...(readArrays(out).get('v').data as Float64Array)];
    };
    expect(await solved('safetensors')).toEqual(await solved('npz'));
    const both = await fim(['compare', path('order.npz'), path('order.safetensors')]);
    expect(both.code, both.err).toBe(0);
  });

  it('rows [m, P], and what is refused', async () => {
    const file = await estimated('rows', '--estimator', 'exact', '--form', 'dense');
    const P = readArrays(file).get('fisher_dense').shape[0];
    const rhs = writeNpz(path('rows-rhs.npz'), { v: wave(2, P) });
    const out = path('rows-out.npz');
    expect((await fim(['solve', file, '--rhs', rhs, '--out', out])).code).toBe(0);
    expect(readArrays(out).get('v').shape).toEqual([2, P]);
    const wrong = writeNpz(path('wrong.npz'), { v: wave(2, P + 1) });
    const refused = await fim(['solve', file, '--rhs', wrong, '--out', out]);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/one array \[m, P\]/);
    expect((await fim(['solve', file])).err).toMatch(/--rhs V.npz/);
    const singular = await fim(['solve', file, '--rhs', rhs, '--damping', '0', '--out', out]);
    expect(singular.code).toBe(1);
    expect(singular.err).toMatch(/--damping 0.001/);
  });
});

interface Comparison {
  readonly cosine: Figure;
  readonly relativeDistance: Figure;
  readonly traceRatio: Figure;
  readonly overlap: { readonly share: number; readonly value: number };
  readonly errors: string;
}

describe('fim compare', () => {
  it('one and itself; true and empirical of the same examples, paired', async () => {
    const file = await estimated('true', '--estimator', 'exact');
    const same = await fimJson<Comparison>(['compare', file, file]);
    expect(same.cosine.value).toBe(1);
    expect(same.relativeDistance).toMatchObject({ value: 0, standardError: 0 });
    expect(same.traceRatio.value).toBeCloseTo(1, 10);
    expect(same.overlap.value).toBe(1);
    expect(same.errors).toBe('paired');
    const other = await estimated('empirical', '--estimator', 'empirical');
    const found = await fimJson<Comparison>(['compare', file, other]);
    expect(found.errors).toBe('paired');
    const sum = (name: string): number => {
      const arrays = readArrays(name);
      return arrays.names
        .filter((array) => array.startsWith('fisher/'))
        .flatMap((array) => [...(arrays.get(array).data as Float64Array)])
        .reduce((s, v) => s + v, 0);
    };
    expect(found.traceRatio.plugIn).toBeCloseTo(sum(other) / sum(file), 10);
    expect(found.traceRatio.standardError as number).toBeGreaterThan(0);
    const { code, out } = await fim(['compare', file, other], { columns: 80 });
    expect(code).toBe(0);
    expect(out).toMatch(/empirical.npz \(diagonal, empirical\) against true.npz/);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('weighted visits under a distribution are paired by inputs, whichever of them were visited', async () => {
    const visits = ['--visits', 'weighted', '--examples', '40', '--dtype', 'float64'];
    const exact = await estimated('inputs-exact', '--estimator', 'exact', ...visits);
    const empirical = await estimated('inputs-empirical', '--estimator', 'empirical', ...visits);
    const seeded = await estimated('inputs-seeded', '--estimator', 'exact', '--seed', '3', ...visits);
    const said = (a: string, b: string) => fimJson<{ errors: string }>(['compare', a, b, '--json']);
    expect(await said(exact, empirical)).toMatchObject({ errors: 'paired' });
    expect(await said(exact, seeded)).toMatchObject({ errors: 'independent' });
  });

  it('other data are independent, and other parameters are refused', async () => {
    const file = await estimated('one', '--estimator', 'exact');
    const half = await estimated('half', '--estimator', 'exact', '--examples', '40');
    const found = await fimJson<Comparison>(['compare', file, half]);
    expect(found.errors).toBe('independent');
    const larger = networkOf(4);
    const out = path('larger.npz');
    await fim(['estimate', larger, data, ...SAID, '--estimator', 'exact', '--out', out, '-q']);
    const refused = await fim(['compare', file, out]);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/same parameters/);
  });

  it('says where the two were taken at different weights', async () => {
    const file = await estimated('here', '--estimator', 'exact');
    const there = path('there.npz');
    await fim(['estimate', networkOf(3, 0.7), data, ...SAID, '--estimator', 'exact', '--out', there, '-q']);
    expect((await fim(['compare', file, there])).out).toMatch(/different weights/);
    expect((await fim(['compare', file, file])).out).not.toMatch(/different weights/);
    expect(await fimJson(['compare', file, there])).toMatchObject({ sameWeights: false, errors: 'paired' });
  });
});
