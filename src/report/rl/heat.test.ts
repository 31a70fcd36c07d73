import { describe, expect, it } from 'vitest';
import { cellsOf } from './cells.js';
import { heatRow, heatTable, twinsOf } from './heat.js';
import { madeUp } from './made-up.fixture.js';
import { compareHtml } from './page.js';
import type { CompareReport, RunSummary } from './types.js';

/** Runs of `scores` by algorithm in one environment, a seed each; curves of their own unless `curve` says. */
function reportOf(
  scores: Readonly<Record<string, readonly number[]>>,
  curve = (a: string) => [a.length, 1],
): CompareReport {
  const runs = Object.entries(scores).flatMap(([algorithm, values]) =>
    values.map((mean, seed): RunSummary => ({
      ...madeUp(1, ['ppo']).runs[0],
      ...{ algorithm, environment: 'E', seed },
      curve: { steps: [1, 2], return: curve(algorithm) },
      evaluation: { mean, standardError: 1, episodes: 20 },
    })),
  );
  return { title: 'T', runs };
}
const rowOf = (report: CompareReport) => heatRow(cellsOf(report));

describe('a row of heat', () => {
  it('has the best in full, the worst not at all, and marks what the intervals do not tell apart', () => {
    // Student's half widths with three seeds: 4.303 · sd/√3.
    const row = rowOf(reportOf({ best: [99, 100, 101], near: [95, 97, 99], far: [0, 1, 2] }));
    expect(row.map((c) => c.best)).toEqual([true, false, false]);
    // 3 ≤ √(2.48² + 4.97²) = 5.55, and 99 is not.
    expect(row.map((c) => c.near)).toEqual([false, true, false]);
    expect(row[0].heat).toBe(1);
    expect(row[1].heat).toBeCloseTo(96 / 99, 12);
    expect(row[2].heat).toBe(0);
  });

  it('marks by the error and not by the distance alone', () => {
    const tight = { best: [99.9, 100, 100.1], other: [96.9, 97, 97.1] };
    expect(rowOf(reportOf(tight))[1].near).toBe(false);
    // Two seeds have no interval, so nothing is told apart.
    expect(rowOf(reportOf({ best: [100, 100], other: [0, 0] }))[1].near).toBe(true);
  });

  it('has no shade where all are alike, and a dash where no run has a score', () => {
    const alike = rowOf(reportOf({ a: [5, 5, 5], b: [5, 5, 5] }));
    expect(alike).toMatchObject([
      { heat: 0, best: true },
      { heat: 0, best: true },
    ]);
    expect(heatRow([null, ...cellsOf(reportOf({ a: [1, 2, 3] }))])[0]).toEqual({
      text: '–',
      heat: 0,
      best: false,
      near: false,
    });
  });
});

describe('the table of heat', () => {
  it('leads the section of the evaluation, and the long table is folded behind it', () => {
    const page = compareHtml(madeUp());
    const [heat, fold] = ['<div class="scroll heat">', '<details><summary>Every cell'].map((s) =>
      page.indexOf(s),
    );
    expect(heat).toBeGreaterThan(page.indexOf('id="evaluation"'));
    expect(fold).toBeGreaterThan(heat);
    expect(page.slice(heat, fold).match(/<strong>/g)).toHaveLength(4);
    expect(page.slice(heat, fold)).toContain('--heat:38');
  });

  it('is left out for one algorithm, and escapes names', () => {
    const one = madeUp(3, ['ppo']);
    expect(heatTable(one, cellsOf(one))).toBeNull();
    const named = reportOf({ '<b>': [1, 2, 3], c: [1, 2, 4] });
    expect(heatTable(named, cellsOf(named))?.text).toContain('&lt;b&gt;');
  });
});

describe('twins', () => {
  it('are algorithms whose curves are the same number by number', () => {
    const scores = { aa: [1, 2, 3], bb: [1, 2, 3], ccc: [1, 2, 3] };
    const report = reportOf(scores);
    expect(twinsOf(report, cellsOf(report))).toEqual([
      'aa and bb are the same runs in E, number by number: their settings coincide there.',
    ]);
    const none = reportOf(scores, (a) => [a.charCodeAt(0), 1]);
    expect(twinsOf(none, cellsOf(none))).toEqual([]);
  });
});
