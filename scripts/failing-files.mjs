// Every operation on files of every command that writes, killed or failed in turn: the command is then run again to its end and compared
// with runs that nobody disturbed, file by file. What two undisturbed runs leave with other bytes (times of day) is only asked to be there.
// Commands run in processes that run many (failing-files-server.mjs), a killed one once; whatever is found is tried again with a process of
// its own for each command, and counts where it is found there.
//   node scripts/failing-files.mjs [--only NAME,…] [--faults kill,ENOSPC,EIO] [--most N] [--out FILE.md] [--folder DIR]
// The build must be up to date, and that of the studies (`npm run study -- --help`).
import { fork, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { differences, fixed, HOME, run, stable, stateOf, writeInputs } from './trials.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    faults: { type: 'string', default: 'kill,ENOSPC,EIO' },
    most: { type: 'string', default: 'Infinity' },
    out: { type: 'string' },
    folder: { type: 'string' },
  },
});
const [HOOK, SERVER] = ['failing-files-hook.mjs', 'failing-files-server.mjs'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);
/** The sources as modules, which the build leaves as bundles. */
const PLAIN = join(HOME, '.dist-plain');
const place =
  values.folder ?? mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'fim-files-'));
const inputs = join(place, 'inputs');
const of = (name) => join(inputs, name);

const NET = [of('net.onnx'), of('data.npz'), '--engine', 'small', '--quiet'];
const TASKS = ['--estimator', 'type1', '--tasks', '2'];
const SWEEP = [
  ...['sweep', '--quick', '--activations', 'tanh', '--depths', '1', '--widths', '4', '--scales', '1'],
  ...['--seeds', '1', '--examples', '20', '--run', 'sweep', '--quiet'],
];
const COMPARE = [
  ...['rl', 'compare', '--algorithms', 'reinforce', '--envs', 'CartPole-v1', '--steps', '300'],
  ...['--seeds', '1', '--workers', '1', '--out', 'compare', '--quiet'],
];
const PREPARED = { tasks: ['estimate', ...NET, ...TASKS, '--run', 'tasks'], sweep: SWEEP, compare: COMPARE };
const RL = ['rl', 'train', 'CartPole-v1', '--set', 'horizon=64', '--set', 'environments=4', '--workers', '1'];

/** Words by name; a second entry is the prepared folder that the command begins with. */
const COMMANDS = {
  'estimate --out --report': [['estimate', ...NET, '--out', 'f.npz', '--report', 'r.html']],
  'estimate --out of safetensors': [['estimate', ...NET, '--out', 'f.safetensors']],
  'estimate --form dense': [['estimate', ...NET, '--form', 'dense', '--out', 'd.npz']],
  'estimate --form kfac': [['estimate', ...NET, '--form', 'kfac', '--out', 'k.npz', '--report', 'k.html']],
  'estimate --shard': [['estimate', ...NET, '--shard', '1/2', '--out', 's.sums.npz']],
  'estimate --run': [['estimate', ...NET, ...TASKS, '--run', 'tasks', '--out', 'f.npz']],
  'estimate --run --prepare': [[...PREPARED.tasks, '--prepare']],
  'work on an estimate': [['work', 'tasks', '--quiet'], 'tasks'],
  'merge of shards': [['merge', of('1.sums.npz'), of('2.sums.npz'), '--out', 'm.npz']],
  'merge of tasks': [['merge', 'done', '--out', 'm.npz'], 'done'],
  compile: [['compile', of('net.onnx'), '--out', 'c.onnx']],
  solve: [['solve', of('kfac.npz'), '--rhs', of('rhs.npz'), '--damping', '0.1', '--out', 's.npz']],
  'spectrum --report': [['spectrum', of('kfac.npz'), '--report', 's.html']],
  'forms --report': [['forms', ...NET, '--report', 'f.html']],
  'variance --out': [['variance', ...NET, '--out', 'v.npz']],
  train: [
    ['train', of('data.npz'), '--hidden', '4', '--epochs', '1', '--engine', 'small', '--out', 't.onnx'],
  ],
  'train --track': [
    [
      ...['train', of('data.npz'), '--hidden', '4', '--epochs', '1', '--engine', 'small', '--out', 't.onnx'],
      ...['--track', 'fisher,variance', '--track-inputs', '20', '--run', 'tracked', '--quiet'],
    ],
  ],
  demo: [['demo', '--examples', '100', '--engine', 'small', '--quiet', '--report', 'd.html']],
  watch: [['watch', 'CartPole-v1', '--out', 'w.html']],
  sweep: [SWEEP],
  'sweep --prepare': [[...SWEEP, '--prepare']],
  'work on a sweep': [['work', 'sweep', '--quiet'], 'sweep'],
  'rl train': [[...RL, '--steps', '300', '--out', 'run', '--quiet']],
  'rl compare': [COMPARE],
  'rl compare --prepare': [[...COMPARE, '--prepare']],
  'work on a comparison': [['work', 'compare', '--quiet'], 'compare'],
  'study natural-gradient-toy': [
    ['study', 'natural-gradient-toy', '--quick', '--seeds', '1', '--run', 'toy', '--quiet'],
  ],
  'submit --slurm --dry-run': [['submit', 'tasks', '--slurm', '--dry-run'], 'tasks'],
  'submit --kubernetes --dry-run': [
    ['submit', 'tasks', '--kubernetes', '--image', 'i', '--volume', 'v', '--dry-run'],
    'tasks',
  ],
  status: [['status', 'tasks'], 'tasks'],
  'rl compare --dry-run': [[...COMPARE, '--dry-run']],
  inspect: [['inspect', of('net.onnx')]],
  compare: [['compare', of('kfac.npz'), of('kfac.npz')]],
  verify: [['verify', of('kfac.npz'), of('net.onnx'), of('data.npz')]],
  plan: [['plan', ...NET, '--target-error', '5%']],
  envs: [['envs']],
};

