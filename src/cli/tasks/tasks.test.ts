/** Work that is cut into tasks gives what the command gives that does it all, and what goes wrong is said. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../store/folder/checkpoint.js';
import { FILES } from '../../store/folder/index.js';
import { arrayIndex } from './array-index.js';
import { runCli } from '../cli.js';
import { type Io, memoryIo } from '../io.js';

const root = mkdtempSync(join(tmpdir(), 'fim-cut-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (...names: string[]): string => join(root, ...names);

async function fim(
  words: readonly string[],
  { version = '1.2.3', stopAt, tick = 0.01 }: { version?: string; stopAt?: RegExp; tick?: number } = {},
) {
  const abort = new AbortController();
  const memory = memoryIo();
  const stderr: Io['stderr'] = {
    ...memory.stderr,
    write(text) {
      memory.stderr.write(text);
      if (stopAt?.test(text)) abort.abort();
    },
  };
  let clock = 0;
  const now = (): number => (clock += tick);
  const code = await runCli(words, { io: { ...memory, stderr, now }, version, signal: abort.signal });
  return { code, out: memory.out(), err: memory.err() };
}

const ok = async (...words: string[]): Promise<string> => {
  const { code, out, err } = await fim(words);
  expect(code, err).toBe(0);
  return out;
};

/** Every file under `folder`, by its path. */
function filesUnder(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
  );
}

const taskFiles = /^tasks(\.json$|[\\/])/;
const without = (files: Map<string, string>, what: RegExp): Map<string, string> =>
  new Map([...files].filter(([name]) => !what.test(name)));

describe('a sweep in tasks', () => {
  const sweep = (folder: string): string[] => [
    'sweep',
    '--quick',
    '--seeds',
    '1',
    '--scales',
    '1',
    '--depths',
    '2',
    '--run',
    folder,
  ];

  it('is the sweep in one, byte for byte', async () => {
    await ok(...sweep(at('whole')), '--json');
    const prepared = JSON.parse(await ok(...sweep(at('cut')), '--prepare', '--json')) as { tasks: number };
    expect(prepared.tasks).toBe(3);
    expect(JSON.parse(await ok('status', at('cut'), '--json'))).toMatchObject({
      ...{ tasks: 3, done: 0, running: 0, failed: 0, failures: [] },
    });
    const early = await fim(['merge', at('cut')]);
    expect(early.code).toBe(1);
    expect(early.err).toContain('no result of task 0 (');
    // Two by index, as a job of an array, the rest by whoever comes.
    await ok('work', at('cut'), '--index', '1');
    await ok('work', at('cut'), '--index', '0', '--chunk', '2', '--offset', '1');
    const some = await fim(['merge', at('cut'), '--partial']);
    expect(some.code).toBe(1);
    expect(some.err).toContain('warning: without task 0 (');
    await Promise.all([ok('work', at('cut')), ok('work', at('cut'))]);
    expect(await ok('status', at('cut'))).toBe('3 of 3 tasks done, 0 running, 0 failed, 0 waiting\n');
    expect(await ok('merge', at('cut'))).toMatch(/index\.html\n$/);
    const lines = (files: Map<string, string>): Map<string, string> =>
      new Map([...files].map(([name, text]) => [name, text.replaceAll(at('cut'), at('whole'))]));
    expect(lines(without(filesUnder(at('cut')), taskFiles))).toEqual(lines(filesUnder(at('whole'))));
  });

  it('refuses other work in its folder, other versions of fim, and indices that are none', async () => {
    await ok(...sweep(at('one')), '--prepare');
    await ok(...sweep(at('one')), '--prepare');
    const other = await fim([...sweep(at('one')), '--prepare', '--widths', '4']);
    expect([other.code, other.err]).toEqual([2, expect.stringContaining('holds tasks of other work')]);
    const version = await fim(['work', at('one')], { version: '1.2.4' });
    expect([version.code, version.err]).toEqual([
      3,
      expect.stringContaining('fim 1.2.4, where 1.2.3 prepared them'),
    ]);
    const index = await fim(['work', at('one'), '--index', '3']);
    expect([index.code, index.err]).toEqual([2, expect.stringContaining('hint: --index 2')]);
    const beyond = await fim(['work', at('one'), '--index', '0', '--offset', '3']);
    expect([beyond.code, beyond.err]).toEqual([2, expect.stringContaining('hint: --offset 0')]);
    const lone = await fim(['work', at('one'), '--chunk', '2']);
    expect([lone.code, lone.err]).toEqual([2, expect.stringContaining('no --index, and no job of an array')]);
    const none = await fim(['work', at('nowhere')]);
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('no such folder')]);
  });

  it('takes its index from the array that it is a job of', () => {
    expect(arrayIndex({})).toBeUndefined();
    expect(arrayIndex({ PBS_ARRAY_INDEX: '4', SLURM_ARRAY_TASK_ID: '3' })).toBe(3);
    expect(arrayIndex({ AWS_BATCH_JOB_ARRAY_INDEX: '0' })).toBe(0);
    expect(arrayIndex({ JOB_COMPLETION_INDEX: '7', SLURM_ARRAY_TASK_ID: '' })).toBe(7);
  });
});

