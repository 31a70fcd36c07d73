import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { memoryIo } from '../../src/cli/io.js';

const signal = new AbortController().signal;

async function cli(...words: string[]) {
  const io = memoryIo();
  const code = await runCli(words, { io, version: '0.0.0', signal });
  return { code, out: io.out(), err: io.err() };
}

it('lists the environments with spaces and thresholds', async () => {
  const { code, out } = await cli('envs', '--json');
  expect(code).toBe(0);
  const { environments } = JSON.parse(out) as { environments: { id: string; threshold: number | null }[] };
  expect(environments.find((e) => e.id === 'CartPole-v1')?.threshold).toBe(475);
  expect(environments.map((e) => e.id)).toEqual(expect.arrayContaining(['Taxi-v4', 'Hopper-v5']));
});

it('writes an episode as a page that stands alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fim-watch-'));
  try {
    const path = join(folder, 'episode.html');
    const { code, out } = await cli('watch', 'FrozenLake-v1', '--out', path, '--seed', '3');
    expect(code).toBe(0);
    expect(out).toMatch(/steps, return/);
    const page = readFileSync(path, 'utf8');
    expect(page).toMatch(/svg/);
    expect(page).not.toMatch(/src="http/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('refuses an environment that there is not, naming those that there are', async () => {
  const { code, err } = await cli('watch', 'CartPole-v2');
  expect(code).toBeGreaterThanOrEqual(2);
  expect(err).toContain('CartPole-v1');
});
