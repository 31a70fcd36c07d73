/** Tasks over processes that share a folder: claims exclude one another, and whatever happens to workers every task has one result. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { FimError } from '../core/errors.js';
import { Sequence } from '../core/random.js';
import { seedOf } from '../stats/ztest.js';
import { processClock } from '../../test/support/clock.js';
import { gateOf, squares } from '../../test/support/task-worker.js';
import {
  openTasks,
  prepareTasks,
  requireFiles,
  requireVersion,
  type TaskFolder,
  taskFile,
} from './folder.js';
import { forgive } from './forgive.js';
import { statusOf } from './status.js';
import { workOn } from './work.js';

const root = mkdtempSync(join(tmpdir(), 'fim-tasks-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const LOADER = new URL('../../test/support/ts-loader.mjs', import.meta.url).href;
const REGISTER = `data:text/javascript,import{register}from"node:module";register(${JSON.stringify(LOADER)})`;
const PROGRAM = fileURLToPath(new URL('../../test/support/task-worker.ts', import.meta.url));

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

const { seconds } = processClock;

let made = 0;
function prepare(inputs: readonly number[], plan: Partial<TaskFolder['plan']> = {}): TaskFolder {
  return prepareTasks(join(root, `folder-${made++}`), {
    kind: 'squares',
    fim: '1.2.3',
    command: { command: 'squares' },
    line: 'fim squares',
    directory: root,
    files: [],
    decided: null,
    attempts: 3,
    staleSeconds: 60,
    tasks: inputs.map((n) => ({ name: `square of ${n}`, seconds: 0.01, input: n })),
    ...plan,
  });
}

interface Worker {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly exited: Promise<unknown>;
}

async function start(
  mode: 'work' | 'gated' | 'claim',
  folder: TaskFolder,
  milliseconds = 0,
): Promise<Worker> {
  const child = spawn(
    process.execPath,
    ['--import', REGISTER, PROGRAM, mode, folder.path, String(milliseconds)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  children.add(child);
  const lines: string[] = [];
  // Not `exit`: what it said may come after that.
  const exited = once(child, 'close');
  const ready = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter((line) => line !== ''));
      if (lines[0] === 'ready') resolve();
    });
  });
  await Promise.race([ready, exited]);
  return { child, lines, exited };
}

const until = async (what: () => boolean): Promise<void> => {
  while (!what()) await sleep(5);
};

const textOf = (folder: TaskFolder, index: number): string =>
  new TextDecoder().decode(folder.result(index) ?? undefined);

const options = {
  signal: new AbortController().signal,
  now: seconds,
  wallTime: () => 1e9,
};

/** Every task once, as an undisturbed worker finds it. */
function expectSquares(folder: TaskFolder): void {
  for (const [index, { input }] of folder.plan.tasks.entries()) {
    expect(textOf(folder, index)).toBe(String((input as number) ** 2));
    const names = readdirSync(folder.taskPath(index));
    expect(names.filter((name) => name === 'result')).toHaveLength(1);
    expect(names.filter((name) => name.startsWith('work'))).toEqual([]);
  }
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

it('tasks are forgiven by two at a time, who both saw them given up', () => {
  const folder = prepare([1], { attempts: 2 });
  const path = folder.taskPath(0);
  for (const k of [1, 2, 3]) writeFileSync(join(path, `claim.${k}`), '{}\n');
  for (const k of [1, 3]) writeFileSync(join(path, `failed.${k}`), '{}\n');
  const seen = folder.names(0);
  const other = Object.assign(openTasks(folder.path), { names: () => seen });
  expect([forgive(folder), forgive(other)]).toEqual([1, 1]);
  expect(readdirSync(path).sort()).toEqual([
    ...['claim.1', 'claim.2', 'claim.3', 'released.1', 'released.2', 'released.3'],
  ]);
});

describe('workers of one folder', () => {
  it('claim each of 2,500 tasks once, four contending for every one: 10⁴ claims', async () => {
    const folder = prepare(range(2500));
    const workers = await Promise.all(range(4).map(() => start('claim', folder)));
    // All are there before the first begins.
    for (const { child } of workers) child.stdin?.write('go\n');
    await until(() => workers.every(({ lines }) => lines.length > 1));
    const counts = workers.map(({ lines }) => Number(lines[1]));
    expect(counts.reduce((a, b) => a + b)).toBe(2500);
    expect(counts.filter((n) => n > 0).length).toBeGreaterThan(1);
    for (const index of range(2500)) expect(readdirSync(folder.taskPath(index))).toEqual(['claim.1']);
  });

  it('killed at random leave a folder that others finish: every task once', async () => {
    const folder = prepare(range(64));
    const random = new Sequence(seedOf('work'), 'test');
    let kills = 0;
    while (statusOf(folder, 1e9).done < 64 && kills < 12) {
      const workers = await Promise.all([start('work', folder, 10), start('work', folder, 10)]);
      await sleep(60 + 100 * random.next());
      for (const { child } of workers) child.kill('SIGKILL');
      await Promise.all(workers.map(({ exited }) => exited));
      kills += 2;
    }
    const lost = folder.plan.tasks.filter((_, i) => folder.names(i).losses > 0).length;
    const { exited, lines } = await start('work', folder, 1);
    await exited;
    expect(kills).toBeGreaterThan(3);
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ done: 64, failed: [], left: [] });
    expect(folder.plan.tasks.filter((_, i) => folder.names(i).losses > 0).length).toBeGreaterThanOrEqual(
      lost,
    );
    expectSquares(folder);
    expect(statusOf(folder, 1e9)).toMatchObject({
      tasks: 64,
      done: 64,
      running: 0,
      failed: 0,
      secondsLeft: 0,
    });
  });

  it('leave results that are refused with any byte changed, and made again where they are removed', async () => {
    const folder = prepare([7]);
    const worker = await start('work', folder);
    await worker.exited;
    const path = join(folder.taskPath(0), 'result');
    const whole = readFileSync(path);
    const draws = new Sequence(16, 'bytes of results');
    for (let k = 0; k < 50; k++) {
      const changed = Buffer.from(whole);
      changed[draws.integer(whole.length)] ^= 1 << draws.integer(8);
      writeFileSync(path, changed);
      for (const read of [() => folder.result(0), () => folder.resultPath(0)])
        expect(read).toThrow(expect.objectContaining({ code: 'tasks/result-damaged' }) as Error);
    }
    rmSync(path);
    const again = await start('work', folder);
    await again.exited;
    expectSquares(folder);
  });

  it('take over from one that sleeps, who wakes up, finds itself late and discards its own: one result', async () => {
    const folder = prepare([7], { staleSeconds: 0.5 });
    // It works until the gate opens, whatever the machine does meanwhile, and hears of nothing.
    const sleeper = await start('gated', folder);
    await until(() => existsSync(join(folder.taskPath(0), 'claim.1')));
    sleeper.child.kill('SIGSTOP');
    const other = await start('work', folder);
    await other.exited;
    expect(other.lines).toContain('0 done');
    const before = readFileSync(join(folder.taskPath(0), 'result'));
    writeFileSync(gateOf(folder), '');
    sleeper.child.kill('SIGCONT');
    await sleeper.exited;
    expect(sleeper.lines).toContain('0 late');
    expect(readFileSync(join(folder.taskPath(0), 'result'))).toEqual(before);
    const names = readdirSync(folder.taskPath(0));
    expect(names).toEqual(expect.arrayContaining(['claim.1', 'claim.2', 'done.2', 'late.1']));
    expectSquares(folder);
  });

  it('do not take over from one that lives and never breathes', async () => {
    const folder = prepare([7], { staleSeconds: 0.3 });
    let ended = '';
    let looked: unknown = null;
    const busy = workOn(
      folder,
      {
        async perform() {
          // Longer than the time after which a silent claim is stale, without a turn of the loop.
          for (const from = seconds(); seconds() - from < 0.9;);
          looked = folder.names(0).claim;
          return Uint8Array.of(1);
        },
        close: () => undefined,
      },
      { ...options, onEnd: (_, end) => (ended = end) },
    );
    const other = start('work', folder, 0);
    await busy;
    const { lines, exited } = await other;
    await exited;
    expect([ended, looked]).toEqual(['done', 1]);
    expect(lines).toEqual(['ready', JSON.stringify({ done: 1, failed: [], left: [] })]);
  });

  it('give a poisoned task up after its attempts, with what it said, and do all others', async () => {
    const folder = prepare([1, -2, 3, 2e6], { attempts: 2 });
    for (let life = 0; life < 12 && statusOf(folder, 1e9).failed < 2; life++)
      await (
        await start('work', folder)
      ).exited;
    const status = statusOf(folder, 1e9);
    expect(status).toMatchObject({ done: 2, running: 0, failed: 2 });
    expect(status.failures).toEqual([
      { name: 'square of -2', index: 1, message: 'no square of -2' },
      { name: 'square of 2000000', index: 3, message: 'its worker was lost 10 times' },
    ]);
    expect(readFileSync(join(folder.taskPath(1), 'log'), 'utf8')).toContain('Error: no square of -2\n');
    const report = await workOn(folder, squares(0), options);
    expect(report).toEqual({ done: 2, failed: [1, 3], left: [] });
  });

  it('release what they have when they are stopped, which is no failure', async () => {
    const folder = prepare([5, 6], { attempts: 1 });
    const worker = await start('work', folder, 60_000);
    await until(() => existsSync(join(folder.taskPath(0), 'claim.1')));
    worker.child.kill('SIGTERM');
    await worker.exited;
    expect(JSON.parse(worker.lines.at(-1) ?? '')).toEqual({ done: 0, failed: [], left: [0, 1] });
    expect(readdirSync(folder.taskPath(0)).sort()).toEqual(['claim.1', 'log', 'released.1']);
    expect(await workOn(folder, squares(0), options)).toEqual({ done: 2, failed: [], left: [] });
    expectSquares(folder);
  });

  it('end with a complaint where the folder of a task cannot be written', async () => {
    const folder = prepare([2]);
    mkdirSync(join(folder.taskPath(0), 'done.1'));
    await expect(workOn(folder, squares(0), options)).rejects.toMatchObject({ code: 'tasks/unwritable' });
  });

  it('find what the claim before left, and leave nothing behind a result', async () => {
    const folder = prepare([3], { attempts: 4 });
    const seen: (string | null)[] = [];
    let call = 0;
    const report = await workOn(
      folder,
      {
        async perform({ previous, workspace }) {
          seen.push(previous);
          const own = workspace();
          // The second dies before it put anything there.
          if (call !== 1) writeFileSync(join(own, 'reached'), String(call));
          expect(existsSync(own)).toBe(true);
          if (call++ < 3) throw new Error('not yet');
          return Uint8Array.of(57);
        },
        close: () => undefined,
      },
      options,
    );
    expect(report).toEqual({ done: 1, failed: [], left: [] });
    const work = (k: number): string => join(folder.taskPath(0), `work.${k}`);
    expect(seen).toEqual([null, work(1), work(1), work(3)]);
    expectSquares(folder);
  });

  it('remove results that killed workers left on their way', async () => {
    const folder = prepare([3, 4]);
    const aside = (index: number): string => join(folder.taskPath(index), '.result.9.tmp');
    writeFileSync(aside(0), 'half');
    expect(await workOn(folder, squares(0), options)).toMatchObject({ done: 2 });
    writeFileSync(aside(1), 'whole');
    expect(await workOn(folder, squares(0), options)).toMatchObject({ done: 2 });
    expect([0, 1].map((index) => existsSync(aside(index)))).toEqual([false, false]);
    expectSquares(folder);
  });
});

