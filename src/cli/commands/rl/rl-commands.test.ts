/** `fim rl train` and `evaluate` as a user runs them: options of the environment, cut episodes, drawn actions, names. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../cli.js';
import { memoryIo } from '../../io.js';

const root = mkdtempSync(join(tmpdir(), 'fim-rl-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function fim(...words: string[]) {
  const io = memoryIo();
  const code = await runCli(words, { io, version: '1.2.3', signal: new AbortController().signal });
  return { code, out: io.out(), err: io.err() };
}
/** An environment of spaces written out, so that it needs no package. */
function module(name: string, body: string): string {
  const path = join(root, `${name}.mjs`);
  writeFileSync(path, body);
  return path;
}
const SMALL = ['--set', 'hidden=8', '--set', 'environments=4', '--set', 'horizon=32', '--steps', '256'];
const walk = module(
  'plain-walk',
  `export default ({ gain = 1 }) => { const state = new Float64Array(1); return {
  observationSpace: { kind: 'box', dtype: 'float32', size: 1, low: Float64Array.of(-1), high: Float64Array.of(1) },
  actionSpace: { kind: 'box', dtype: 'float32', size: 1, low: Float64Array.of(0), high: Float64Array.of(1000) },
  state, reset(r) { state[0] = r.next(); }, step(a, o, r) { state[0] = r.next(); o.reward = gain; },
  observe(out, k) { out[k] = state[0]; } }; };`,
);

describe('an environment without an end', () => {
  it('is cut by evaluation, and that is said; --max-steps ends it; its options arrive', async () => {
    const out = join(root, 'walk');
    const run = await fim('rl', 'train', walk, ...SMALL, '--out', out);
    expect(run.code).toBe(0);
    expect(run.out).toContain(
      '20 episodes, all cut at 10,000 steps: the environment has no time limit; give maxSteps / --max-steps',
    );
    expect(run.err).toContain('--set actions=mapped');
    expect(run.err).not.toContain('fim watch');

    const limits = ['--max-steps', '7', '--env-set', 'gain=3'];
    const json = await fim('rl', 'evaluate', walk, out, ...limits, '--episodes', '4', '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      episodes: 4,
      mean: 21,
      cut: 0,
      lengths: [7, 7, 7, 7],
      policy: join(out, 'policy.onnx'),
    });
    const text = await fim('rl', 'evaluate', walk, join(out, 'policy.onnx'), '--episodes', '1');
    expect(text.out).toContain('1 episode, cut at 10,000 steps');

    const other = await fim('rl', 'train', walk, ...SMALL, '--out', out, ...limits);
    expect(other.code).toBe(2);
    expect(other.err).toContain('environmentOptions');
  });
});

describe('the policy of a run', () => {
  it('that is not what the run wrote is refused, and written again from the last checkpoint', async () => {
    const out = join(root, 'damaged');
    const [policy, result] = ['policy.onnx', 'result.json'].map((name) => join(out, name));
    const train = (): ReturnType<typeof fim> => fim('rl', 'train', 'CartPole-v1', ...SMALL, '--out', out);
    expect((await train()).code).toBe(0);
    const bytes = readFileSync(policy);
    const damaged = Uint8Array.from(bytes);
    damaged[bytes.length >> 1] ^= 1;
    writeFileSync(policy, damaged);
    for (const path of [out, policy]) {
      const { code, err } = await fim('rl', 'evaluate', 'CartPole-v1', path, '--episodes', '1');
      expect([code, err.includes('a file of another SHA-256 than result.json says')]).toEqual([3, true]);
    }
    const watched = await fim('watch', 'CartPole-v1', '--policy', policy, '--out', join(root, 'w.html'));
    expect(watched.code).toBe(3);
    rmSync(policy);
    const gone = await train();
    expect([gone.code, gone.err.includes('got:   none')]).toEqual([3, true]);
    rmSync(result);
    expect((await train()).code).toBe(0);
    expect(readFileSync(policy)).toEqual(bytes);
    const copy = join(root, 'copy.onnx');
    writeFileSync(copy, bytes);
    expect((await fim('rl', 'evaluate', 'CartPole-v1', copy, '--episodes', '1')).code).toBe(0);
  });
});

describe('evaluation with drawn actions', () => {
  it('is another number, the same every time, beside the likeliest after training', async () => {
    const out = join(root, 'cartpole');
    const run = await fim('rl', 'train', 'CartPole-v1', ...SMALL, '--out', out, '--json');
    const trained = JSON.parse(run.out) as { evaluation: object; evaluationDrawn: { mean: number } };
    expect(trained.evaluation).toMatchObject({ episodes: 20, cut: 0 });
    const drawn = async () =>
      JSON.parse((await fim('rl', 'evaluate', 'CartPole-v1', out, '--actions', 'drawn', '--json')).out) as {
        mean: number;
      };
    const first = await drawn();
    expect(first.mean).toBeCloseTo(trained.evaluationDrawn.mean, 10);
    expect(await drawn()).toEqual(first);
    expect(first.mean).not.toBe((trained.evaluation as { mean: number }).mean);
    expect((await fim('rl', 'train', 'CartPole-v1', ...SMALL, '--out', out)).err).toContain(
      'hint: fim watch',
    );
  });
});

describe('words of the command line', () => {
  it.each([
    [['rl', 'train', 'CartPole'], 'did you mean "CartPole-v1"?'],
    [['rl', 'train', 'cart-pole'], 'did you mean "CartPole-v1"?'],
    [['rl', 'train', '__proto__'], 'hint: fim envs'],
    [['bench-env', 'Nothing-like-it'], 'hint: fim envs'],
    [['rl', 'compare', '--algorithms', 'ppo', '--envs', 'Acrobot'], 'did you mean "Acrobot-v1"?'],
    [['rl', 'train', 'CartPole-v1', '--env-set', 'wind=1'], '--max-steps N'],
    [['rl', 'train', 'FrozenLake-v1', '--env-set', 'slippery=1'], '--env-set '],
    [['rl', 'train', 'CartPole-v1', '--env-set', 'wind'], 'reads NAME=VALUE'],
    [['rl', 'train', 'CartPole-v1', '--max-steps', '5', '--env-set', 'maxSteps=6'], '--max-steps too'],
    [['rl', 'train', 'CartPole-v1', '--set', 'gamma=0.9'], 'gamma is called discount here'],
    [['rl', 'train', 'CartPole-v1', '--set', 'discount=1.5'], 'at least 0 and at most 1'],
  ] as const)('%j', async (words, says) => {
    const { code, err } = await fim(...words, '--out', join(root, 'refused')).then((r) =>
      /has no .*--out/.test(r.err) ? fim(...words) : r,
    );
    expect(err).toContain(says);
    expect(err).not.toContain('await make(');
    expect(code).toBe(2);
  });
});
