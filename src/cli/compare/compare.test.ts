/** `fim rl compare` as a user runs it: interrupted, gone on with, widened, with an arm that diverges. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../cli.js';
import { type Io, memoryIo } from '../io.js';

const root = mkdtempSync(join(tmpdir(), 'fim-compare-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const small = { environments: 2, horizon: 32, hidden: [4] };
const SPEC = {
  title: 'A small comparison',
  arms: [
    { algorithm: 'ppo', set: { ...small, epochs: 1 } },
    { algorithm: 'smac', set: small },
  ],
  environments: ['CartPole-v1'],
  steps: 640,
  seeds: 3,
};
const DIVERGING = { name: 'wild', algorithm: 'smac', set: { ...small, learningRate: 1e39 } };

function specFile(name: string, spec: object): string {
  const path = join(root, `${name}.json`);
  writeFileSync(path, JSON.stringify(spec));
  return path;
}

async function compare(words: readonly string[], io = memoryIo(), signal = new AbortController().signal) {
  const code = await runCli(['rl', 'compare', ...words], { io, version: '1.2.3', signal });
  return { code, out: io.out(), err: io.err() };
}

/** An io that aborts once `pattern` is written to it. */
function abortingIo(pattern: RegExp): { io: ReturnType<typeof memoryIo>; signal: AbortSignal } {
  const abort = new AbortController();
  const inner = memoryIo();
  const stderr: Io['stderr'] = {
    ...inner.stderr,
    write(text) {
      inner.stderr.write(text);
      if (pattern.test(text)) abort.abort();
    },
  };
  return { io: { ...inner, stderr }, signal: abort.signal };
}

const runs = (out: string, arms: readonly string[]): string[] =>
  arms.flatMap((arm) => [0, 1, 2].map((seed) => join(out, 'runs', arm, 'CartPole-v1', String(seed))));

/** The table of a run but its clock. */
const progressOf = (folder: string): string =>
  readFileSync(join(folder, 'progress.csv'), 'utf8').replaceAll(/,[^,\n]*$/gm, '');

interface Summary {
  readonly command: string;
  readonly cells: readonly { readonly algorithm: string; readonly scores: unknown; readonly mean: unknown }[];
  readonly runs: readonly {
    readonly algorithm: string;
    readonly status: string;
    readonly evaluation: unknown;
  }[];
}
const summaryOf = (out: string): Summary =>
  JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as Summary;

describe('fim rl compare', () => {
  it('goes on after an interruption to what an uninterrupted one finds, whatever the number of threads, and repeats nothing', async () => {
    const spec = specFile('small', SPEC);
    const [whole, broken] = [join(root, 'whole'), join(root, 'broken')];
    const first = await compare([spec, '--out', whole, '--workers', '1']);
    expect(first.code).toBe(0);
    expect(first.err).toContain('2 algorithms × 1 environment × 3 seeds = 6 runs; the whole takes about');
    expect(first.err).toMatch(/6\/6 {2}(ppo|smac) {2}CartPole-v1 {2}seed \d {2}evaluation/);

    const { io, signal } = abortingIo(/^1\/6 /);
    const cut = await compare([spec, '--out', broken, '--workers', '2'], io, signal);
    expect(cut.code, cut.err).toBe(130);
    expect(cut.err).toContain('the same command goes on from here');
    expect(cut.out).toContain('Runs are missing');
    const finished = runs(broken, ['ppo', 'smac']).filter((f) => existsSync(join(f, 'result.json')));
    expect(finished.length).toBeGreaterThan(0);
    expect(finished.length).toBeLessThan(6);
    const results = finished.map((f) => readFileSync(join(f, 'result.json'), 'utf8'));

    const rest = await compare([spec, '--out', broken, '--workers', '2']);
    expect(rest.code).toBe(0);
    expect(rest.err).toContain(`${finished.length} done, the rest takes about`);
    expect(finished.map((f) => readFileSync(join(f, 'result.json'), 'utf8'))).toEqual(results);
    expect(runs(broken, ['ppo', 'smac']).map(progressOf)).toEqual(
      runs(whole, ['ppo', 'smac']).map(progressOf),
    );
    expect(summaryOf(broken).cells).toEqual(summaryOf(whole).cells);
    expect(summaryOf(broken).command).toBe(`fim rl compare ${spec} --workers 2 --out ${broken}`);
    for (const name of ['index.html', 'runs.csv', 'curves.csv', 'curves-CartPole-v1.svg'])
      expect(existsSync(join(broken, name))).toBe(true);

    // Of a process that was killed when its run was done.
    const lock = join(runs(whole, ['ppo'])[0], `.lock.${process.pid}`);
    writeFileSync(lock, '1');
    const again = await compare([spec, '--out', whole, '--json']);
    expect(existsSync(lock)).toBe(false);
    expect(again.err).toContain('6 runs; all done');
    expect((JSON.parse(again.out) as Summary).cells).toEqual(summaryOf(whole).cells);

    const other = await compare([specFile('other', { ...SPEC, steps: 1280 }), '--out', whole]);
    expect(other.code).toBe(2);
    expect(other.err).toContain('settings.steps: 640 where 1280 is asked');
  });

  it('goes on without a run that diverges, counts it by its last good parameters, and does not try it again', async () => {
    const out = join(root, 'wild');
    const spec = specFile('wild', { ...SPEC, arms: [SPEC.arms[0], DIVERGING] });
    const first = await compare([spec, '--out', out, '--workers', '1']);
    expect(first.code).toBe(0);
    expect(first.out).toContain('Diverged, and scored with the last good parameters');
    const summary = summaryOf(out);
    expect(summary.runs.filter((r) => r.status === 'diverged').map((r) => r.algorithm)).toEqual(
      Array(3).fill('wild'),
    );
    expect(summary.runs.every((r) => r.evaluation !== null)).toBe(true);
    const again = await compare([spec, '--out', out, '--workers', '1']);
    expect(again.err).toContain('6 runs; all done');
    expect(summaryOf(out)).toEqual(summary);
  });

  it('plans without running, and says where what is asked for is wrong', async () => {
    const out = join(root, 'plan');
    const flags = ['--algorithms', 'ppo', '--envs', 'CartPole-v1', '--steps', '300', '--seeds', '1'];
    const plan = await compare([...flags, '--out', out, '--dry-run', '--json']);
    expect(plan.code).toBe(0);
    expect(JSON.parse(plan.out)).toMatchObject({ runs: 1, cells: [{ arm: 'ppo', steps: 300 }] });
    expect(existsSync(out)).toBe(false);
    for (const [words, says] of [
      [['--algorithms', 'pp0', '--envs', 'CartPole-v1'], 'did you mean "ppo"?'],
      [['--algorithms', 'ppo'], 'no --envs'],
      [[specFile('flags', SPEC), '--seeds', '3'], 'in a file or in flags'],
      [['--algorithms', 'npg', '--envs', 'CartPole-v1', '--set', 'value=shared'], 'value network'],
    ] as const) {
      const refused = await compare([...words, '--out', out]);
      expect(refused.err).toContain(says);
      expect(refused.code).toBe(2);
    }
    expect(existsSync(out)).toBe(false);
  });

  it('runs a single seed, and says that it has no interval', async () => {
    const flags = ['--algorithms', 'ppo', '--envs', 'CartPole-v1', '--steps', '300', '--seeds', '1'];
    const one = await compare([...flags, '--out', join(root, 'one'), '--workers', '1']);
    expect(one.code).toBe(0);
    expect(one.out).toContain('Fewer than three seeds, so no interval: ppo in CartPole-v1.');
  });
});
