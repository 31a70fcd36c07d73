/** A small study made for this: what fails is given up and tried again, what is of another study is refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTasks, type TaskRun } from 'fim/scale';
import { afterAll, expect, it } from 'vitest';
import { madeIn } from '../../test/support/made-in.js';
import type { CutStudy, Piece } from './piece.js';
import { performerOf } from './work.js';

const root = mkdtempSync(join(tmpdir(), 'fim-study-work-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Small = Pick<CutStudy<number[]>, 'settings' | 'pieces' | 'assemble'>;

/** Squares; `run` may say something else of one. */
function small(numbers: readonly number[], run?: (n: number) => number): Small {
  const pieces = numbers.map((n): Piece<number> => ({
    key: `square of ${n}`,
    seconds: n,
    run: () => Promise.resolve(n).then(run ?? ((one) => one * one)),
  }));
  return { settings: { study: 'squares' }, pieces, assemble: (results) => results.of(pieces) };
}

const claimsOf = (folder: string, index: number): string[] =>
  readFileSync(join(openTasks(folder).taskPath(index), 'log'), 'utf8').match(/^claim \d+/gm) ?? [];

it('a piece that fails is tried three times and holds nobody up; the same line tries it again', async () => {
  const folder = join(root, 'fails');
  const bad = small([1, 2, 3], (n) => {
    if (n === 2) throw new Error('no square of 2');
    return n * n;
  });
  await expect(madeIn(folder, bad)).rejects.toThrow('square of 2: no square of 2');
  const there = openTasks(folder);
  const order = there.plan.tasks.map(({ name }) => name);
  expect(order).toEqual(['square of 3', 'square of 2', 'square of 1']);
  expect([0, 1, 2].map((index) => claimsOf(folder, index).length)).toEqual([1, 3, 1]);
  expect(await madeIn(folder, small([1, 2, 3]))).toEqual([1, 4, 9]);
  expect([0, 1, 2].map((index) => claimsOf(folder, index).length)).toEqual([1, 4, 1]);
});

it('a result that is of another piece is named, not taken', async () => {
  const folder = join(root, 'mixed');
  await madeIn(folder, small([1, 2]));
  const [two, one] = [0, 1].map((index) => openTasks(folder).taskPath(index));
  const bytes = readFileSync(join(two, 'result'));
  writeFileSync(join(one, 'result'), bytes);
  await expect(madeIn(folder, small([1, 2]))).rejects.toMatchObject({ code: 'tasks/result-damaged' });
  writeFileSync(join(one, `sealed.${createHash('sha256').update(bytes).digest('hex')}`), '');
  await expect(madeIn(folder, small([1, 2]))).rejects.toMatchObject({ code: 'study/result' });
});

it('a worker refuses pieces of other settings, and such as its study does not have', async () => {
  const folder = join(root, 'strange');
  await madeIn(folder, small([1]));
  const there = openTasks(folder);
  const run = { task: there.plan.tasks[0], index: 0 } as TaskRun;
  const perform = (study: Small) =>
    performerOf(there, () => Promise.resolve(study as CutStudy<number[]>)).perform(run);
  await expect(perform({ ...small([1]), settings: { study: 'cubes' } })).rejects.toMatchObject({
    code: 'study/settings',
  });
  await expect(perform(small([2]))).rejects.toMatchObject({ code: 'study/piece' });
  expect(new TextDecoder().decode((await perform(small([1]))) ?? undefined)).toBe(
    '{"piece":"square of 1","result":1}\n',
  );
});