async function prepare() {
  await writeInputs(inputs, { widths: [5, 4, 3], examples: 60 });
  const net = ['estimate', ...NET];
  fixed(inputs, [...net, '--form', 'kfac', '--out', 'kfac.npz']);
  for (const i of [1, 2]) fixed(inputs, [...net, '--shard', `${i}/2`, '--out', `${i}.sums.npz`]);
  for (const words of Object.values(PREPARED)) fixed(inputs, [...words, '--prepare']);
  cpSync(of('tasks'), of('done'), { recursive: true });
  fixed(inputs, ['work', 'done', '--quiet']);
}

/** A folder for a run of the command, as it is before. */
function begin(folder, from) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  if (from !== undefined) cpSync(of(from), join(folder, from), { recursive: true });
  return folder;
}

/** Commands that claim tasks, or lock a folder. */
const OWNERS = /^(work|sweep|rl)|--run/;

let counts = 0;

/** Runs the words with a fault at an operation, or with none, by `how`; how many operations there were. */
async function disturbed(how, folder, words, fault, at) {
  const count = join(place, `count-${counts++}`);
  mkdirSync(count);
  const env = { FAULT: fault, FAULT_AT: String(at), FAULT_COUNT: count, FAULT_ROOT: folder };
  const ended = await how(folder, words, env);
  const operations = readdirSync(count).map((name) => [
    Number(name),
    readFileSync(join(count, name), 'utf8'),
  ]);
  rmSync(count, { recursive: true, force: true });
  return { ...ended, operations: new Map(operations) };
}

/** A process for each command. */
const alone = (folder, words, env = {}) => run(folder, words, { node: ['--import', HOOK], env });

/** The same in the process that runs many; where that is killed, the next command starts another. */
async function together(folder, words, env = {}) {
  if (words[0] === 'study') return alone(folder, words, env);
  const child = await server();
  return new Promise((done) => {
    const end = (answer) => {
      clearTimeout(limit);
      for (const event of ['message', 'exit']) child.removeAllListeners(event);
      done(answer);
    };
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      serving = null;
      end({ code: 'hang', said: '' });
    }, 120_000);
    child.on('message', end);
    child.on('exit', (code, by) => {
      serving = null;
      end({ code: by ?? code, said: '' });
    });
    child.send({ folder, words, env });
  });
}

let serving = null;
/** The next, which starts while this one works. */
let spare = null;

/** Ends the process that runs many. */
async function ended() {
  const child = await serving;
  serving = null;
  if (child !== null) await new Promise((done) => child.once('exit', done).kill('SIGKILL'));
}

function server() {
  serving ??= spare ?? started();
  if (serving === spare) spare = null;
  spare ??= started();
  return serving;
}

