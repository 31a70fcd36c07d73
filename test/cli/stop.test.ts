/** Ctrl-C of work that never lets its event loop turn, by a process: an environment that loops, a pipe that nobody writes to. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, existsSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FIM } from '../support/command.js';
import { processClock } from '../support/clock.js';
import { model, scratch } from './fim.js';

const { path } = scratch();

/** Steps two thousand times, says so by a file, and never returns from the next. */
const LOOPS = (sign: string): string => `
import { writeFileSync } from 'node:fs';
import { box, discrete } from 'fim/rl';
let steps = 0;
export default () => ({
  observationSpace: box([-9], [9]), actionSpace: discrete(2), state: new Float64Array(1),
  reset() { this.state[0] = 0; },
  step(action, outcome) {
    if (++steps > 2000) { writeFileSync(${JSON.stringify(sign)}, ''); for (;;); }
    this.state[0] += action[0] ? 1 : -1;
    outcome.reward = -1; outcome.terminated = Math.abs(this.state[0]) > 8;
  },
  observe(out, at) { out[at] = this.state[0]; },
});`;

interface Ended {
  readonly code: number | null;
  readonly by: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  readonly seconds: number;
}

/** Starts `fim ...words`, sends the signals once `busy`, and waits for the end. */
async function stopped(
  words: readonly string[],
  busy: (child: ChildProcess) => Promise<unknown>,
  ...signals: NodeJS.Signals[]
): Promise<Ended> {
  const child = spawn(process.execPath, [...FIM, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => (said.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said.err += text.toString()));
  const end = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  await busy(child);
  const began = processClock.seconds();
  for (const signal of signals) {
    child.kill(signal);
    await sleep(150);
  }
  const [code, by] = await end;
  return { code, by, ...said, seconds: processClock.seconds() - began };
}

const appears = (file: string) => async (): Promise<void> => {
  while (!existsSync(file)) await sleep(20);
};

/** Until somebody has the pipe open to read from it, which it then is to no end. */
async function isRead(pipe: string): Promise<void> {
  for (;;) {
    try {
      openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
      return;
    } catch {
      await sleep(20);
    }
  }
}

async function saysPerCent(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('it ended before it said how far it is');
  });
  ended.catch(() => undefined);
  for (;;) {
    const [text] = (await Promise.race([once(child.stderr!, 'data'), ended])) as [Buffer];
    if (text.includes('%')) return;
  }
}

/** Two seconds, twice over for a machine that does other things too. */
const SOON = 4;

const ENDED = 'ended: the work did not stop by itself within 1.3 s\n';

describe('work that hears nothing', () => {
  const train = (name: string): string[] => {
    const environment = path(`${name}.mjs`);
    writeFileSync(environment, LOOPS(path(`${name}-loops`)));
    return [
      ...['rl', 'train', environment, '--steps', '100000', '--workers', '1', '--quiet'],
      ...['--out', path(name)],
    ];
  };

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: ended, its folder let go, with the line that goes on', async (signal, code) => {
    const words = train(signal);
    const ended = await stopped(words, appears(path(`${signal}-loops`)), signal);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toContain(`stopping with what is known so far; Ctrl-C again stops at once\n${ENDED}`);
    expect(ended.err).toContain('\nhint: fim rl train ');
    expect(ended.seconds).toBeLessThan(SOON);
    expect(readdirSync(path(signal)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('a second signal is the system’s, and ends it at once', async () => {
    const ended = await stopped(train('twice'), appears(path('twice-loops')), 'SIGINT', 'SIGINT');
    expect(ended).toMatchObject({ code: null, by: 'SIGINT' });
    expect(ended.err).not.toContain('ended:');
    expect(ended.seconds).toBeLessThan(1.4);
  });

  it('data from a pipe that nobody writes to: ended by the signal itself', async () => {
    const pipe = path('pipe');
    execFileSync('mkfifo', [pipe]);
    const words = ['estimate', model('digits-mlp-tanh'), pipe, '--likelihood', 'categorical'];
    const ended = await stopped(words, () => isRead(pipe), 'SIGINT');
    expect(ended).toMatchObject({ code: null, by: 'SIGINT', out: '' });
    expect(ended.err).toContain(`${ENDED}nothing is known yet\n`);
    expect(ended.seconds).toBeLessThan(SOON);
  });
});

it('what hears it ends by itself, with what it has', async () => {
  const words = ['estimate', model('digits-mlp-tanh'), model('digits-mlp-tanh', 'data.npz')];
  const long = [
    '--likelihood',
    'categorical',
    '--estimator',
    'type1',
    '--labels',
    '300000',
    '--error',
    'sampled',
    '--batch',
    '1',
    '--json',
  ];
  const ended = await stopped([...words, ...long], saysPerCent, 'SIGINT');
  expect(ended.code).toBe(130);
  expect(ended.err).not.toContain('ended:');
  expect(ended.seconds).toBeLessThan(SOON);
});
