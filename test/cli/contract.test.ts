/** What scripts depend on: the JSON object, the arrays of --out, where words go and where data go, exit codes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hallInterval, satterthwaite } from '../../src/stats/index.js';
import { readArrays } from '../../src/disk/index.js';
import { formatEstimate } from '../../src/report/format.js';
import { type EstimateJson, estimateOf, fim, fimJson, model, oneObject, scratch } from './fim.js';

const categorical = ['--likelihood', 'categorical'];
const small = (...words: string[]) => estimateOf('digits-mlp-sigmoid-small', ...categorical, ...words);

const FIGURE = {
  value: expect.any(Number) as number,
  standardError: expect.any(Number) as number,
  labelError: expect.any(Number) as number,
  dataError: expect.any(Number) as number,
  interval: [expect.any(Number) as number, expect.any(Number) as number],
};

describe('--json', () => {
  it('prints one object with every field of the contract', async () => {
    const json = await fimJson(small('--estimator', 'type1', '--error', 'closed-form', '--seed', '3'));
    expect(json).toMatchObject({
      examples: 96,
      outputs: 4,
      parameters: 113,
      likelihood: 'categorical',
      estimator: 'type1',
      labels: 1,
      seed: 3,
      dtype: 'float32',
      engine: expect.stringMatching(/^(ort|small)$/) as string,
      error: 'closed-form',
      population: 'distribution',
      level: 0.95,
      output: { name: 'h', removed: [] },
      warnings: expect.any(Array) as unknown,
      interrupted: false,
      trace: FIGURE,
      seconds: expect.any(Number) as number,
    });
    expect(json.tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['fc1.weight', [6, 8]],
      ['fc1.bias', [6]],
      ['fc2.weight', [5, 6]],
      ['fc2.bias', [5]],
      ['fc3.weight', [4, 5]],
      ['fc3.bias', [4]],
    ]);
    for (const { trace } of json.tensors) expect(trace).toMatchObject(FIGURE);
    const sum = json.tensors.reduce((s, t) => s + t.trace.value, 0);
    expect(sum).toBeCloseTo(json.trace.value, 9);
  });

  it.each([
    ['exact', [], 0, 'none'],
    ['empirical', [], 0, 'none'],
    ['rademacher', ['--labels', '3', '--error', 'closed-form'], 3, 'closed-form'],
    ['mc', ['--draws', '2', '--error', 'sampled'], 2, 'sampled'],
    ['type1', ['--labels', '1', '--error', 'sampled'], 1, 'sampled'],
  ])('says what %s %j did', async (estimator, words, labels, error) => {
    const json = await fimJson(small('--estimator', estimator, ...words));
    const name = estimator === 'mc' ? 'type1' : estimator;
    expect(json).toMatchObject({ estimator: name, labels, error });
    const { labelError, dataError, standardError, interval, value } = json.trace;
    expect(interval).not.toBeNull();
    const [low, high] = interval as [number, number];
    // Hall's rule on the figure's own skewness; a closed form has no degrees of freedom to lose.
    const overInputs = json.examples - 1;
    const degrees =
      error === 'closed-form'
        ? satterthwaite([
            { variance: (labelError as number) ** 2, degrees: Infinity },
            { variance: (dataError as number) ** 2, degrees: overInputs },
          ])
        : overInputs;
    const hall = hallInterval({
      value,
      standardError: standardError as number,
      skewness: json.trace.skewness as number,
      degrees,
      level: 0.95,
      nonNegative: true,
    });
    expect(low).toBeCloseTo(hall[0], 9);
    expect(high).toBeCloseTo(hall[1], 9);
    if (labels === 0) expect(labelError).toBe(0);
    if (labels === 1 && error === 'sampled') expect([labelError, dataError]).toEqual([null, null]);
    else if (error !== 'sampled')
      expect(standardError).toBeCloseTo(Math.hypot(labelError as number, dataError as number), 12);
  });

  it('gives the Gaussian its variance by either name, and 1/σ² of the scale', async () => {
    const of = (...words: string[]) =>
      fimJson(estimateOf('diabetes-regression', '--likelihood', 'gaussian', '--dtype', 'float64', ...words));
    const [one, four] = [await of('--variance', '1'), await of('--sigma2', '4')];
    expect(four.trace.value / one.trace.value).toBeCloseTo(1 / 4, 12);
    expect(four).toMatchObject({ likelihoodOptions: { variance: 4 } });
  });

  it('is the same on both engines and for every batch size, to rounding', async () => {
    const exact = ['--estimator', 'exact', '--dtype', 'float64'];
    const runs = [
      await fimJson(small(...exact, '--engine', 'small', '--threads', '1')),
      await fimJson(small(...exact, '--engine', 'ort', '--threads', '1')),
      await fimJson(small(...exact, '--engine', 'small', '--batch', '7')),
    ];
    expect(runs.map((r) => r.engine)).toEqual(['small', 'ort', 'small']);
    for (const r of runs) {
      expect(r.trace.value / runs[0].trace.value - 1).toBeLessThan(1e-12);
      expect(r.trace.dataError).toBeCloseTo(runs[0].trace.dataError as number, 12);
    }
  });
});

describe('--out', () => {
  const { path, files } = scratch();

  it.each(['fisher.npz', 'fisher.safetensors'])(
    'writes %s: names, shapes, float64, manifest',
    async (name) => {
      const out = path(name);
      const json = await fimJson(
        small(
          ...['--estimator', 'type1', '--error', 'closed-form', '--dtype', 'float64'],
          ...['--out', out, '--seed', '5', '--level', '90%'],
        ),
      );
      const file = readArrays(out);
      const names = json.tensors.map((t) => t.name);
      const kinds = ['fisher', 'label_se', 'data_se', 'standard_error', 'groups/fisher', 'theta'];
      const arrays = kinds.flatMap((kind) => names.map((n) => `${kind}/${n}`));
      expect([...file.names].sort()).toEqual([...arrays, 'groups/examples'].sort());
      for (const { name: p, shape, trace } of json.tensors) {
        for (const kind of ['fisher', 'label_se', 'data_se', 'standard_error']) {
          expect(file.describe(`${kind}/${p}`)).toEqual({ name: `${kind}/${p}`, shape, dtype: 'float64' });
        }
        const total = (file.get(`fisher/${p}`).data as Float64Array).reduce((a, b) => a + b, 0);
        expect(total).toBeCloseTo(trace.value, 9);
      }
      expect(file.manifest()).toMatchObject({
        fim: '0.0.0-test',
        likelihood: 'categorical',
        estimator: 'type1',
        examples: 96,
        labels: 1,
        scale: 'mean over examples, sum over outputs',
        population: 'distribution',
        level: 0.9,
        seed: 5,
        order: 'seed',
        modelHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        dataHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      });
      expect(files().filter((f) => f.includes('.tmp'))).toEqual([]);
    },
  );

  it('holds the total error alone where one draw cannot tell its parts', async () => {
    const out = path('sampled.npz');
    await fimJson(small('--estimator', 'type1', '--labels', '1', '--error', 'sampled', '--out', out));
    const kinds = new Set(readArrays(out).names.map((n) => n.split('/')[0]));
    expect([...kinds].sort()).toEqual(['fisher', 'groups', 'standard_error', 'theta']);
  });

  it('holds the label error of a single example, whose data error is unknown', async () => {
    const out = path('single.npz');
    const json = await fimJson(
      estimateOf(
        'digits-mlp-sigmoid-small',
        '--likelihood',
        'categorical',
        '--examples',
        '1',
        '--estimator',
        'exact',
        '--out',
        out,
      ),
    );
    expect(json.trace).toMatchObject({ standardError: null, labelError: 0, dataError: null, interval: null });
    expect(new Set(readArrays(out).names.map((n) => n.split('/')[0]))).toEqual(
      new Set(['fisher', 'label_se', 'groups', 'theta']),
    );
  });

  it('holds the sums of groups of examples, and θ, unless they are left out', async () => {
    const [out, bare] = [path('groups.npz'), path('bare.npz')];
    const ran = await fim(small('--estimator', 'exact', '--dtype', 'float64', '--out', out));
    expect(ran.err.split('\n').filter((line) => line.includes('--no-theta'))).toHaveLength(1);
    const plain = await fim(
      small('--estimator', 'exact', '--dtype', 'float64', '--no-groups', '--no-theta', '--out', bare),
    );
    expect(plain.err).not.toContain('theta');
    expect(plain.out).toBe(ran.out);
    const [file, other] = [out, bare].map(readArrays);
    const counts = file.get('groups/examples').data as Float64Array;
    expect(counts).toHaveLength(20);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(96);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    for (const name of other.names) {
      const [a, b] = [file, other].map((f) => f.get(name).data as Float64Array);
      const largest = Math.max(...b);
      b.forEach((v, i) => expect(Math.abs(a[i] - v)).toBeLessThanOrEqual(1e-12 * largest));
      if (!name.startsWith('fisher/')) continue;
      const sums = file.get(`groups/${name}`);
      expect(sums.shape).toEqual([20, ...other.get(name).shape]);
      const all = sums.data as Float64Array;
      b.forEach((v, i) => {
        let sum = 0;
        for (let g = 0; g < 20; g++) sum += all[g * b.length + i];
        expect(Math.abs(sum / 96 - v)).toBeLessThanOrEqual(1e-12 * largest);
      });
    }
    expect(file.manifest()?.parametersHash).toBe(other.manifest()?.parametersHash);
    expect(file.get('theta/fc1.weight').shape).toEqual(file.get('fisher/fc1.weight').shape);
  });

  it('writes the same bytes for the same command', async () => {
    const bytes = async (name: string) => {
      await fimJson(small('--engine', 'small', '--estimator', 'mc', '--seed', '1', '--out', path(name)));
      return readArrays(path(name)).get('fisher/fc1.weight').data;
    };
    expect(await bytes('a.npz')).toEqual(await bytes('b.npz'));
  });
});

describe('--report', () => {
  const { path } = scratch();

  it('writes one self-contained page that reads without JavaScript', async () => {
    const report = path('fisher.html');
    const json = await fimJson(small('--estimator', 'exact', '--report', report));
    const page = readFileSync(report, 'utf8');
    expect(page.slice(0, 15).toLowerCase()).toBe('<!doctype html>');
    const asks =
      /<script|<link|<iframe|<img|\b(?:src|href|action)\s*=\s*["']?(?:https?:)?\/\/|@import|url\(\s*["']?(?!#|data:)/i;
    expect(asks.exec(page)).toBeNull();
    // Namespaces are names, not requests.
    expect(page.replace(/\sxmlns(:\w+)?="[^"]*"/g, '').search(/https?:\/\//)).toBe(-1);
    const has = (text: string) => expect(page.includes(text), `the page says ${text}`).toBe(true);
    has(formatEstimate(json.trace.value, json.trace.standardError).replace(' ± ', ' <span>± '));
    for (const { name } of json.tensors) has(name);
    has('fim estimate');
    has('prefers-color-scheme');
  });
});

describe('streams', () => {
  it('puts data on standard output and words on standard error', async () => {
    const loud = await fim(small('--json', '--estimator', 'exact'), { slow: true });
    expect(loud.code).toBe(0);
    oneObject<EstimateJson>(loud);
    expect(loud.err).toMatch(/100 %/);
    const text = await fim(small('--estimator', 'exact'));
    expect(text.out).toMatch(/^Exact Fisher.*\nmean over examples, sum over outputs\n96 of 96 examples/);
    expect(text.out).not.toMatch(/warning|error:|hint/);
  });

  it('says nothing of a short job and its engine, but with --verbose', async () => {
    expect((await fim(small('--estimator', 'exact'))).err).toBe('');
    const told = await fim(small('--estimator', 'exact', '-v'));
    expect(told.err).toMatch(/^(ONNX Runtime|small engine): .+\n$/);
    const words = [
      'plan',
      model('golden-4-5-3'),
      model('golden-4-5-3', 'data.npz'),
      '--likelihood',
      'categorical',
    ];
    expect((await fim(words)).err).toBe('');
    expect((await fim([...words, '--verbose'])).err).toMatch(/MFLOP/);
  });

  it('says nothing with --quiet, except warnings', async () => {
    expect((await fim(small('--estimator', 'exact', '--quiet'))).err).toBe('');
    const warned = await fim(small('--estimator', 'empirical', '--quiet'));
    expect(warned.err).toMatch(/^(warning: [^\n]+\n)*warning: empirical Fisher[^\n]*\n$/);
  });

  it('writes no escape where nobody watches, and no line wider than the screen', async () => {
    for (const columns of [80, 120]) {
      for (const words of [small('--estimator', 'exact'), ['inspect', model('digits-mlp-tanh')]]) {
        const { out, err } = await fim(words, { columns });
        expect(out + err).not.toContain('\u001b');
        // A file's name is never cut: it is there to be pasted.
        const lines = out.split('\n').filter((line) => !line.includes('model.onnx'));
        for (const line of lines) expect([...line].length, line).toBeLessThanOrEqual(columns);
      }
    }
  });
});

describe('usage', () => {
  it.each([
    [small('--lables', '2'), /has no option --lables\n\nhint: did you mean --labels\?/],
    [small('--estimater', 'exact'), /did you mean --estimator\?/],
    [['estimat', 'm', 'd'], /has no command estimat\n\nhint: did you mean fim estimate\?/],
    [small('--estimator', 'exakt'), /is one of exact.*\n {2}got: {3}exakt\n\nhint: --estimator exact/],
    [small('--level', '95'), /hint: --level 95%/],
    [small('--labels', '0'), /whole number, at least 1/],
    [small('--labels', '2', '--labels', '3'), /may be given once/],
    [small('--estimator', 'exact', '--labels', '2'), /--labels: belongs to --estimator type1/],
    [['estimate', model('golden-4-5-3')], /needs DATA/],
    [estimateOf('golden-4-5-3', 'more', '--likelihood', 'categorical'), /one too many: more/],
    [small('--epochs', '3'), /has no --epochs; it belongs to fim train/],
    [small('--variance', '3'), /--variance: belongs to --likelihood gaussian/],
    [estimateOf('golden-4-5-3', '--likelihood', 'gaussian'), /variance/],
    [estimateOf('golden-4-5-3'), /the Fisher information belongs to a likelihood/],
  ])('%j ends with 2', async (words, says) => {
    const { code, out, err } = await fim(words);
    expect(err).toMatch(says);
    expect([code, out]).toEqual([2, '']);
  });
});
