// Ctrl-C at ten moments of every command: how long until it ends, how, and with what exit code. Each command runs once to its end (at most
// LIMIT seconds), then ten times, stopped at 5 %, 15 %, … of that time, by SIGINT and SIGTERM in turn.
//   node scripts/stop-times.mjs [--only NAME]… [--out FILE.md] [--folder DIR]      rows of a table; the build must be up to date
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { zipSync } from 'fflate';

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, out: { type: 'string' }, folder: { type: 'string' } },
});
const HOME = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(HOME, 'dist/cli/main.js');
/** Seconds of a run that stand for all of it. */
const LIMIT = 8;
const MOMENTS = 10;
const HANG_MS = 20_000;

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'fim-stop-'));
mkdirSync(folder, { recursive: true });
const at = (name) => join(folder, name);

const LOOPS = `import { box, discrete } from 'fim/rl';
let steps = 0;
export default () => ({ observationSpace: box([-9], [9]), actionSpace: discrete(2), state: new Float64Array(1),
  reset() { this.state[0] = 0; },
  step(action, outcome) { if (++steps > 500) for (;;); this.state[0] += action[0] ? 1 : -1; outcome.reward = -1; outcome.terminated = Math.abs(this.state[0]) > 8; },
  observe(out, i) { out[i] = this.state[0]; } });`;

