/** --target-error: two stages; reached within what a pilot can know, or said to be out of reach with what it would take. */
import { describe, expect, it } from 'vitest';
import {
  type EstimateJson,
  expectComplaint,
  fim,
  fimJson,
  model,
  oneObject,
  scratch,
  wave,
  writeNpz,
} from './fim.js';

const { path, files } = scratch();
const MODEL = model('digits-mlp-sigmoid-small');
/** Enough smooth inputs for the network of eight. */
const data = () => writeNpz(path('many.npz'), { x: wave(4000, 8) });
const words = (target: string, ...more: string[]) => [
  ...['estimate', MODEL, data(), '--likelihood', 'categorical', '--target-error', target, ...more],
];

describe('--target-error', () => {
  it.each([
    ['exact', '4%', []],
    ['type1', '8%', ['--estimator', 'type1']],
    ['rademacher', '5%', ['--estimator', 'rademacher', '--labels', '2']],
    ['finite population', '1%', ['--estimator', 'rademacher', '--population', 'data']],
  ])('%s: %s is reached', async (_, target, more) => {
    const json = await fimJson(words(target, ...more));
    const reached = (json.trace.standardError as number) / json.trace.value;
    const asked = Number(target.replace('%', '')) / 100;
    // A pilot of 200 knows a variance to about √(2/200); 10 % is allowed for beforehand.
    expect(reached).toBeLessThan(asked * 1.15);
    expect(json.examples).toBeGreaterThan(20);
    expect(json.examples).toBeLessThanOrEqual(4000);
  });

  it('takes more examples for a smaller error, and says what the pilot found', async () => {
    const exact = ['--estimator', 'exact', '--visits', 'uniform', '--json'];
    const coarse = await fim(words('8%', ...exact));
    const fine = await fim(words('4%', ...exact));
    const count = (out: string) => (JSON.parse(out) as { examples: number }).examples;
    expect(count(fine.out) / count(coarse.out)).toBeCloseTo(4, 1);
    expect(fine.err).toMatch(/pilot of 200 examples: 4 % takes \d+ examples/);
  });

  it('out of reach: what it would take and the estimate that the data allow, exit code 1, no files', async () => {
    const ran = await fim(
      words('0.1%', '--out', path('never.npz'), '--report', path('never.html'), '--json'),
    );
    const { examples, trace } = oneObject<EstimateJson>(ran);
    const plain = await fimJson(words('0.1%').slice(0, -2));
    expect([examples, trace]).toEqual([4000, plain.trace]);
    const reached = Number((100 * ((trace.standardError as number) / trace.value)).toPrecision(2));
    expectComplaint(
      { ...ran, out: '' },
      {
        code: 1,
        says: [
          '--target-error 0.1 %',
          `which reach ${reached} %`,
          /takes about \d+ examples/,
          '4000 examples, which reach',
          '--population data',
        ],
      },
    );
    expect(files().filter((f) => f.startsWith('never'))).toEqual([]);
  });

  it.each([['type1'], ['rademacher']])('%s out of reach: not at the cap of the draws', async (estimator) => {
    const ran = await fim(words('0.5%', '--estimator', estimator, '--json'));
    const { examples, labels, trace } = oneObject<EstimateJson>(ran);
    expect(ran.code).toBe(1);
    expect(examples).toBe(4000);
    expect(labels).toBeLessThan(256);
    expect(trace.value).toBeGreaterThan(0);
    expect(ran.err).not.toContain('4096');
    const [, need] = /takes about (\d+) examples/.exec(ran.err) ?? [];
    expect(Number(need)).toBeGreaterThan(4000);
  });

  it('a finite population out of reach: the draws that it takes reach it', async () => {
    const more = ['--estimator', 'type1', '--population', 'data'];
    const ran = await fim(words('3%', ...more, '--labels', '1', '--json'));
    const [, examples, labels] = /takes about (\d+) examples with (\d+) draws? each/.exec(ran.err) ?? [];
    expect(ran.code).toBe(1);
    expect(Number(examples)).toBeLessThanOrEqual(4000);
    expect(Number(labels)).toBeGreaterThan(1);
    const json = await fimJson(words('3%', ...more, '--labels', labels));
    expect((json.trace.standardError as number) / json.trace.value).toBeLessThan(0.03 * 1.15);
  });

  it('one example: its spread is unknown, and that is said', async () => {
    const ran = await fim(words('2%', '--examples', '1', '--json'));
    expect(oneObject<EstimateJson>(ran)).toMatchObject({ examples: 1, trace: { standardError: null } });
    expectComplaint(
      { ...ran, out: '' },
      {
        code: 1,
        says: ['a pilot of at least 2 examples', '1 example'],
      },
    );
  });
});