describe('a folder of tasks', () => {
  const codeOf = (act: () => unknown): string => {
    try {
      act();
      return 'none';
    } catch (error) {
      return (error as FimError).code;
    }
  };

  it('is found again by the same work, and refuses other work, other versions and other files', () => {
    const data = join(root, 'data.txt');
    writeFileSync(data, 'one');
    const files = [taskFile('DATA', data)];
    const folder = prepare([1, 2], { files });
    const again = (change: object): string =>
      codeOf(() => prepareTasks(folder.path, { ...folder.plan, ...change }));
    expect(again({})).toBe('none');
    expect(again({ line: 'fim  squares', directory: '/' })).toBe('none');
    expect(again({ tasks: folder.plan.tasks.map((t) => ({ ...t, seconds: 9 })).reverse() })).toBe('none');
    expect(again({ command: { command: 'cubes' } })).toBe('tasks/of-another');
    expect(again({ tasks: folder.plan.tasks.slice(1) })).toBe('tasks/of-another');
    expect(codeOf(() => openTasks(join(root, 'nowhere')))).toBe('tasks/none');
    expect(codeOf(() => requireVersion(folder, '1.2.3'))).toBe('none');
    expect(codeOf(() => requireVersion(folder, '1.2.4'))).toBe('tasks/version');
    expect(codeOf(() => requireFiles(folder))).toBe('none');
    writeFileSync(data, 'two');
    expect(codeOf(() => requireFiles(folder))).toBe('tasks/file-differs');
    expect(codeOf(() => prepare([1, 1]))).toBe('tasks/twice');
  });

  it('knows a large file without holding it', () => {
    const large = join(root, 'large.bin');
    closeSync(openSync(large, 'w'));
    truncateSync(large, 2 ** 28 + 1);
    const before = process.memoryUsage().arrayBuffers;
    const { sha256 } = taskFile('DATA', large);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
    expect(sha256).toBe(
      createHash('sha256')
        .update(new Uint8Array(2 ** 28 + 1))
        .digest('hex'),
    );
  });
});
