import { describe, expect, it } from 'vitest';
import { normalisedScore } from '../../rl/scores.js';
import {
  aggregate,
  IQM,
  MEAN,
  pairedDifference,
  probabilityOfImprovement,
  studentInterval,
} from '../../stats/aggregate/index.js';
import { acrossOf, unpairedText } from './across.js';
import { cellsOf } from './cells.js';
import { compareCsv, curvesCsv, profilesCsv } from './csv.js';
import { learningOf } from './learning.js';
import { madeUp } from './made-up.fixture.js';
import { compareFiles } from './page.js';
import { compareSummary } from './summary.js';
import { compareText } from './text.js';
import type { CompareReport, RunSummary } from './types.js';
import { warningsOf } from './warnings.js';
import { brackets, plain, pText, withInterval } from './words.js';

const report = madeUp(5, ['ppo', 'acktr', 'npg', 'smac']);
const cells = cellsOf(report);
const across = acrossOf(report, cells);
const cell = (algorithm: string, environment: string) => {
  const found = cells.find((c) => c.algorithm === algorithm && c.environment === environment);
  if (!found) throw new Error('no such cell');
  return found;
};
const scores = (algorithm: string, environment: string): number[] =>
  cell(algorithm, environment).scores.map((s) => s.score);

describe('cells', () => {
  it("have the mean with Student's t, and what must be known of their runs", () => {
    const ppo = cell('ppo', 'Hopper-v5');
    const [low, high] = studentInterval(scores('ppo', 'Hopper-v5'));
    expect(ppo.mean?.interval).toMatchObject({ low, high, method: 'student' });
    expect(ppo.flags).toEqual([]);
    expect(cell('npg', 'HalfCheetah-v5').flags).toEqual(['1 missing', 'few seeds']);
    expect(cell('acktr', 'Hopper-v5').flags).toEqual(['1 diverged']);
    expect(cell('acktr', 'Hopper-v5').scores).toHaveLength(5);
  });

  it('of one or two seeds have a value and no interval; of none neither', () => {
    const two = cellsOf(madeUp(2, ['ppo']))[0];
    expect(two.mean?.value).toBeCloseTo((two.scores[0].score + two.scores[1].score) / 2, 10);
    expect(two.mean?.interval).toBeNull();
    expect(two.flags).toEqual(['too few seeds']);
    const runs = report.runs.slice(0, 1).map((r): RunSummary => ({ ...r, evaluation: null }));
    expect(cellsOf({ ...report, runs })[0]).toMatchObject({
      mean: null,
      flags: ['1 without evaluation', 'too few seeds'],
    });
  });

  it('a seed that stands twice is refused', () => {
    expect(() => cellsOf({ ...report, runs: [...report.runs, report.runs[0]] })).toThrow('one run of a seed');
  });
});

describe('over environments', () => {
  it('are the statistics of normalised scores', () => {
    expect(across.environments).toHaveLength(4);
    const smac = across.arms.find((a) => a.algorithm === 'smac');
    const own = across.environments.map((e) => scores('smac', e).map((s) => normalisedScore(e, s)));
    expect(smac?.iqm).toEqual(aggregate(own, IQM));
    expect(smac?.mean).toEqual(aggregate(own, MEAN));
  });

  it('leave out an algorithm that lacks an environment, and say so', () => {
    const less = {
      ...report,
      runs: report.runs.filter((r) => r.algorithm !== 'smac' || r.environment !== 'Hopper-v5'),
    };
    const own = cellsOf(less);
    const without = acrossOf(less, own);
    expect(without.arms.map((a) => a.algorithm)).toEqual(['ppo', 'acktr', 'npg']);
    expect(without.incomplete).toEqual([{ algorithm: 'smac', environments: ['Hopper-v5'] }]);
    expect(warningsOf(less, own, without).join()).toContain('smac is left out over environments');
    expect(without.improvements.find((i) => i.better === 'smac')?.aggregate.environments).toBe(3);
  });

  it('improvement compares with the reference arm on raw returns, or all pairs', () => {
    expect(across.improvements.map((i) => [i.better, i.than])).toEqual([
      ['acktr', 'ppo'],
      ['npg', 'ppo'],
      ['smac', 'ppo'],
    ]);
    const of = (algorithm: string) => across.environments.map((e) => scores(algorithm, e));
    expect(across.improvements[0].aggregate.value).toBeCloseTo(
      probabilityOfImprovement(of('acktr'), of('ppo')),
      14,
    );
    const { reference: _, ...rest } = report;
    expect(acrossOf(rest, cells).improvements).toHaveLength(6);
  });

  it('pairs by seed only within a group that shares its beginnings', () => {
    expect(new Set(across.paired.map((row) => row.x))).toEqual(new Set(['npg', 'smac']));
    expect(across.paired).toHaveLength(8);
    const row = across.paired.find((r) => r.x === 'smac' && r.environment === 'Pendulum-v1');
    const [x, y] = ['smac', 'ppo'].map((a) => cell(a, 'Pendulum-v1').scores);
    expect(row?.difference).toEqual(pairedDifference(x, y, { shared: true }));
    for (const r of across.paired) expect(r.holm).toBeGreaterThanOrEqual(r.difference.p);
    const smallest = Math.min(...across.paired.map((r) => r.difference.p));
    expect(Math.min(...across.paired.map((r) => r.holm))).toBeCloseTo(8 * smallest, 14);
    const missing = across.paired.find((r) => r.x === 'npg' && r.environment === 'HalfCheetah-v5');
    expect(missing?.difference.seeds).toEqual([0, 1, 3, 4]);
  });
});

