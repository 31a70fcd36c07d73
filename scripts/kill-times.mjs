// Kills long commands at random moments (SIGKILL), runs the same line again to its end, and compares all files with those of runs that
// nobody disturbed, byte for byte but for a clock's numbers.
//   node scripts/kill-times.mjs [--only NAME,…] [--kills N] [--seed S] [--out FILE.md] [--folder DIR]
// The build must be up to date, and that of the studies (`npm run study -- --help`).
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { differences, fixed, run, stable, stateOf, writeInputs } from './trials.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
    folder: { type: 'string' },
  },
});
const place =
  values.folder ?? mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'fim-kills-'));
const inputs = join(place, 'inputs');
const of = (name) => join(inputs, name);

const NET = [of('net.onnx'), of('data.npz'), '--engine', 'small', '--quiet'];
const TASKS = [
  'estimate',
  ...NET,
  '--estimator',
  'type1',
  '--labels',
  '30',
  '--tasks',
  '8',
  '--run',
  'tasks',
];
const SWEEP = [
  ...[
    'sweep',
    '--quick',
    '--activations',
    'tanh,relu',
    '--depths',
    '1,2',
    '--widths',
    '8',
    '--scales',
    '1,2',
  ],
  ...['--seeds', '1', '--examples', '60', '--run', 'sweep', '--quiet'],
];
const COMPARE = [
  ...['rl', 'compare', '--algorithms', 'reinforce,ppo', '--envs', 'CartPole-v1', '--steps', '3000'],
  ...['--seeds', '1', '--workers', '1', '--out', 'compare', '--quiet'],
];
const TRAIN = [
  'train',
  of('data.npz'),
  '--hidden',
  '32',
  '--epochs',
  '40',
  '--engine',
  'small',
  '--out',
  't.onnx',
];
const RL = ['rl', 'train', 'CartPole-v1', '--set', 'horizon=64', '--set', 'environments=4', '--workers', '1'];

/** Words by name; a second entry is the prepared folder that the command begins with, a third what is run when it has ended. */
const COMMANDS = {
  'estimate --run': [[...TASKS, '--out', 'f.npz']],
  'work on an estimate': [['work', 'tasks', '--quiet'], 'tasks', ['merge', 'tasks', '--out', 'm.npz']],
  'estimate --shard': [
    ['estimate', ...NET, '--estimator', 'type1', '--labels', '30', '--shard', '1/2', '--out', 's.npz'],
  ],
  'estimate --out': [['estimate', ...NET, '--estimator', 'type1', '--labels', '30', '--out', 'f.npz']],
  train: [[...TRAIN, '--quiet']],
  'train --track': [
    [...TRAIN, '--track', 'fisher,variance', '--track-inputs', '20', '--run', 'tracked', '--quiet'],
  ],
  sweep: [SWEEP],
  'work on a sweep': [['work', 'sweep', '--quiet'], 'sweep', ['merge', 'sweep']],
  'rl train': [[...RL, '--steps', '20000', '--out', 'run', '--quiet']],
  'rl compare': [COMPARE],
  'work on a comparison': [['work', 'compare', '--quiet'], 'compare', ['merge', 'compare']],
  'study natural-gradient-toy': [
    ['study', 'natural-gradient-toy', '--quick', '--seeds', '6', '--run', 'toy', '--quiet'],
  ],
};

async function prepare() {
  await writeInputs(inputs, { widths: [24, 32, 6], examples: 3000 });
  for (const words of [TASKS, SWEEP, COMPARE]) fixed(inputs, [...words, '--prepare']);
}

/** A folder for a run of the command, as it is before. */
function begin(from) {
  const folder = join(place, 'run');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  if (from !== undefined) cpSync(of(from), join(folder, from), { recursive: true });
  return folder;
}

/** A number between 0 and 1 for a kill of a command. */
function draw(name, k) {
  const hash = createHash('sha256').update(`${values.seed} ${name} ${k}`).digest();
  return hash.readUInt32LE(0) / 2 ** 32;
}

if (!existsSync(inputs)) await prepare();
const kills = Number(values.kills);
const rows = [
  '| command | run | killed | the same in the end | files compared |',
  '| --- | --- | --- | --- | --- |',
];
let problems = 0;
for (const [name, [words, from, then]] of Object.entries(COMMANDS)) {
  if (values.only && !values.only.split(',').includes(name)) continue;
  const states = [];
  let whole = Infinity;
  for (let k = 0; k < 2; k++) {
    const folder = begin(from);
    const { code, said, seconds } = await run(folder, words);
    if (code !== 0) throw new Error(`${name}: ended with ${code}: ${said}`);
    if (then) fixed(folder, then);
    states.push(stateOf(folder));
    whole = Math.min(whole, seconds);
  }
  const wanted = stable(...states);
  let [killed, same] = [0, 0];
  for (let k = 0; k < kills; k++) {
    const folder = begin(from);
    const moment = whole * draw(name, k);
    const first = await run(folder, words, { killAfter: moment });
    if (first.code === 'SIGKILL') killed++;
    const again = await run(folder, words);
    if (then && again.code === 0) fixed(folder, then);
    const found =
      again.code === 0
        ? differences(stateOf(folder), wanted)
        : [`again: ended with ${again.code}: ${again.said.slice(0, 300)}`];
    if (found.length === 0) same++;
    else console.error(`  ${name}, killed after ${moment.toFixed(2)} s: ${found.join('; ')}`);
  }
  if (same < kills) problems++;
  const files = `${wanted.same.size}${wanted.varies.length > 0 ? ` of ${wanted.same.size + wanted.varies.length}` : ''}`;
  rows.push(
    `| \`${name}\` | ${whole.toFixed(1)} s | ${killed} of ${kills} | ${same} of ${kills} | ${files} |`,
  );
  console.error(
    `${rows.at(-1)}${wanted.varies.length > 0 ? ` other bytes each time: ${wanted.varies.join(', ')}` : ''}`,
  );
  if (values.out) writeFileSync(values.out, `${rows.join('\n')}\n`);
}
if (!values.folder) rmSync(place, { recursive: true, force: true });
console.log(rows.join('\n'));
process.exitCode = problems === 0 ? 0 : 1;