describe('a comparison in tasks', () => {
  const small = { environments: 2, horizon: 32, hidden: [4] };
  const SPEC = {
    title: 'A small comparison',
    arms: [
      { algorithm: 'ppo', set: { ...small, epochs: 1 } },
      { name: 'wild', algorithm: 'smac', set: { ...small, learningRate: 1e39 } },
    ],
    environments: ['CartPole-v1'],
    steps: 640,
    seeds: 2,
  };

  /** Without what a clock says: its columns, its events, and what follows from their length. */
  function timeless(folder: string): unknown {
    const files = without(filesUnder(folder), taskFiles);
    const runs = [...files.keys()].filter((name) => name.endsWith(FILES.manifest));
    const kept = new Map<string, unknown>();
    for (const [name, text] of files) {
      if (/events|checkpoint|\.html$|\.svg$/.test(name)) kept.set(name, null);
      else if (name.endsWith('progress.csv')) kept.set(name, text.replaceAll(/,[^,\n]*$/gm, ''));
      else if (name.endsWith('.json'))
        kept.set(
          name,
          JSON.parse(text.replaceAll(/"(?:\w*[sS]econds\w*|stepsPerSecond)":\s*[\d.e+-]+/g, '"t":0')),
        );
      else if (!name.endsWith('.csv')) kept.set(name, text);
    }
    for (const name of runs) {
      const { header, arrays } = readCheckpoint(join(folder, name.replace(FILES.manifest, FILES.checkpoint)));
      kept.set(`${name}/arrays`, [header.update, header.rows, arrays]);
    }
    return kept;
  }

  it('is the comparison in one but for clocks, stopped and gone on with, with an arm that diverges', async () => {
    writeFileSync(at('spec.json'), JSON.stringify(SPEC));
    const compare = (folder: string): string[] => [
      'rl',
      'compare',
      at('spec.json'),
      '--out',
      folder,
      '--workers',
      '1',
    ];
    await ok(...compare(at('rl-whole')));
    await ok(...compare(at('rl-cut')), '--prepare');
    const plain = await fim(compare(at('rl-cut')));
    expect([plain.code, plain.err]).toEqual([2, expect.stringContaining('hint: fim work ')]);
    const stopped = await fim(['work', at('rl-cut')], { stopAt: /^work/, tick: 0.5 });
    expect(stopped.code).toBe(130);
    const { done } = JSON.parse(await ok('status', at('rl-cut'), '--json')) as { done: number };
    expect(done).toBeLessThan(4);
    await ok('work', at('rl-cut'));
    expect(existsSync(at('rl-cut', 'runs'))).toBe(false);
    const text = await ok('merge', at('rl-cut'));
    expect(text).toContain('Diverged, and scored with the last good parameters');
    const replace = (kept: unknown): unknown =>
      JSON.parse(
        JSON.stringify([...(kept as Map<string, unknown>)]).replaceAll(at('rl-cut'), at('rl-whole')),
      ) as unknown;
    expect(replace(timeless(at('rl-cut')))).toEqual(replace(timeless(at('rl-whole'))));
    expect(await ok('merge', at('rl-cut'))).toBe(text);
  });
});
