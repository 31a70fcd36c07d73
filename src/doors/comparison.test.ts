import { mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Comparison } from '../store/training/grid.js';
import { runComparison, scoresOf } from './comparison.js';

const COMPARISON: Comparison = {
  title: 'Two on a cart',
  arms: (['a2c', 'ppo'] as const).map((name) => ({ name, algorithm: name, set: {}, environments: {} })),
  environments: [{ id: 'CartPole-v1', steps: 600, set: { hidden: [8] } }],
  seeds: [0, 1],
};

it('runs a comparison, writes its report, repeats nothing, and gives its scores', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fim-comparison-'));
  const shares: number[] = [];
  const said: string[] = [];
  const options = { workers: 2, version: '1.2.3', command: 'made by hand' };
  const { signal } = new AbortController();
  const first = await runComparison(COMPARISON, folder, {
    ...options,
    signal,
    say: (line) => said.push(line),
    onProgress: (share) => shares.push(share),
  });
  expect(first).toMatchObject({ finished: true, failures: [] });
  expect(first.text).toContain('CartPole-v1');
  expect(said[0]).toContain('= 4 runs');
  expect(shares.at(-1)).toBeCloseTo(1, 12);
  expect(readdirSync(folder)).toEqual(
    expect.arrayContaining(['index.html', 'runs.csv', 'curves.csv', 'profiles.csv', 'summary.json']),
  );
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain('made by hand');

  const rows = readFileSync(join(folder, 'runs.csv'), 'utf8').trim().split('\n').slice(1);
  const scores = scoresOf(COMPARISON, folder);
  expect(scores).toHaveLength(4);
  for (const { arm, environment, seed, score, diverged } of scores) {
    expect(diverged).toBe(false);
    expect(
      rows.some((row) => row.startsWith(`${environment},${arm},${seed},done,`) && row.includes(`,${score},`)),
    ).toBe(true);
  }

  const policy = join(folder, 'runs', 'ppo', 'CartPole-v1', '1', 'policy.onnx');
  const before = statSync(policy).mtimeMs;
  const again = await runComparison(COMPARISON, folder, { ...options, signal });
  expect(again).toEqual(first);
  expect(statSync(policy).mtimeMs).toBe(before);

  const abort = new AbortController();
  abort.abort();
  const more = { ...COMPARISON, seeds: [0, 1, 2] };
  const stopped = await runComparison(more, folder, { ...options, signal: abort.signal });
  expect(stopped).toMatchObject({ finished: false, failures: [] });
  expect(scoresOf(more, folder).filter(({ score }) => score === -Infinity)).toHaveLength(2);
});