describe('what cannot be tested or scored', () => {
  it('says which pairs have no test by seed, and why; a page and JSON too', () => {
    expect(across.unpaired).toEqual([['acktr', 'ppo']]);
    expect(compareText(report)).toContain('No test by seed for acktr and ppo: their settings differ');
    expect(compareFiles(report).get('index.html')).toContain('No test by seed for acktr and ppo');
    expect(compareSummary(report).unpaired).toEqual([['acktr', 'ppo']]);
    expect(unpairedText({ ...across, unpaired: [] })).toBeNull();
  });

  it('gives no p-value where all differences are equal, and corrects the others as if it were not there', () => {
    const runs = report.runs.map((r): RunSummary => {
      const twin = report.runs.find(
        (o) => o.algorithm === 'ppo' && o.environment === r.environment && o.seed === r.seed,
      );
      if (r.algorithm !== 'smac' || r.environment !== 'CartPole-v1' || !twin?.evaluation) return r;
      return { ...r, evaluation: { ...twin.evaluation, mean: (twin.evaluation.mean as number) - 64 } };
    });
    // Whole numbers, so that differences are equal to the last bit.
    const rounded = runs.map((r) =>
      r.evaluation
        ? { ...r, evaluation: { ...r.evaluation, mean: Math.round(r.evaluation.mean as number) } }
        : r,
    );
    const made: CompareReport = { ...report, runs: rounded };
    const found = acrossOf(made, cellsOf(made));
    const equal = found.paired.find((r) => r.x === 'smac' && r.environment === 'CartPole-v1');
    expect([equal?.difference.p, equal?.holm]).toEqual([NaN, NaN]);
    const others = found.paired.filter((r) => r !== equal);
    const smallest = Math.min(...others.map((r) => r.difference.p));
    expect(Math.min(...others.map((r) => r.holm))).toBeCloseTo(Math.min(1, 7 * smallest), 14);
    expect(compareText(made)).toContain(
      'smac − ppo = −64.0 in every one of 5 seeds: without spread there is no test',
    );
    expect(compareFiles(made).get('index.html')).toContain('all differences equal: no test');
  });

  it('names diverged runs without a score apart, and episodes that evaluation cut', () => {
    const runs = report.runs.map((r, i): RunSummary => {
      if (r.status === 'diverged')
        return { ...r, evaluation: { mean: null, standardError: null, episodes: 0 } };
      return i === 0 ? { ...r, cut: 20 } : r;
    });
    const made = { ...report, runs };
    const own = cellsOf(made);
    const said = warningsOf(made, own, acrossOf(made, own)).join('\n');
    expect(said).toContain('Diverged, and without a score');
    expect(said).not.toContain('scored with the last good parameters');
    expect(said).toMatch(/Evaluation cut episodes at .* ppo in CartPole-v1/);
    expect(own[0].flags).toContain('episodes cut');
  });

  it('writes the profiles that are drawn as numbers', () => {
    const [head, ...lines] = profilesCsv(report).trim().split('\n');
    expect(head).toBe('algorithm,threshold,fraction,low,high');
    const arms = compareSummary(report).normalised;
    expect(lines).toHaveLength(arms.reduce((n, a) => n + a.profile.thresholds.length, 0));
    const [arm, threshold, fraction, low, high] = lines[40].split(',');
    const { profile } = arms.find((a) => a.algorithm === arm) as (typeof arms)[number];
    const k = profile.thresholds.indexOf(Number(threshold));
    expect([Number(fraction), Number(low), Number(high)]).toEqual([
      profile.fraction[k],
      profile.low[k],
      profile.high[k],
    ]);
  });
});

