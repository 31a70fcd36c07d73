/** `fim forms`: what it prints against the numbers of its JSON, and those against the exact ones of the same data. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fim, fimJson, model, scratch } from './fim.js';

const { path } = scratch();
const words = (name: string) => [
  'forms',
  model(name),
  model(name, 'data.npz'),
  '--likelihood',
  'categorical',
];

interface Layer {
  readonly name: string;
  readonly parameters: number;
  readonly use: string;
  readonly forms: Readonly<
    Record<
      string,
      {
        error: number;
        standardError: number;
        interval: [number, number];
        numbers: number;
        seconds: number | null;
      }
    >
  >;
}

interface Said {
  readonly examples: number;
  readonly certain: boolean;
  readonly layers: readonly Layer[];
  readonly whole: Layer;
}

describe('fim forms', () => {
  it('layers by forms, as text of 80 columns, as JSON and as a page', async () => {
    const report = path('forms.html');
    const given = [...words('digits-lenet'), '--examples', '40', '--seed', '3'];
    const text = await fim([...given, '--report', report]);
    expect(text.code).toBe(0);
    for (const line of text.out.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
    const { layers, whole } = await fimJson<Said>([...given, '--json']);
    const names = ['conv1.weight', 'conv2.weight', 'fc1.weight', 'fc2.weight'];
    expect(layers.map((l) => l.name)).toEqual(names);
    const page = readFileSync(report, 'utf8');
    for (const { name, forms, use, parameters } of layers) {
      expect(Object.keys(forms)).toEqual(['diagonal', 'unit', 'block', 'kfac', 'kfac-reduce', 'ekfac']);
      expect(forms.diagonal.numbers).toBe(parameters);
      expect(forms.block.numbers).toBe(parameters ** 2);
      expect(forms.block.error).toBe(0);
      // The clock of these tests stands still.
      expect(forms.kfac.seconds).toBeNull();
      const shown = `${forms.kfac.error.toFixed(2)}±${forms.kfac.standardError.toFixed(2)}`;
      const line = text.out.split('\n').find((l) => l.startsWith(name) && l.includes('±'));
      expect(line).toContain(shown);
      expect(line?.endsWith(use)).toBe(true);
      expect(page).toContain(shown);
    }
    const sum = layers.reduce((s, { forms }) => s + forms.ekfac.numbers, 0);
    expect(whole.forms.ekfac.numbers).toBe(sum);
  });

  it('all examples as the population: no error, and estimates from fewer are near', async () => {
    const given = [...words('digits-mlp-tanh'), '--forms', 'diagonal,kfac', '--json'];
    const exact = await fimJson<Said>([...given, '--population', 'data']);
    expect(exact.certain).toBe(true);
    const some = await fimJson<Said>([...given, '--population', 'data', '--examples', '100']);
    for (const [i, { forms }] of exact.layers.entries())
      for (const form of ['diagonal', 'kfac']) {
        expect(forms[form].standardError).toBe(0);
        const { error, standardError } = some.layers[i].forms[form];
        expect(standardError).toBeGreaterThan(0);
        expect(Math.abs(error - forms[form].error)).toBeLessThan(4 * standardError + 0.01);
      }
  });

  it('sampled labels are drawn by the seed, whatever the batch', async () => {
    const given = [...words('digits-mlp-tanh'), '--forms', 'kfac', '--estimator', 'type1', '--json'];
    const of = async (more: string[]) => {
      const { layers } = await fimJson<Said>([...given, ...more, '--dtype', 'float64']);
      return layers.map(({ forms }) => forms.kfac.error);
    };
    const first = await of(['--seed', '5']);
    expect(await of(['--seed', '6'])).not.toEqual(first);
    const again = await of(['--seed', '5', '--batch', '7']);
    again.forEach((error, i) => expect(error).toBeCloseTo(first[i], 12));
  });

  it('says what is no form, and what no form is compared by', async () => {
    const form = await fim([...words('digits-mlp-tanh'), '--forms', 'kfak']);
    expect(form.code).toBe(2);
    expect(form.err).toContain('kfac');
    const estimator = await fim([...words('digits-mlp-tanh'), '--estimator', 'type2']);
    expect(estimator.code).toBe(2);
    expect(estimator.err).toContain('--estimator exact');
  });
});