const started = () =>
  new Promise((done) => {
    const child = fork(SERVER, [PLAIN], { execArgv: ['--import', HOOK], stdio: 'ignore' });
    child.once('message', () => done(child));
  });

/** What is wrong about the end of a run with a fault. */
function faultsOf(fault, { code, said }, folder, whole) {
  if (code === 'hang') return ['hangs'];
  if (fault === 'kill') return code === 'SIGKILL' ? [] : [`ended with ${code}`];
  if (said.includes('in a way it should not')) return [`internal: ${said.slice(0, 300)}`];
  if (/\n {4}at /.test(said)) return [`a stack: ${said.slice(0, 300)}`];
  if (code === 0) return differences(stateOf(folder), whole).filter((text) => !text.includes('left over'));
  return code === 3 || code === 2 ? [] : [`ended with ${code}: ${said.slice(0, 200)}`];
}

/** Problems of one fault at one operation, null where the operation was not reached. */
async function trial(how, [words, from], fault, at, whole) {
  const folder = begin(join(place, 'run'), from);
  const first = await disturbed(how, folder, words, fault, at);
  if (!first.operations.has(at)) return null;
  const found = [];
  try {
    found.push(...faultsOf(fault, first, folder, whole));
    // A process that goes on after its command is no owner of claims and locks who is dead.
    if (how === together && OWNERS.test(words.join(' '))) await ended();
    const again = await how(folder, words);
    if (again.code !== 0) found.push(`again: ended with ${again.code}: ${again.said.slice(0, 300)}`);
    else found.push(...differences(stateOf(folder), whole));
  } catch (error) {
    found.push(`half-written: ${error.message}`);
  }
  return found.map((text) => `${fault} ${at} (${first.operations.get(at)}): ${text}`);
}

/** Numbers below `n`, all or `most` of them at equal distances. */
function chosen(n, most) {
  const size = Math.min(n, most);
  return Array.from({ length: size }, (_, i) => Math.floor((i * n) / size));
}

const tsc = [join(HOME, 'node_modules/typescript/bin/tsc'), '-p', join(HOME, 'tsconfig.build.json')];
const { status, stdout } = spawnSync(process.execPath, [...tsc, '--outDir', PLAIN], { encoding: 'utf8' });
if (status !== 0) throw new Error(`tsc failed\n${stdout}`);
if (!existsSync(of('done'))) await prepare();
const faults = values.faults.split(',');
const rows = [
  `| command | operations | ${faults.join(' | ')} |`,
  `| --- | --- | ${faults.map(() => '---').join(' | ')} |`,
];
let problems = 0;
for (const [name, command] of Object.entries(COMMANDS)) {
  if (values.only && !values.only.split(',').includes(name)) continue;
  const [words, from] = command;
  const states = [];
  let operations = 0;
  for (let k = 0; k < 2; k++) {
    const folder = begin(join(place, 'run'), from);
    const { code, said, operations: seen } = await disturbed(together, folder, words, 'none', -1);
    if (code !== 0) throw new Error(`${name}: ended with ${code}: ${said}`);
    states.push(stateOf(folder));
    operations = Math.max(operations, seen.size);
  }
  const whole = stable(...states);
  const cells = [];
  for (const fault of faults) {
    let [same, missed] = [0, 0];
    for (const at of chosen(operations, Number(values.most))) {
      let found = await trial(together, command, fault, at, whole);
      if (found?.length > 0) found = await trial(alone, command, fault, at, whole);
      if (found === null) missed++;
      else if (found.length === 0) same++;
      else {
        problems++;
        console.error(`  ${name}: ${found.join('; ')}`);
      }
    }
    const tried = Math.min(operations, Number(values.most)) - missed;
    cells.push(operations === 0 ? '–' : `${same} of ${tried}`);
  }
  const row = `| \`${name}\` | ${operations} | ${cells.join(' | ')} |`;
  rows.push(row);
  console.error(
    `${row}${whole.varies.length > 0 ? ` other bytes each time: ${whole.varies.join(', ')}` : ''}`,
  );
  if (values.out) writeFileSync(values.out, `${rows.join('\n')}\n`);
}
await ended();
(await spare)?.kill('SIGKILL');
if (!values.folder) rmSync(place, { recursive: true, force: true });
console.log(rows.join('\n'));
process.exitCode = problems === 0 ? 0 : 1;
