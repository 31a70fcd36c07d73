/** A study as tasks: what workers make of it is what one process makes, whoever is killed; and what is not the same is refused. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { memoryIo } from '../../src/cli/io.js';
import { sha256 } from '../../src/disk/files.js';
import { packageVersion } from '../../src/disk/version.js';
import { openTasks } from '../../src/scale/folder.js';
import { FIM } from '../support/command.js';
import { runStudy } from '../../studies/commands/index.js';

const root = mkdtempSync(join(tmpdir(), 'fim-study-tasks-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

const TOY = ['natural-gradient-toy', '--seeds', '4', '--quick'];

/** `npm run study -- ...words` in memory, of the version that workers have. */
async function study(...words: string[]) {
  const kept = { out: '', err: '' };
  let clock = 0;
  const stream = (name: 'out' | 'err') => ({ write: (text: string) => void (kept[name] += text) });
  const now = () => (clock += 0.1);
  const { signal } = new AbortController();
  const version = packageVersion();
  const code = await runStudy(words, { stdout: stream('out'), stderr: stream('err'), now, signal, version });
  return { code, ...kept };
}

async function fim(words: readonly string[], version = packageVersion()) {
  const io = memoryIo();
  const code = await runCli(words, { io, version, signal: new AbortController().signal });
  return { code, out: io.out(), err: io.err() };
}

const start = (...words: string[]): ChildProcess => {
  const child = spawn(process.execPath, [...FIM, ...words, '--quiet'], { stdio: 'inherit' });
  children.add(child);
  return child;
};

/** Digests of the files of the folder itself, with its name taken out of them. */
const filesOf = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder)
      .filter((name) => name !== 'tasks.json' && statSync(join(folder, name)).isFile())
      .map((name) => {
        const text = readFileSync(join(folder, name), 'utf8').replaceAll(folder, 'FOLDER');
        return [name, sha256(new TextEncoder().encode(text))];
      }),
  );

describe('a study as tasks', () => {
  it('by two workers, one of them killed, is the study in one process byte for byte', async () => {
    const [whole, cut] = [join(root, 'whole'), join(root, 'cut')];
    expect((await study(...TOY, '--run', whole, '-q')).code).toBe(0);
    expect(await study(...TOY, '--run', cut, '--prepare', '-q')).toEqual({
      code: 0,
      out: `${cut}\n`,
      err: '',
    });
    const prepared = await study(...TOY, '--run', cut, '--prepare', '--json');
    expect(JSON.parse(prepared.out)).toMatchObject({ folder: cut, tasks: 4 });
    expect(prepared.err).toContain(`npx fim work ${cut}`);
    expect(JSON.parse((await fim(['status', cut, '--json'])).out)).toMatchObject({
      ...{ kind: 'study', tasks: 4, done: 0, running: 0, failed: 0, failures: [] },
    });
    const early = await fim(['merge', cut]);
    expect([early.code, early.err]).toEqual([1, expect.stringContaining('no result of task 0 (seed-0)')]);
    const folder = openTasks(cut);
    const killed = start('work', cut, '--index', '0');
    while (!existsSync(join(folder.taskPath(0), 'claim.1'))) await sleep(2);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const workers = [start('work', cut), start('work', cut)];
    const codes = await Promise.all(workers.map(async (child) => (await once(child, 'exit'))[0] as number));
    expect(codes).toEqual([0, 0]);
    const done = JSON.parse((await fim(['status', cut, '--json'])).out) as { done: number };
    expect(done).toMatchObject({ done: 4, failed: 0, secondsLeft: 0 });
    const merged = await fim(['merge', cut, '--json', '--quiet']);
    expect(JSON.parse(merged.out)).toEqual({ folder: cut, page: `${cut}/index.html` });
    expect(filesOf(cut)).toEqual(filesOf(whole));
    // The study's own line finds all of it done.
    expect((await study(...TOY, '--run', cut, '-q')).code).toBe(0);
    expect(filesOf(cut)).toEqual(filesOf(whole));
  });

  it('goes on where one process was, with more seeds, and keeps what is there', async () => {
    const folder = join(root, 'more');
    await study('natural-gradient-toy', '--seeds', '2', '--quick', '--run', folder, '-q');
    await study(...TOY, '--run', folder, '--prepare', '-q');
    expect(JSON.parse((await fim(['status', folder, '--json'])).out)).toMatchObject({ tasks: 4, done: 2 });
    expect((await fim(['work', folder, '--index', '1', '--chunk', '2', '--quiet'])).code).toBe(0);
    expect((await fim(['merge', folder, '--quiet'])).code).toBe(0);
    expect(filesOf(folder)).toEqual(filesOf(join(root, 'whole')));
  });

  it('refuses other settings, another version, and runs that are not done', async () => {
    const folder = join(root, 'other');
    await study(...TOY, '--run', folder, '--prepare', '-q');
    const settings = await study('natural-gradient-toy', '--seeds', '4', '--run', folder);
    expect([settings.code, settings.err]).toEqual([2, expect.stringContaining('tasks of other work')]);
    const another = await study('nonlinear', '--quick', '--run', folder);
    expect([another.code, another.err]).toEqual([2, expect.stringContaining('command.command')]);
    const version = await fim(['work', folder], '9.9.9');
    expect([version.code, version.err]).toEqual([3, expect.stringContaining('fim 9.9.9, where')]);
    const partial = await fim(['merge', folder, '--partial']);
    expect(partial.code).toBe(1);
    const runs = join(root, 'rank1');
    await study('rank1', '--preset', 'million', '--run', runs, '--prepare', '-q');
    const status = JSON.parse((await fim(['status', runs, '--json'])).out) as { tasks: number };
    expect(status.tasks).toBe(20);
    const plain = await study('rank1', '--preset', 'million', '--run', runs);
    expect([plain.code, plain.err]).toEqual([2, expect.stringContaining(`npx fim work ${runs}`)]);
  });

  it('knows the files that it reads by their digests', async () => {
    const folder = join(root, 'roots');
    await study('roots', '--quick', '--run', folder, '--prepare', '-q');
    const { files } = openTasks(folder).plan;
    expect(files).toHaveLength(4);
    for (const { path, sha256 } of files) {
      expect(path).toMatch(/^test\/fixtures\/models\/digits-mlp-.*\.(onnx|npz)$/);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});
