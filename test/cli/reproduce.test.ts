/** `fim reproduce`: names the line that runs a study in a clone, a line that the studies understand. */
import { describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { memoryIo } from '../../src/cli/io.js';
import { STUDIES as NAMES } from '../../src/cli/study.js';
import { STUDIES } from '../../studies/commands/index.js';
import { readWords } from '../../studies/face/options.js';

async function fim(...words: string[]) {
  const io = memoryIo();
  const { signal } = new AbortController();
  const code = await runCli(words, { io, version: '1.2.3', signal });
  return { code, out: io.out(), err: io.err() };
}

/** The words behind `npm run study -- ` on the line of the hint. */
function hinted(err: string): string[] {
  const line = /^hint: npm run study -- (.*)$/m.exec(err)?.[1] ?? '';
  return [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, inside]) => inside ?? word);
}

describe('fim reproduce', () => {
  it('knows the studies that there are', () => {
    expect([...NAMES].sort()).toEqual(Object.keys(STUDIES).sort());
  });

  it.each(NAMES)('prints the line that runs %s, and ends with exit code 2', async (name) => {
    const { code, out, err } = await fim('reproduce', name, '--run', 'a folder/x', '--seeds', '4', '-q');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('clone of the repository');
    const { names, options } = readWords(hinted(err));
    expect(names).toEqual([name]);
    expect(options).toMatchObject({ run: 'a folder/x', seeds: 4, quiet: true, quick: false });
  });

  it('carries every option over', async () => {
    const words = ['--seeds', '2', '--preset', 'million', '--quick', '--mnist', 'm', '--engine', 'ort'];
    const rest = ['--threads', '3', '--workers', '5', '--run', 'r', '--prepare', '--json', '--quiet'];
    const { err } = await fim('reproduce', 'rank1', ...words, ...rest);
    expect(readWords(hinted(err)).options).toEqual({
      run: 'r',
      quick: true,
      seeds: 2,
      preset: 'million',
      mnist: 'm',
      engine: 'ort',
      threads: 3,
      workers: 5,
      prepare: true,
      json: true,
      quiet: true,
    });
  });

  it('answers a name that no study has with the nearest', async () => {
    const { code, err } = await fim('reproduce', 'varianse');
    expect(code).toBe(2);
    expect(err).toContain('variance, natural-gradient-toy');
    expect(err).toContain('hint: did you mean "variance"?');
  });
});