describe('learning curves', () => {
  it('a diverged run keeps its last return to the end', () => {
    const { curves, statistic } = learningOf('Hopper-v5', cells);
    expect(statistic).toBe('mean');
    const last = curves.find((c) => c.algorithm === 'acktr')?.points.at(-1);
    expect(last?.x).toBeGreaterThan(900_000);
    const { runs } = cell('acktr', 'Hopper-v5');
    const kept = runs[1].curve.return.at(-1) as number;
    const shortest = Math.min(...runs.filter((_, i) => i !== 1).map((r) => r.curve.steps.at(-1) as number));
    expect(last?.x).toBe(shortest);
    const lowest = Math.min(...runs.map((r) => r.curve.return.at(-1) as number));
    expect(kept).toBeGreaterThanOrEqual(lowest);
    expect(last?.low).toBeLessThan(last?.y as number);
  });

  it('are IQM with a bootstrap from ten seeds on, without bands under three', () => {
    const ten = learningOf('CartPole-v1', cellsOf(madeUp(10, ['ppo'])));
    expect(ten.statistic).toBe('IQM');
    expect(ten.coverage?.coverage).toBeGreaterThan(0.85);
    const two = learningOf('CartPole-v1', cellsOf(madeUp(2, ['ppo'])));
    expect(two.curves[0].points.every((p) => p.low === undefined)).toBe(true);
  });
});

describe('page, table and text', () => {
  const hostile: CompareReport = { ...report, title: 'a <b> & "c"', notes: ['<script>alert(1)</script>'] };
  const files = compareFiles(hostile);
  const page = files.get('index.html') as string;

  it('is one file without scripts or requests, and escapes what it is given', () => {
    expect(page).toContain('<h1>a &lt;b&gt; &amp; &quot;c&quot;</h1>');
    expect(page).not.toMatch(/<script|<link|<img|https?:\/\/(?!www\.w3\.org)/);
    expect(page).not.toMatch(/NaN(?! at step)|undefined|Infinity|\[object/);
  });

  it('has its sections, figures and warnings', () => {
    for (const id of ['evaluation', 'normalised', 'improvement', 'curves', 'cost', 'steps', 'settings'])
      expect(page).toContain(`<section id="${id}"`);
    expect([...files.keys()].sort()).toEqual(
      [
        'aggregate.svg',
        ...across.environments.map((e) => `curves-${e}.svg`),
        'improvement.svg',
        'index.html',
        'profiles.svg',
      ].sort(),
    );
    expect(page).toContain('acktr in Hopper-v5, seed 1 (NaN at step 400 000)');
    expect(page).toContain('|score|²/λ');
    expect(page).toContain('all 8 comparisons');
  });

  it('a comparison that has hardly begun still renders', () => {
    const { reference: _, ...rest } = report;
    const begun = { ...rest, runs: report.runs.slice(0, 1) };
    expect(compareFiles(begun).get('index.html')).toContain('No algorithm has three scored runs');
    expect(compareText(begun)).toContain('warning: Fewer than three seeds');
    expect(compareFiles({ title: 'none', runs: [] }).get('index.html')).toContain('none');
  });

  it('the table keeps every digit and quotes what it must', () => {
    const run = { ...report.runs[0], reason: 'a, "b"' };
    const [head, row, end] = compareCsv({ ...report, runs: [run] }).split('\n');
    expect(end).toBe('');
    const at = (name: string): number => head.split(',').indexOf(name);
    expect(row).toContain('"a, ""b"""');
    const plainRow = compareCsv({ ...report, runs: [report.runs[0]] })
      .split('\n')[1]
      .split(',');
    const evaluation = report.runs[0].evaluation?.mean as number;
    expect(Number(plainRow[at('evaluation_mean')])).toBe(evaluation);
    expect(Number(plainRow[at('score')])).toBe(normalisedScore('CartPole-v1', evaluation));
    expect(curvesCsv({ ...report, runs: [run] }).split('\n')).toHaveLength(82);
  });

  it('the text has a line for every cell and none that trails', () => {
    const text = compareText(report);
    expect(text).toMatch(/^CartPole-v1 +mean, 95 % +IQM +seeds$/m);
    expect(text.match(/^smac /gm)).toHaveLength(5);
    expect(text).not.toMatch(/ $/m);
    expect(text).toContain('of 8 differences');
  });
});

describe('numbers in words', () => {
  it('show the interval to two digits and no power of ten', () => {
    const of = (value: number, low: number, high: number, method: 'student' | 'bootstrap') =>
      withInterval({ value, interval: { low, high, method, coverage: null } });
    expect(of(5819.3, 5155, 6483.6, 'student')).toBe('5819 ± 664');
    expect(of(-0.004, -0.054, 0.046, 'student')).toBe('−0.004 ± 0.050');
    expect(of(482.4, 470.2, 491, 'bootstrap')).toBe('482 [470, 491]');
    expect(of(500, 500, 500, 'student')).toBe('500.00 ± 0.00');
    expect(brackets(-3.26, 4)).toBe('[−3.3, 4.0]');
    expect([plain(null), plain(1783.2), plain(-0.04)]).toEqual(['–', '1783', '−0.040']);
    expect([pText(0.00002), pText(0.0123), pText(0.5)]).toEqual(['<\u00a00.0001', '0.0123', '0.50']);
  });
});
