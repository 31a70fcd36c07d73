import { describe, expect, it } from 'vitest';
import { expectComplaint, fim, fimJson, model } from './fim.js';

const words = (...more: string[]) => [
  ...[
    'estimate',
    model('digits-mlp-tanh'),
    model('digits-mlp-tanh', 'data.npz'),
    '--likelihood',
    'categorical',
  ],
  ...['--estimator', 'exact', ...more],
];

describe('--visits', () => {
  it('JSON says how the examples were chosen, which, and what the interval is expected to cover', async () => {
    const json = await fimJson<{
      visitsHash: string;
      distinctExamples: number;
      trace: { few: boolean; expectedCoverage: number };
      tensors: { trace: { expectedCoverage: number } }[];
    }>(words('--examples', '40', '--visits', 'weighted'));
    expect(json).toMatchObject({ visits: 'weighted', examples: 40, root: null, exactPairs: 0 });
    expect(json.visitsHash).toMatch(/^[0-9a-f]{16}$/);
    expect(json.distinctExamples).toBeLessThanOrEqual(40);
    expect(json.trace.few).toBe(false);
    for (const { trace } of [json, ...json.tensors]) {
      expect(trace.expectedCoverage).toBeGreaterThan(0.5);
      expect(trace.expectedCoverage).toBeLessThanOrEqual(1);
    }
  });

  it('the terminal says how many visits to how many examples, in 80 columns, and marks few', async () => {
    const ran = await fim(words('--examples', '9', '--visits', 'weighted'));
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/9 weighted visits to \d of 128 examples/);
    expect(ran.out).toContain('few examples');
    for (const line of ran.out.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
  });

  it('says on standard error what it chose, and why', async () => {
    const ran = await fim(words('--examples', '40'));
    expect(ran.err).toMatch(/visits (weighted|uniform).*30 weighted visits have [\d.]+ % of the variance/);
  });

  it.each([
    [['--order', 'file'], '--order file'],
    [['--form', 'dense', '--out', 'never.npz'], '--form dense --visits weighted'],
  ])('weighted with %j is refused', async (more, said) => {
    expectComplaint(await fim(words('--examples', '40', '--visits', 'weighted', ...more)), {
      code: 2,
      says: [said, '--visits uniform'],
    });
  });
});
