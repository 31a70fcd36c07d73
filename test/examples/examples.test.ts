/** Every example runs, and what it exports is what is known of it; its picture and the gallery page are the committed ones. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXAMPLES, type ExampleName, galleryPage, readExample, ROOT, takeApart } from './gallery.js';

const WRITE = process.env.GALLERY === 'write';
const pictureFile = (name: ExampleName) => new URL(`docs/gallery/${name}.svg`, ROOT);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((s, v) => s + v, 0) / values.length;
const relative = (got: number, wanted: number) => Math.abs(got / wanted - 1);

/** The picture of an example against the committed one. */
function checkPicture(name: ExampleName, picture: { toString(): string }): void {
  if (WRITE) {
    mkdirSync(new URL('.', pictureFile(name)), { recursive: true });
    writeFileSync(pictureFile(name), `${picture.toString()}\n`);
  }
  const [now, then] = [
    takeApart(`${picture.toString()}\n`),
    takeApart(readFileSync(pictureFile(name), 'utf8')),
  ];
  expect(now.words).toBe(then.words);
  now.numbers.forEach((v, i) => expect(Math.abs(v - then.numbers[i])).toBeLessThan(1 + 0.02 * Math.abs(v)));
}

describe('examples', () => {
  it('estimate: a linear model has the Fisher E x²/σ²', async () => {
    const { fisher, n, picture, variance, x } = await import('../../examples/estimate.js');
    const squares = [0, 1, 2].map((j) => mean(Array.from({ length: n }, (_, i) => x[i * 3 + j] ** 2)));
    const [weight, bias] = fisher.tensors;
    weight.fisher.forEach((f, i) => expect(f).toBeCloseTo(squares[i % 3] / variance, 9));
    bias.fisher.forEach((f) => expect(f).toBeCloseTo(1 / variance, 9));
    expect(fisher.trace.labelError).toBe(0);
    checkPicture('estimate', picture);
  });

  it('from-onnx: the layers add up to the trace', async () => {
    const { fisher, judged, picture } = await import('../../examples/from-onnx.js');
    const sum = fisher.layers.reduce((s, { trace }) => s + trace.value, 0);
    expect(relative(sum, fisher.trace.value)).toBeLessThan(1e-9);
    expect(judged.filter((one) => one.counted).length).toBe(fisher.tensors.length);
    checkPicture('from-onnx', picture);
  });

  it('four-estimators: three agree within their errors, and one is another matrix', async () => {
    const { picture, traces } = await import('../../examples/four-estimators.js');
    const [exact, signs, type1, empirical] = ['exact', 'rademacher', 'type1', 'empirical'].map((name) =>
      traces.get(name as 'exact')!,
    );
    for (const drawn of [signs, type1])
      expect(Math.abs(drawn.value - exact.value)).toBeLessThan(4 * drawn.labelError!);
    expect(exact.labelError).toBe(0);
    expect(signs.labelError!).toBeLessThan(type1.labelError!);
    expect(empirical.value).toBeGreaterThan(3 * exact.value);
    checkPicture('four-estimators', picture);
  });

  it('some-parameters: a subset has the numbers it has in the whole', async () => {
    const { last, whole } = await import('../../examples/some-parameters.js');
    const same = whole.tensors.find(({ name }) => name === 'fc2.weight')!;
    expect(last.tensors.map(({ name }) => name)).toEqual(['fc2.weight']);
    expect(relative(last.trace.value, same.trace.value)).toBeLessThan(1e-12);
    expect(last.trace.value).toBeLessThan(whole.trace.value);
  });

  it('example-weights: weights of 0 and 1 are a selection', async () => {
    const { alone, everySecond, rising } = await import('../../examples/example-weights.js');
    expect(relative(everySecond.trace.value, alone.trace.value)).toBeLessThan(1e-9);
    expect(everySecond.effectiveExamples).toBeCloseTo(60, 9);
    // (Σ i)²/Σ i² over 1 … n is 3n(n + 1)/(2(2n + 1)).
    expect(rising.effectiveExamples).toBeCloseTo((3 * 120 * 121) / (2 * 241), 9);
  });

  it('dense: the trace of the matrix is that of the diagonal, and its rank is at most n(T − 1)', async () => {
    const { P, diagonal, eigenvalues, fisher, largest, picture } = await import('../../examples/dense.js');
    const trace = Array.from({ length: P }, (_, i) => fisher[i * P + i]).reduce((s, v) => s + v, 0);
    expect(relative(trace, diagonal.trace.value)).toBeLessThan(1e-9);
    // By design to about a per cent, and from below.
    expect(relative(largest, eigenvalues[0])).toBeLessThan(0.01);
    expect(largest).toBeLessThanOrEqual(eigenvalues[0] * (1 + 1e-9));
    expect(eigenvalues[8]).toBeLessThan(1e-9 * largest);
    expect(
      relative(
        eigenvalues.slice(0, 8).reduce((s, v) => s + v, 0),
        trace,
      ),
    ).toBeLessThan(1e-6);
    checkPicture('dense', picture);
  });

  it('natural-gradient: the step solves the damped system', async () => {
    const { picture, steps } = await import('../../examples/natural-gradient.js');
    for (const { left } of steps) expect(left).toBeLessThan(1e-9);
    for (let i = 1; i < steps.length; i++) expect(steps[i].cosine).toBeGreaterThan(steps[i - 1].cosine);
    expect(steps.at(-1)!.cosine).toBeGreaterThan(0.99);
    checkPicture('natural-gradient', picture);
  });

  it('policy: returns rise, and the Fisher is finite and positive', async () => {
    const { fisher, lengths, picture } = await import('../../examples/policy.js');
    expect(lengths.at(-1)!.y).toBeGreaterThan(2 * lengths[0].y);
    expect(fisher.trace.value).toBeGreaterThan(0);
    expect(fisher.trace.standardError!).toBeLessThan(fisher.trace.value);
    expect(String(picture)).toContain('environment steps');
    checkPicture('policy', picture);
  });

  it('own-likelihood: a spin at h is a coin at 2h', async () => {
    const { coins, drawn, spins } = await import('../../examples/own-likelihood.js');
    spins.tensors.forEach(({ fisher }, i) =>
      fisher.forEach((f, j) => expect(relative(f, 4 * coins.tensors[i].fisher[j])).toBeLessThan(1e-9)),
    );
    expect(Math.abs(drawn.trace.value - spins.trace.value)).toBeLessThan(4 * drawn.trace.labelError!);
  });
});

describe('gallery', () => {
  it('is made of all examples, each of 20 to 70 lines with a title and what to see', () => {
    const files = readdirSync(new URL('examples/', ROOT)).map((file) => file.replace(/\.ts$/, ''));
    expect(files.sort()).toEqual([...EXAMPLES].sort());
    for (const name of EXAMPLES) {
      const { code, text, title } = readExample(name);
      expect(title.length * text.length).toBeGreaterThan(0);
      expect(code.split('\n').length).toBeGreaterThan(10);
      expect(code.split('\n').length).toBeLessThan(70);
    }
  });

  it('page is what the examples say', () => {
    const pictured = new Set(
      EXAMPLES.filter((name) => readExample(name).code.includes('export const picture')),
    );
    const page = new URL('docs/gallery.md', ROOT);
    if (WRITE) writeFileSync(page, galleryPage(pictured));
    expect(readFileSync(page, 'utf8')).toBe(galleryPage(pictured));
  });
});
