/**
 * Environments as people write them, right and wrong, in a folder without node_modules: what the check says, and how a training ends.
 * Each row is a file of test/fixtures/rl-cases.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FimError } from '../../src/core/errors.js';
import { sha256 } from '../../src/disk/files.js';
import type { Finding } from '../../src/rl/index.js';
import { identify, requireSame } from '../../src/store/folder/identity.js';
import { moduleIdentity } from '../../src/store/training/module-digest.js';
import { fim } from '../cli/fim.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/rl-cases/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fim-environment-cases-'));
beforeAll(() => {
  for (const name of readdirSync(FIXTURES)) copyFileSync(join(FIXTURES, name), join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Case; codes of its mistakes; codes of its notes; exit code of a training, and what it says. */
const TABLE: readonly [string, readonly string[], readonly string[], number, RegExp][] = [
  ['async-factory', ['observation-space'], [], 3, /not in Box\(2, float32\) \[-1, 1\]/],
  ['async-step', ['step-async'], [], 3, /step must not be async/],
  ['big-reward', [], ['reward-scale'], 0, /note: .*normaliseRewards=true/],
  ['dict-observation', ['space'], [], 3, /spaces are Discrete or Box/],
  ['discrete-observation-range', ['observation-space'], [], 3, /\[10\] is not in Discrete\(10\)/],
  ['discrete-start', [], [], 0, /evaluation/],
  ['grid', [], [], 0, /Grid-v0/],
  ['id-of-builtin', ['registered'], [], 2, /'CartPole-v1' is taken/],
  ['large-action-box', [], ['action-scale'], 0, /note: .*far from ±1/],
  ['math-random', ['reset-seed', 'restore'], [], 3, /it calls Math.random/],
  ['multidiscrete', ['space'], [], 3, /spaces are Discrete or Box.*\n.*\n*.*discrete\(12\)|discrete\(12\)/],
  // Whether the check meets the rare NaN depends on its stream, which is of the name; the training meets it.
  [
    'nan-observation',
    ['observation-nan'],
    ['reset-fixed'],
    3,
    /observation\[0\] NaN from environment \d+ at step \d+/,
  ],
  ['nan-reward', [], ['reset-fixed'], 3, /reward NaN from environment \d+ at step \d+/],
  ['nav', [], ['endless'], 0, /evaluation/],
  ['no-reward', [], ['no-reward'], 0, /note: .*every reward/],
  ['object-export', ['environment-module'], [], 2, /the dynamics themselves/],
  ['observation-too-long', ['observe-offset'], [], 3, /writes 4 numbers/],
  ['observation-too-short', ['observe-offset'], [], 3, /writes 4 numbers/],
  ['observe-ignores-offset', ['observe-offset'], [], 3, /writes 2 numbers/],
  ['observe-returns', ['observe-offset'], [], 3, /what it returns is not read/],
  ['one-action', [], ['one-action'], 2, /at least two actions/],
  ['own-truncation', [], ['reset-fixed'], 0, /evaluation +20\.00 ± 0/],
  ['plain-array-state', ['dynamics'], [], 3, /a plain array/],
  ['plain-object-spaces', [], [], 0, /evaluation/],
  [
    'returns-tuple',
    ['observation-space', 'step-returns'],
    ['endless', 'no-reward'],
    3,
    /what step returns is not read/,
  ],
  ['shared-state', ['shared-state'], [], 3, /share state/],
  ['space-without-kind', ['space'], [], 3, /an object without kind/],
  ['throws-in-step', ['throws'], [], 3, /threw in step after 200 steps .*simulator lost its connection/],
  ['throws-without-text', ['throws'], [], 3, /threw in step after 200 steps .*something that has no text/],
];

describe.each(TABLE)('%s', (name, mistakes, notes, exit, says) => {
  it('is answered by the check', async () => {
    const { code, out } = await fim(['envs', 'check', join(folder, `${name}.mjs`), '--json']);
    const { findings } = JSON.parse(out) as { findings: Finding[] };
    const codes = (kind: Finding['kind']): string[] =>
      findings.filter((f) => f.kind === kind).map((f) => f.code);
    expect(codes('mistake')).toEqual(mistakes);
    expect(codes('note')).toEqual(notes);
    expect(code).toBe(mistakes.length > 0 ? 1 : 0);
  });

  it('trains, or is refused with the cause', async () => {
    const words = [
      'rl',
      'train',
      join(folder, `${name}.mjs`),
      '--steps',
      '2048',
      '--out',
      join(folder, 'runs', name),
    ];
    const { code, out, err } = await fim(words);
    expect([code, err + out]).toEqual([exit, expect.stringMatching(says)]);
    expect(err).not.toMatch(/fault in fim/);
  });
});