async function writeInputs() {
  const fim = {
    ...(await import(pathToFileURL(join(HOME, 'dist/index.js')).href)),
    ...(await import(pathToFileURL(join(HOME, 'dist/data/index.js')).href)),
  };
  const { denseNetwork, formatArrays, getLikelihood, networkToOnnx, tensor } = fim;
  const law = getLikelihood('categorical');
  const network = (name, widths) =>
    writeFileSync(at(name), networkToOnnx(denseNetwork({ widths, activation: 'tanh', seed: 1 }), law));
  network('net.onnx', [64, 34, 10]);
  network('wide.onnx', [64, 400, 300, 10]);
  network('tensors.onnx', Array(5001).fill(2));
  const wave = (n, width) =>
    tensor(
      'float32',
      [n, width],
      Float32Array.from({ length: n * width }, (_, i) => Math.sin(i * 1.7)),
    );
  const labels = (n) =>
    tensor(
      'int32',
      [n],
      Int32Array.from({ length: n }, (_, i) => i % 10),
    );
  const data = (name, n, width) =>
    writeFileSync(
      at(name),
      formatArrays(
        'npz',
        new Map([
          ['x', wave(n, width)],
          ['y', labels(n)],
        ]),
      ),
    );
  data('data.npz', 2000, 64);
  data('two.npz', 20, 2);
  const rhs = tensor('float64', [2, 2560], new Float64Array(5120).fill(1));
  writeFileSync(at('rhs.npz'), formatArrays('npz', new Map([['v', rhs]])));
  const rows = 700_000;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, 64), }`.padEnd(117) + '\n';
  const npy = new Uint8Array(128 + rows * 256);
  npy.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  npy.set(new TextEncoder().encode(header), 10);
  writeFileSync(at('packed.npz'), zipSync({ 'x.npy': npy }, { level: 1 }));
  writeFileSync(at('loops.mjs'), LOOPS);
  spawnSync('mkfifo', [at('pipe')]);
  const fixed = (words) => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...words], { cwd: folder });
    if (status !== 0) throw new Error(`fim ${words.join(' ')} ended with ${status}\n${stderr}`);
  };
  const small = ['net.onnx', 'data.npz', '--quiet', '--examples', '100'];
  fixed(['estimate', ...small, '--form', 'dense', '--out', 'dense.npz']);
  fixed(['estimate', ...small, '--form', 'kfac', '--out', 'kfac.npz']);
  fixed(['estimate', ...small, '--out', 'diagonal.npz']);
  for (const i of [1, 2])
    fixed(['estimate', 'net.onnx', 'data.npz', '--quiet', '--shard', `${i}/2`, '--out', `part${i}.sums.npz`]);
  fixed(['estimate', 'net.onnx', 'data.npz', '--quiet', '--run', 'tasks', '--tasks', '30', '--prepare']);
  fixed(['sweep', '--quick', '--prepare', '--run', 'sweep-tasks', '--quiet', '--examples', '40']);
  fixed(['rl', 'train', 'CartPole-v1', '--steps', '2000', '--out', 'policy', '--quiet']);
}

const NET = ['net.onnx', 'data.npz'];
/** Words by name; a name in brackets is a folder that every run begins without, or with a fresh copy of FOLDER of `=FOLDER`. */
const COMMANDS = {
  demo: [['demo'], 'fim-demo'],
  train: [['train', 'data.npz', '--hidden', '64', '--epochs', '300', '--out', 'trained.onnx']],
  inspect: [['inspect', 'wide.onnx']],
  'inspect, 10,000 tensors': [['inspect', 'tensors.onnx']],
  estimate: [['estimate', 'wide.onnx', 'data.npz', '--estimator', 'type1', '--labels', '20']],
  'estimate, 10,000 tensors': [['estimate', 'tensors.onnx', 'two.npz']],
  'estimate --form dense': [['estimate', ...NET, '--form', 'dense', '--examples', '500', '--out', 'd.npz']],
  'estimate --form kfac': [['estimate', ...NET, '--form', 'kfac', '--out', 'k.npz']],
  'estimate --form ekfac': [['estimate', 'wide.onnx', 'data.npz', '--form', 'ekfac', '--out', 'e.npz']],
  'estimate --run': [['estimate', 'wide.onnx', 'data.npz', '--estimator', 'type1', '--run', 'run'], 'run'],
  'estimate --shard': [['estimate', 'wide.onnx', 'data.npz', '--shard', '1/2', '--out', 's.sums.npz']],
  'estimate --target-error': [['estimate', ...NET, '--target-error', '0.5%', '--estimator', 'type1']],
  'estimate, packed npz of 180 MB': [['estimate', 'net.onnx', 'packed.npz']],
  'estimate, data from a pipe': [['estimate', 'net.onnx', 'pipe']],
  merge: [['merge', 'part1.sums.npz', 'part2.sums.npz', '--out', 'm.npz']],
  compile: [['compile', 'wide.onnx', '--out', 'c.onnx']],
  'compile, 10,000 tensors': [['compile', 'tensors.onnx', '--out', 'c.onnx']],
  'spectrum, dense': [['spectrum', 'dense.npz']],
  'spectrum, model': [['spectrum', ...NET]],
  solve: [['solve', 'dense.npz', '--rhs', 'rhs.npz', '--damping', '0.1', '--out', 'solved.npz']],
  compare: [['compare', 'dense.npz', 'kfac.npz']],
  verify: [['verify', 'dense.npz', ...NET]],
  variance: [['variance', 'wide.onnx', 'data.npz']],
  forms: [['forms', ...NET]],
  plan: [['plan', ...NET, '--target-error', '1%']],
  'plan, 10,000 tensors': [['plan', 'tensors.onnx', 'two.npz', '--target-error', '1%']],
  sweep: [['sweep', '--quick', '--run', 'sweep', '--examples', '100'], 'sweep'],
  reproduce: [['reproduce', 'rank1-cost']],
  work: [['work', 'work'], 'work=tasks'],
  'work on a sweep': [['work', 'work2'], 'work2=sweep-tasks'],
  status: [['status', 'tasks']],
  submit: [['submit', 'tasks', '--kubernetes', 'image']],
  envs: [['envs']],
  'envs check': [['envs', 'check', './loops.mjs']],
  watch: [['watch', 'CartPole-v1', '--out', 'w.html']],
  'bench-env': [['bench-env', 'CartPole-v1']],
  'rl train': [['rl', 'train', 'CartPole-v1', '--steps', '200000', '--out', 'rl'], 'rl'],
  'rl train --workers 2': [
    ['rl', 'train', 'CartPole-v1', '--steps', '200000', '--workers', '2', '--out', 'rl2'],
    'rl2',
  ],
  'rl train, an environment that loops': [
    ['rl', 'train', './loops.mjs', '--steps', '9000', '--workers', '1', '--out', 'l1'],
    'l1',
  ],
  'rl train --workers 2, one that loops': [
    ['rl', 'train', './loops.mjs', '--steps', '9000', '--workers', '2', '--out', 'l2'],
    'l2',
  ],
  'rl evaluate': [['rl', 'evaluate', 'CartPole-v1', 'policy/policy.onnx', '--episodes', '2000']],
  'rl compare': [
    [
      'rl',
      'compare',
      '--algorithms',
      'reinforce,ppo',
      '--envs',
      'CartPole-v1',
      '--steps',
      '20000',
      '--seeds',
      '2',
      '--out',
      'cmp',
    ],
    'cmp',
  ],
  'rl compare, one that loops': [
    [
      'rl',
      'compare',
      '--algorithms',
      'reinforce',
      '--envs',
      './loops.mjs',
      '--steps',
      '9000',
      '--seeds',
      '2',
      '--out',
      'lc',
    ],
    'lc',
  ],
};

function clean(place) {
  if (place === undefined) return;
  const [to, from] = place.split('=');
  rmSync(at(to), { recursive: true, force: true });
  if (from !== undefined) cpSync(at(from), at(to), { recursive: true });
}

/** Starts a command and stops it after so many seconds, which null lets be. */
function run([words, place], after, signal) {
  clean(place);
  return new Promise((resolve) => {
    const began = performance.now();
    const child = spawn(process.execPath, [MAIN, ...words], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [told, said] = [null, ''];
    child.stdout.resume();
    child.stderr.on('data', (text) => (said += text));
    const stop = setTimeout(() => {
      told = performance.now();
      child.kill(signal);
    }, 1000 * after);
    const hang = setTimeout(() => child.kill('SIGKILL'), 1000 * after + HANG_MS);
    child.on('close', (code, by) => {
      clearTimeout(stop);
      clearTimeout(hang);
      resolve({
        whole: (performance.now() - began) / 1000,
        seconds: told === null ? null : (performance.now() - told) / 1000,
        code: by ?? code,
        forced: said.includes('ended: the work'),
        said,
      });
    });
  });
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
const count = (list) =>
  [...new Set(list)].map((one) => `${one} × ${list.filter((other) => other === one).length}`).join(', ');

if (!existsSync(at('policy'))) await writeInputs();
const { only } = values;
const rows = [
  '| command | run | to the end, median | longest | exit codes | ended from outside |',
  '| --- | --- | --- | --- | --- | --- |',
];
let late = 0;
for (const [name, command] of Object.entries(COMMANDS)) {
  if (only && !only.includes(name)) continue;
  const first = await run(command, LIMIT, 'SIGKILL');
  const whole = Math.min(first.whole, LIMIT);
  const found = [];
  for (let k = 0; k < MOMENTS; k++)
    found.push(await run(command, (whole * (k + 0.5)) / MOMENTS, k % 2 === 0 ? 'SIGINT' : 'SIGTERM'));
  const stopped = found.filter(({ seconds }) => seconds !== null);
  const times = stopped.map(({ seconds }) => seconds);
  const longest = Math.max(...times, 0);
  if (longest > 2) late++;
  const row = `| ${name} | ${first.whole > LIMIT ? `> ${LIMIT}` : first.whole.toFixed(1)} s | ${times.length === 0 ? '–' : median(times).toFixed(2)} s | ${longest.toFixed(2)} s | ${count(found.map(({ code }) => code))} | ${stopped.filter(({ forced }) => forced).length} of ${stopped.length} |`;
  rows.push(row);
  console.error(row);
  if (first.seconds === null && first.code !== 0)
    console.error(`  ended with ${first.code}: ${first.said.slice(0, 300)}`);
  if (values.out) writeFileSync(values.out, `${rows.join('\n')}\n`);
}
if (!values.folder) rmSync(folder, { recursive: true, force: true });
console.log(rows.join('\n'));
process.exitCode = late === 0 ? 0 : 1;
