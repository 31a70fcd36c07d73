import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Drawn,
  coverageOf,
  type FigureCases,
  REPEATS,
  type Source,
} from '../../test/fisher/coverage.js';
import { figureCases } from '../../test/fisher/figure-cases.js';
import { type Fixture, fixture, type FixtureName } from '../../test/fisher/fixtures.js';
import { tensor, toFloat64 } from '../core/tensor.js';
import { withWeights } from '../model/network.js';
import { type CoverageCase, expectedCoverage, judgeCoverage } from '../stats/index.js';

/** What is asked of each network, of the trace and of layers, or of `every` tensor too. */
const ASKED: { name: FixtureName; asked: [Drawn, Source, number][]; every?: true }[] = [
  {
    name: 'digits-mlp-sigmoid-small',
    asked: [
      ['exact', 'closed-form', 1],
      ['type1', 'closed-form', 1],
      ['type1', 'sampled', 2],
      ['rademacher', 'closed-form', 1],
      ['rademacher', 'sampled', 2],
    ],
    every: true,
  },
  { name: 'digits-mlp-tanh', asked: [['exact', 'closed-form', 1]] },
  {
    name: 'digits-multilabel',
    asked: [
      ['exact', 'closed-form', 1],
      ['type1', 'closed-form', 1],
      ['rademacher', 'closed-form', 1],
    ],
  },
  {
    name: 'diabetes-regression',
    asked: [
      ['exact', 'closed-form', 1],
      ['type1', 'closed-form', 1],
    ],
  },
];

const percent = (c: CoverageCase) =>
  `${c.name}: g ${c.skewness.toFixed(3)}, ${(100 * c.covered) / c.repeats} %`;

// Lets the test runner hear from this process between long sums.
beforeEach(() => setImmediate());

describe.each(ASKED)(
  'intervals at level 0.95, 2,000 estimates from 5,000 inputs: $name',
  ({ name, asked, every }) => {
    let cases: Promise<{ labels: FigureCases; signs: FigureCases }> | null = null;

    it.each(asked)('%s, %s errors, %d draws', async (estimator, source, K) => {
      cases ??= figureCases(fixture(name));
      const { labels, signs } = await cases;
      const law = estimator === 'rademacher' ? signs : labels;
      const figures = every ? law.figures : law.figures.filter((f) => !f.name.startsWith('tensor'));
      const all = { ...law, figures };
      const measured = coverageOf(`${name}/${estimator}/${source}`, all, estimator, source, K);
      const verdict = judgeCoverage(measured);
      const table = measured.map(percent).join('\n');
      expect(verdict.failed.map(percent), table).toEqual([]);
      expect(Math.abs(verdict.average - 0.95), table).toBeLessThanOrEqual(0.007);
      expect(verdict.qualifyingShare).toBeGreaterThanOrEqual(0.5);
      expect(verdict.passed).toBe(true);
      // Nothing here is too skewed to be asked.
      expect(verdict.listed.map(percent)).toEqual([]);
    });
  },
);

describe('a network made confident', () => {
  it('has intervals that cover where symmetric ones would not, as the skewness says', async () => {
    const { labels } = await figureCases(certain(fixture('digits-mlp-sigmoid-small'), 16));
    const trace = { ...labels, figures: labels.figures.filter((f) => f.name === 'total total') };
    const [measured] = coverageOf('confident', trace, 'type1', 'sampled', 2);
    expect(judgeCoverage([measured])).toMatchObject({ tested: [], listed: [measured] });
    // About 95 − 25g² for value ± z·SE, to second order.
    expect(expectedCoverage(measured.skewness)).toBeLessThan(0.94);
    // By Hall's rule, on 2,000 repeats: within four standard errors.
    expect(Math.abs(measured.covered / REPEATS - 0.95)).toBeLessThan(4 * Math.sqrt((0.95 * 0.05) / REPEATS));
  });
});

/** The network with the first class favoured by so many nats: few labels are another, and they carry the Fisher. */
function certain(of: Fixture, nats: number): Fixture {
  const bias = toFloat64(of.network.weights.get('fc3.bias')!).map((v, c) => (c === 0 ? v + nats : v));
  const weights = new Map([['fc3.bias', tensor('float64', [bias.length], bias)]]);
  return { ...of, network: withWeights(of.network, weights) };
}
