// What tests of engines share: fim as a program, a comparison that takes seconds, and what must be the same however it was made.
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = resolve(fileURLToPath(new URL('../..', import.meta.url)));
export const MAIN = join(ROOT, 'dist', 'cli', 'main.js');

/** Runs `fim ...words`; its exit code and both streams. */
export async function fim(...words) {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, ...words]);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    return { code: error.code, out: error.stdout ?? '', err: error.stderr ?? String(error) };
  }
}

/** The same, which must end well; what it prints. */
export async function ok(...words) {
  const { code, out, err } = await fim(...words);
  if (code !== 0) throw new Error(`fim ${words.join(' ')} ended with ${code}\n${out}${err}`);
  return out;
}

/** Runs `npm run study -- natural-gradient-toy` of six seeds in the clone, into `folder`. */
export const toyStudy = (folder, ...words) =>
  promisify(execFile)(
    process.execPath,
    ['scripts/study.mjs', 'natural-gradient-toy', '--quick', '--seeds', '6', '--run', folder, ...words, '-q'],
    { cwd: ROOT },
  );

/** The files of a study's folder by name, with the folder and how it was prepared taken out of them. */
export const studyFiles = (folder) =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'tasks.json')
      .map(({ name }) => [name, readFileSync(join(folder, name), 'utf8').replaceAll(folder, 'FOLDER')]),
  );

/** A comparison of `seeds` × 2 runs, each well under a second; its file. */
export function smallComparison(folder, seeds, steps = 640) {
  const small = { environments: 2, horizon: 32, hidden: [4] };
  const file = join(folder, 'spec.json');
  const spec = {
    title: 'A small comparison',
    arms: [
      { algorithm: 'ppo', set: { ...small, epochs: 1 } },
      { algorithm: 'smac', set: small },
    ],
    environments: ['CartPole-v1'],
    steps,
    seeds,
  };
  writeFileSync(file, JSON.stringify(spec));
  return file;
}

/** What a comparison found, without clocks: cells, and every run's table and policy. */
export function foundIn(out) {
  const { cells, runs } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
  const timeless = (value) =>
    JSON.parse(JSON.stringify(value, (key, one) => (/seconds|perSecond|cost/i.test(key) ? null : one)));
  const folders = readdirSync(join(out, 'runs'), { recursive: true, withFileTypes: true });
  const tables = folders
    .filter((entry) => entry.name === 'progress.csv' || entry.name === 'policy.onnx')
    .map((entry) => {
      const file = join(entry.parentPath ?? entry.path, entry.name);
      return [
        file.slice(out.length),
        readFileSync(file, 'latin1').replaceAll(/,[^,\n]*$/gm, entry.name.endsWith('csv') ? '' : '$&'),
      ];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return { cells: timeless(cells), runs: timeless(runs), tables };
}

/** Processes of this machine whose command line holds `text`. */
export function pidsOf(text) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}

export const sh = (program, ...args) => execFileSync(program, args, { encoding: 'utf8' });