describe('a module that is none', () => {
  const refused = async (name: string, text: string | null): Promise<string> => {
    if (text !== null) writeFileSync(join(folder, name), text);
    const { code, err } = await fim([
      'rl',
      'train',
      join(folder, name),
      '--out',
      join(folder, 'runs', 'none'),
    ]);
    expect(code).not.toBe(0);
    expect(err).not.toMatch(/fault in fim/);
    return err;
  };

  it.each([
    ['missing.mjs', null, /no such file/],
    ['broken.mjs', 'export default () => {', /could not be imported/],
    ['angry.mjs', "throw new Error('no licence');", /could not be imported: no licence\n.*angry\.mjs:1/],
    ['lost.mjs', "import 'a-package-that-is-not-there';", /could not be imported: Cannot find package/],
    ['named.mjs', 'export function walk() {}', /no default export, but walk\n[^]*export default walk/],
    [
      'field.mjs',
      'export default { factory: () => ({}), maxStep: 3 };',
      /maxStep\n[^]*did you mean "maxSteps"/,
    ],
    [
      'limit.mjs',
      'export default { factory: () => ({}), maxSteps: 0 };',
      /maxSteps is a positive whole number/,
    ],
    ['classy.mjs', 'export default class Walk {}', /export default \(\) => new Walk\(\)/],
    ['CartPole-v1.mjs', 'export default () => ({});', /'CartPole-v1' is taken/],
    [
      'leaves.mjs',
      `import { box, discrete } from 'fim/rl';
      export default () => { const state = new Float64Array(1); return { observationSpace: box([0], [1]), actionSpace: discrete(2), state,
        reset(r) { state[0] = r.next(); }, step() { process.exit(0); }, observe(out, k) { out[k] = state[0]; } }; };`,
      /process\.exit/,
    ],
    [
      'done.mjs',
      `import { box, discrete } from 'fim/rl';
      export default () => { const state = new Float64Array(1); return { observationSpace: box([0], [1]), actionSpace: discrete(2), state,
        reset(r) { state[0] = r.next(); }, step(a, o) { o.reward = 1; o.done = true; }, observe(out, k) { out[k] = state[0]; } }; };`,
      /outcome\.done, which nothing reads.*outcome\.terminated/,
    ],
  ])('%s', async (name, text, says) => {
    expect(await refused(name, text)).toMatch(says);
  });

  it.each(['__proto__', 'constructor', 'toString'])('%s is the name of no environment', async (name) => {
    for (const words of [
      ['rl', 'train', name],
      ['bench-env', name],
      ['rl', 'compare', '--algorithms', 'ppo', '--envs', name],
    ]) {
      const { code, err } = await fim(words);
      expect([code, err]).toEqual([2, expect.stringMatching(/is one of CartPole-v1/)]);
    }
  });
});

describe('what a module is', () => {
  const put = (name: string, text: string): string => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const hash = (text: string): string => sha256(new TextEncoder().encode(text));

  it('its text, and that of every file that it leads to', () => {
    const main = `import { a } from './lib/a.mjs';\nexport * from "./lib/b.mjs";\nconst data = new URL('./data.json', import.meta.url);\nimport fs from 'node:fs';`;
    const path = put('digest/env.mjs', main);
    put('digest/lib/a.mjs', "import './c.mjs';\nexport const a = 1;");
    put('digest/lib/b.mjs', "export const load = () => import('../env.mjs');");
    put('digest/lib/c.mjs', '// c');
    put('digest/data.json', '{}');
    const identity = moduleIdentity(path);
    expect(identity.sha256).toBe(hash(main));
    expect(Object.keys(identity.imports ?? {})).toEqual(['data.json', 'lib/a.mjs', 'lib/b.mjs', 'lib/c.mjs']);
    expect(identity.imports?.['lib/c.mjs']).toBe(hash('// c'));
  });

  it('a changed one is another run, and is said', () => {
    const path = put('changed/env.mjs', 'export default 1;');
    const before = identify('env', 'ppo', { seed: 0, module: moduleIdentity(path) });
    put('changed/env.mjs', 'export default 2;');
    const now = identify('env', 'ppo', { seed: 0, module: moduleIdentity(path) });
    const other = identify('env', 'ppo', {
      seed: 0,
      module: moduleIdentity(put('other/env.mjs', 'export default 1;')),
    });
    const says = (asked: typeof now): string => {
      try {
        requireSame(before, asked, 'runs/ppo-env-0');
      } catch (error) {
        expect((error as FimError).code).toBe('run/of-another');
        return (error as FimError).message;
      }
      return '';
    };
    expect(says(before)).toBe('');
    expect(says(now)).toMatch(/the environment's file changed since[^]*name another `out`/);
    expect(says(other)).toMatch(/another environment's file[^]*name another `out`/);
  });
});
