/** Work through Redis as far as no server is needed: what is refused, and what is asked for by name. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FimError } from '../../core/errors.js';
import { openTasks, planIn, prepareTasks, taskFile } from '../../scale/folder.js';
import { addressOf, placeOf } from '../../scale/redis/connection.js';
import { singleTask } from '../../scale/redis/payload.js';
import { loadRedis } from '../../scale/redis/peers.js';
import { runCli } from '../cli.js';
import { memoryIo } from '../io.js';

const root = mkdtempSync(join(tmpdir(), 'fim-redis-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function cli(...words: readonly string[]) {
  const io = memoryIo();
  const code = await runCli(words, { io, version: '1.2.3', signal: new AbortController().signal });
  return { code, out: io.out(), err: io.err() };
}

const codeOf = async (act: () => unknown): Promise<string> => {
  try {
    await act();
    return 'none';
  } catch (error) {
    return (error as FimError).code;
  }
};

const data = join(root, 'data.txt');
writeFileSync(data, 'twelve bytes');
const folder = prepareTasks(join(root, 'work'), {
  kind: 'sweep',
  fim: '1.2.3',
  command: { command: 'sweep' },
  line: 'fim sweep',
  directory: root,
  files: [taskFile('DATA', data)],
  decided: null,
  attempts: 3,
  staleSeconds: 60,
  tasks: [1, 2, 3].map((input) => ({ name: `point ${input}`, seconds: 1, input })),
});

describe('an address of Redis', () => {
  it('is one of two schemes and holds no password, which is said nowhere', async () => {
    expect(placeOf(addressOf('redis://me@head:6379/2', undefined))).toBe('head:6379/2');
    expect(addressOf('rediss://head', 'of the environment')).toEqual({
      url: 'rediss://head',
      password: 'of the environment',
    });
    for (const text of ['head:6379', 'http://head', 'redis:', 'six'])
      expect(await codeOf(() => addressOf(text, undefined)), text).toBe('redis/url');
    for (const command of [
      ['submit', folder.path],
      ['work', '--quiet'],
    ]) {
      const { code, out, err } = await cli(...command, '--redis', 'redis://me:open-sesame@head:6379');
      expect(code).toBe(2);
      expect(err).toContain('FIM_REDIS_PASSWORD');
      expect(err).toContain('redis://me@head:6379');
      expect(out + err).not.toContain('open-sesame');
    }
  });

  it('is named where nobody answers', async () => {
    const { code, err } = await cli('submit', folder.path, '--redis', 'redis://127.0.0.1:1');
    expect(code).toBe(3);
    expect(err).toContain('Redis at 127.0.0.1:1');
    expect(err).toContain('ECONNREFUSED');
  });
});

describe('commands with Redis', () => {
  it('take a folder or a server to work on, and one engine', async () => {
    for (const [words, got] of [
      [['work'], 'neither'],
      [['work', folder.path, '--redis', 'redis://head'], 'both'],
    ] as const) {
      const { code, err } = await cli(...words);
      expect([code, err.includes(got)]).toEqual([2, true]);
    }
    const { code, err } = await cli('submit', folder.path, '--redis', 'redis://head', '--slurm');
    expect([code, err.includes('several')]).toEqual([2, true]);
  });

  it('say what would be submitted', async () => {
    writeFileSync(join(folder.taskPath(1), 'result'), 'x');
    const { code, out } = await cli('submit', folder.path, '--redis', 'redis://head:6379', '--dry-run');
    expect([code, out]).toEqual([0, '2 of 3 tasks to head:6379, with 1 file of 12 bytes\n']);
  });

  it('ask for the packages by name where they are missing, and say where one does not load', async () => {
    const absent = (name: string) => (asked: string) =>
      asked === name
        ? Promise.reject(Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' }))
        : Promise.resolve({});
    for (const name of ['bullmq', 'ioredis']) {
      const error = (await loadRedis(absent(name)).catch((one: unknown) => one)) as FimError;
      expect(error.code).toBe('redis/missing');
      expect(error.complaint.rule).toContain(`${name} is not installed`);
      expect(error.complaint.next).toBe('npm install bullmq@6 ioredis@6');
    }
    expect(await codeOf(() => loadRedis(() => Promise.reject(new Error('broken'))))).toBe('redis/broken');
  });
});

describe('the folder of one task', () => {
  it('is one that opens, made of the plan as it travels', () => {
    const file = join(folder.path, 'tasks.json');
    const plan = planIn(JSON.parse(readFileSync(file, 'utf8')), file);
    expect(plan).not.toHaveProperty('sha256');
    const path = join(root, 'travelled');
    singleTask({ plan, inside: new Map() }, 1, path);
    expect(openTasks(path).plan.tasks.map(({ name }) => name)).toEqual(['point 2']);
  });

  it('has that task, given one try, and the files of the folder in their places', () => {
    const received = { plan: folder.plan, inside: new Map([['sub/decided.txt', data]]) };
    const single = singleTask(received, 2, join(root, 'single'));
    expect(single.plan.tasks).toEqual([folder.plan.tasks[2]]);
    expect(single.plan.attempts).toBe(1);
    expect(taskFile('DATA', join(single.path, 'sub', 'decided.txt')).sha256).toBe(
      folder.plan.files[0].sha256,
    );
  });
});
