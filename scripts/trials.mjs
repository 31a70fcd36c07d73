// What trials of interrupted commands share: inputs, runs of a command in a folder, and what such a folder holds as digests.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { unzipSync } from 'fflate';

export const HOME = fileURLToPath(new URL('..', import.meta.url));
export const MAIN = join(HOME, 'dist/cli/main.js');
export const STUDY = join(HOME, 'build/studies/main.js');

/** Networks of `widths`, data of `examples`, and what other commands make of them, in a folder; `name` stands in files' names. */
export async function writeInputs(folder, { widths, examples }) {
  mkdirSync(folder, { recursive: true });
  const at = (name) => join(folder, name);
  const fim = {
    ...(await import(pathToFileURL(join(HOME, 'dist/index.js')).href)),
    ...(await import(pathToFileURL(join(HOME, 'dist/data/index.js')).href)),
  };
  const { denseNetwork, formatArrays, getLikelihood, networkToOnnx, tensor } = fim;
  const network = denseNetwork({ widths, activation: 'tanh', seed: 1 });
  writeFileSync(at('net.onnx'), networkToOnnx(network, getLikelihood('categorical')));
  const [n, wide, classes] = [examples, widths[0], widths.at(-1)];
  const x = Float32Array.from({ length: n * wide }, (_, i) => Math.sin(i * 1.7));
  const y = Int32Array.from({ length: n }, (_, i) => i % classes);
  const arrays = new Map([
    ['x', tensor('float32', [n, wide], x)],
    ['y', tensor('int32', [n], y)],
  ]);
  writeFileSync(at('data.npz'), formatArrays('npz', arrays));
  const p = widths.slice(1).reduce((sum, to, i) => sum + to * (widths[i] + 1), 0);
  const rhs = tensor('float64', [2, p], new Float64Array(2 * p).fill(1));
  writeFileSync(at('rhs.npz'), formatArrays('npz', new Map([['v', rhs]])));
}

/** Runs `fim ...words` in a folder to its end; throws where it fails. */
export function fixed(folder, words) {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...words], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`fim ${words.join(' ')} ended with ${status}\n${stderr}`);
}

/**
 * Runs `fim ...words`, or a study's, in a folder. Killed after `killAfter` seconds where that is given, and after `limit` seconds in any
 * case. Gives the exit code or the signal's name, what was said, and the seconds that it took.
 */
export function run(folder, words, { node = [], env = {}, killAfter = null, limit = 120 } = {}) {
  const program = words[0] === 'study' ? [STUDY, ...words.slice(1)] : [MAIN, ...words];
  return new Promise((done) => {
    const began = performance.now();
    const child = spawn(process.execPath, [...node, ...program], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let [said, hung] = ['', false];
    child.stderr.on('data', (text) => (said += text));
    const kill = killAfter === null ? null : setTimeout(() => child.kill('SIGKILL'), 1000 * killAfter);
    const end = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, 1000 * limit);
    child.on('close', (code, by) => {
      clearTimeout(kill);
      clearTimeout(end);
      done({ code: hung ? 'hang' : (by ?? code), said, seconds: (performance.now() - began) / 1000 });
    });
  });
}

/** Every file below a folder, by its path from there. */
export function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

/** Fields and columns that a clock fills. */
const CLOCK = /second|elapsed|wall|duration|^at$/i;
const digest = (of) => createHash('sha256').update(of).digest('hex').slice(0, 16);

function withoutClock(value) {
  if (Array.isArray(value)) return value.map(withoutClock);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !CLOCK.test(key) && key !== 'sha256');
  return Object.fromEntries(kept.map(([key, of]) => [key, withoutClock(of)]));
}

function columnsWithoutClock(text) {
  const rows = text.split('\n').map((line) => line.split(','));
  const kept = rows[0].flatMap((name, i) => (CLOCK.test(name) ? [] : [i]));
  return rows.map((row) => kept.map((i) => row[i]).join(',')).join('\n');
}

const CONTENTS = {
  json: (bytes) => JSON.stringify(withoutClock(JSON.parse(bytes.toString()))),
  csv: (bytes) => columnsWithoutClock(bytes.toString()),
  npz: (bytes) =>
    JSON.stringify(
      Object.entries(unzipSync(bytes)).map(([name, of]) => [
        name,
        name.includes('manifest') ? '' : digest(of),
      ]),
    ),
  safetensors: (bytes) => bytes.subarray(8 + Number(bytes.readBigUInt64LE(0))),
  html: (bytes) =>
    closed(bytes, '</html>')
      .toString()
      .replaceAll(/>[\d.]+ (µs|ms|s|min)</g, ''),
  svg: (bytes) => closed(bytes, '</svg>'),
};

function closed(bytes, end) {
  if (!bytes.toString().trimEnd().endsWith(end)) throw new Error(`does not end with ${end}`);
  return bytes;
}

/** What a file holds, a clock's numbers left out, as a digest. Throws where it was written in half. */
export function digestOf(path) {
  const bytes = readFileSync(path);
  const zipped = bytes.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'));
  const kind = zipped ? 'npz' : path.slice(path.lastIndexOf('.') + 1);
  return digest(CONTENTS[kind]?.(bytes) ?? bytes);
}

/** Names that stand only while work goes on, or that say who did it. */
export const PASSING =
  /(^|\/)((claim|done|late|released|failed)\.\d+|sealed\.[0-9a-f]{64}|log)$|(^|\/)work\.\d+\//;

/** Digests of all files of a folder by their names. */
export const stateOf = (folder) =>
  new Map(
    filesIn(folder)
      .filter((name) => !PASSING.test(name))
      .map((name) => [name, digestOf(join(folder, name))]),
  );

/** The checkpoint before the last: which update it is of, a clock decides. */
const EARLIER = /checkpoint\.prev\./;

/** Of two states of runs that nobody disturbed: what is the same in both, and which names are there with other bytes each time. */
export function stable(one, two) {
  const same = new Map([...one].filter(([name, of]) => two.get(name) === of && !EARLIER.test(name)));
  return { same, varies: [...one.keys()].filter((name) => !same.has(name)) };
}

/** What a state lacks of a stable one, has otherwise, or has beside all its names. */
export function differences(state, { same, varies }) {
  const lacks = [...same].filter(([name, of]) => state.get(name) !== of);
  const more = [...state.keys()].filter((name) => !same.has(name) && !varies.includes(name));
  return [
    ...lacks.map(([name]) => `${name} ${state.has(name) ? 'differs' : 'is missing'}`),
    ...more.map((name) => `${name} is left over`),
  ];
}
