import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { THEORY_QUICK } from '../rank1-theory/plan.js';
import { type TheoryResult, theoryStudy } from '../rank1-theory/study.js';
import { escapeText, studyFiles } from 'fim/report';
import { madeIn } from '../../test/support/made-in.js';
import { theoryPage } from './rank1-theory.js';
import { claimsOf, VERDICTS } from './rank1-theory-claims.js';

const TINY = {
  ...THEORY_QUICK,
  seeds: [0, 1],
  samples: 256,
  exactUpdates: 32,
  gridSamples: 64,
  dampings: [0.1, 10],
  weights: [0.03],
  tuning: [1000],
  draws: 100,
};

describe('the page of rank1-theory', () => {
  let result: TheoryResult;
  beforeAll(async () => {
    const made = await madeIn(mkdtempSync(join(tmpdir(), 'fim-rank1-')), theoryStudy(TINY));
    if (made === null) throw new Error('interrupted');
    result = made;
  });

  it('gives every claim its source, a measured value and a verdict', () => {
    for (const claim of claimsOf(result)) {
      expect(VERDICTS).toContain(claim.verdict);
      expect(claim.source).not.toBe('');
      expect(claim.measured).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it('shows every claim and problem, and no number that is none', () => {
    const files = studyFiles(theoryPage(result, 'footer'));
    const page = files.get('index.html') ?? '';
    for (const { claim, measured } of claimsOf(result)) {
      expect(page).toContain(escapeText(claim));
      expect(page).toContain(escapeText(measured));
    }
    for (const { title } of result.problems) expect(page).toContain(escapeText(title));
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    expect([...files.keys()]).toContain('equal-effective.svg');
  });

  it('calls nothing held that a run contradicts', () => {
    // Rank-1 made ten times as slow as it was, on every seed alike, at equal nominal step.
    const worse: TheoryResult = {
      ...result,
      problems: result.problems.map((p) => ({
        ...p,
        grid: new Map(
          [...p.grid].map(([arm, lags]) => [
            arm,
            arm.startsWith('smac ') ? lags.map((_, i) => 10 + i / 100) : lags,
          ]),
        ),
      })),
    };
    const [nominal, , effective] = claimsOf(worse);
    expect(nominal.verdict).toBe('did not hold');
    expect(effective.verdict).toBe('held');
    const better: TheoryResult = {
      ...worse,
      problems: worse.problems.map((p) => ({
        ...p,
        grid: new Map(
          [...p.grid].map(([arm, lags]) => [
            arm,
            arm.startsWith('smac')
              ? lags.map((_, i) => 1e-9 * (1 + i / 1e6))
              : lags.map((_, i) => 1 + i / 1e6),
          ]),
        ),
      })),
    };
    expect(claimsOf(better)[2].verdict).toBe('did not hold');
  });
});
