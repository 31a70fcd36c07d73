import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runStudy } from './index.js';

/** A run of `npm run study -- ...words` in memory; the clock moves a tenth of a second a look. */
async function study(words: readonly string[], signal = new AbortController().signal) {
  const kept = { out: '', err: '' };
  let clock = 0;
  const stream = (name: 'out' | 'err') => ({ write: (text: string) => void (kept[name] += text) });
  const now = () => (clock += 0.1);
  const around = { stdout: stream('out'), stderr: stream('err'), now, signal, version: '1.2.3' };
  const code = await runStudy(words, around);
  return { code, ...kept };
}

const made = () => mkdtempSync(join(tmpdir(), 'fim-study-'));

describe('npm run study', () => {
  it('fills a folder with a page, figures and numbers, the same again from its points', async () => {
    const folder = made();
    const words = ['natural-gradient-toy', '--quick', '--seeds', '2', '--run', folder];
    const first = await study(words);
    expect(first).toMatchObject({ code: 0, out: `${folder}/index.html\n` });
    expect(first.err).toContain('done in');
    const files = readdirSync(folder).filter((file) => /\.(html|svg|csv|json)$/.test(file));
    expect(files).toEqual(expect.arrayContaining(['index.html', 'curves.csv', 'summary.json']));
    const text = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
    const line = `npm run study -- natural-gradient-toy --seeds 2 --quick --run ${folder}`;
    expect(JSON.parse(text.get('summary.json')!)).toMatchObject({ command: line, seeds: 2 });
    expect(text.get('index.html')).toContain(line);
    const again = await study([...words, '--quiet', '--json']);
    expect([again.code, again.err]).toEqual([0, '']);
    expect(JSON.parse(again.out)).toMatchObject({ folder, page: `${folder}/index.html` });
    for (const file of files.filter((name) => name.endsWith('.svg') || name.endsWith('.csv')))
      expect(readFileSync(join(folder, file), 'utf8')).toBe(text.get(file));
  });

  it('keeps finished points where it is interrupted, and says how to go on', async () => {
    const folder = made();
    const abort = new AbortController();
    abort.abort();
    const { code, out, err } = await study(
      ['natural-gradient-toy', '--quick', '--run', folder],
      abort.signal,
    );
    expect([code, out]).toEqual([130, '']);
    expect(err).toContain(`hint: npm run study -- natural-gradient-toy --quick --run ${folder}`);
    expect(readdirSync(folder)).not.toContain('index.html');
  });

  it('has help', async () => {
    const { code, out } = await study(['--help']);
    expect(code).toBe(0);
    for (const word of ['variance', 'rank1-cost', '--preset tune|hour|million|full', '-q, --quiet'])
      expect(out).toContain(word);
  });

  it.each([
    [[], /names one study.*\n {2}got: {3}none/],
    [['variance', 'rank1'], /names one study/],
    [['toString'], /names one study/],
    [['variance', '--depth', '3'], /options are --seeds.*\n {2}got:.*'--depth'/],
    [['variance', '--seeds', '0'], /--seeds: is a whole number from 1 to 10000\n {2}got: {3}0/],
    [['variance', '--seeds', '1.5'], /is a whole number/],
    [['variance', '--threads', '4096'], /--threads: is a whole number from 1 to 1024/],
    [['rank1', '--preset', 'week'], /--preset: is one of tune, hour, million, full/],
    [['variance', '--engine', 'gpu'], /--engine: is one of auto, ort, small/],
    [['rank1-theory', '--seeds', '1'], /--seeds: is at least 2/],
  ])('refuses %j with exit code 2', async (words, complaint) => {
    const { code, out, err } = await study(words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(complaint);
    expect(err).toMatch(/\n {2}next: /);
  });
});
