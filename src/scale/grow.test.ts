/** Lists of tasks that are lengthened, and work that a module does. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { processClock } from '../../test/support/clock.js';
import { squares } from '../../test/support/task-worker.js';
import { openTasks, type TaskPlan } from './folder.js';
import { growTasks } from './grow.js';
import { importTaskModule, moduleOfTasks, ofSameModule } from './task-module.js';
import { workOn } from './work.js';

const root = mkdtempSync(join(tmpdir(), 'fim-grow-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const planOf = (numbers: readonly number[], more: Partial<TaskPlan> = {}): TaskPlan => ({
  kind: 'squares',
  fim: '1.2.3',
  command: { command: 'squares' },
  line: `squares ${numbers.join(' ')}`,
  directory: process.cwd(),
  files: [],
  decided: null,
  attempts: 3,
  staleSeconds: 60,
  tasks: numbers.map((n) => ({ name: `square of ${n}`, seconds: 1, input: n })),
  ...more,
});

const options = { signal: new AbortController().signal, now: processClock.seconds, wallTime: () => 1e9 };

it('a list grows behind what is there, whose places and results stay', async () => {
  const path = join(root, 'grown');
  const before = growTasks(path, planOf([3, 4]));
  await workOn(before, squares(0), options);
  const after = growTasks(path, planOf([5, 4, 6]));
  expect(after.plan.tasks.map(({ input }) => input)).toEqual([3, 4, 5, 6]);
  expect(after.plan.line).toBe('squares 5 4 6');
  expect([0, 1, 2, 3].map((index) => after.names(index).result)).toEqual([true, true, false, false]);
  // Who opened the folder before does what it knew of.
  expect(await workOn(before, squares(0), options)).toMatchObject({ done: 2, left: [] });
  expect(await workOn(openTasks(path), squares(0), options)).toMatchObject({ done: 4, left: [] });
  const text = (index: number): string => new TextDecoder().decode(after.result(index) ?? undefined);
  expect([0, 1, 2, 3].map(text)).toEqual(['9', '16', '25', '36']);
  const contents = readFileSync(join(path, 'tasks.json'), 'utf8');
  growTasks(path, planOf([6, 3]));
  expect(readFileSync(join(path, 'tasks.json'), 'utf8')).toBe(contents);
  expect(() => growTasks(path, planOf([7], { command: { command: 'cubes' } }))).toThrow(
    /command: "squares" where "cubes" is asked/,
  );
  expect(() => growTasks(path, planOf([7], { fim: '1.2.4' }))).toThrow(/tasks of other work/);
});

it('a module of tasks is the one that they were prepared with, in its place and by its text', async () => {
  const folder = join(root, 'module');
  mkdirSync(folder);
  const [file, other] = [join(folder, 'own.mjs'), join(folder, 'other.mjs')];
  writeFileSync(other, 'export const merge = () => 0;\n');
  writeFileSync(file, "export { merge } from './other.mjs';\nexport const open = () => 'opened';\n");
  const made = growTasks(join(root, 'of-module'), planOf([1], { how: moduleOfTasks(file, 'make own.mjs') }));
  const { open } = await importTaskModule(made);
  expect(open(made, undefined as never)).toBe('opened');
  expect(ofSameModule(made, moduleOfTasks(file, ''))).toBe(true);
  writeFileSync(other, 'export const merge = () => 1;\n');
  expect(ofSameModule(made, moduleOfTasks(file, ''))).toBe(false);
  await expect(importTaskModule(made)).rejects.toMatchObject({
    ...{ code: 'tasks/module', message: expect.stringContaining('another text of it') as string },
  });
  await expect(importTaskModule(made, { changed: true })).resolves.toHaveProperty('merge');
  rmSync(file);
  await expect(importTaskModule(made)).rejects.toThrow(/no such file[^]*make own\.mjs/);
  const none = growTasks(join(root, 'of-none'), planOf([1]));
  await expect(importTaskModule(none)).rejects.toMatchObject({ code: 'tasks/module' });
  // A folder that comes from elsewhere does not bring the code that is run for it.
  const brought = join(root, 'brought');
  const inside = join(brought, 'own.mjs');
  mkdirSync(brought);
  writeFileSync(inside, 'throw new Error("run")');
  const own = growTasks(brought, planOf([1], { how: moduleOfTasks(inside, '') }));
  await expect(importTaskModule(own)).rejects.toMatchObject({
    ...{ code: 'tasks/module', message: expect.stringContaining('inside of the folder of tasks') as string },
  });
});
