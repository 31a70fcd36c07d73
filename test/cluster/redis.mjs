// Work by a real Redis and BullMQ: workers that share no folder, kills of workers, of whoever waits and of the server, a poisoned task, strangers.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fim, foundIn, MAIN, ok, ROOT, smallComparison, studyFiles, toyStudy } from './shared.mjs';

const PORT = Number(process.env.REDIS_LOCAL_PORT ?? 16379);
const URL = `redis://127.0.0.1:${PORT}`;
const PASSWORD = 'of the test';
process.env.FIM_REDIS_PASSWORD = PASSWORD;
const root = mkdtempSync(join(tmpdir(), 'fim-redis-test-'));
// What a killed worker leaves goes with the rest.
process.env.TMPDIR = root;
const spec = smallComparison(root, 8);
const whole = join(root, 'whole');
const started = new Set();
let server;

const cli = (...words) =>
  execFileSync('redis-cli', ['--no-auth-warning', '-a', PASSWORD, '-p', String(PORT), ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();

/** A server of its own: no file, no log, so that a kill loses everything; `more` of its settings. */
async function serve(...more) {
  const words = [
    '--port',
    String(PORT),
    '--bind',
    '127.0.0.1',
    '--dir',
    root,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  server = spawn('redis-server', [...words, '--requirepass', PASSWORD, ...more], { stdio: 'ignore' });
  for (let i = 0; i < 100; i++) {
    try {
      if (cli('ping') === 'PONG') return;
    } catch {
      // It is not up yet.
    }
    await sleep(50);
  }
  throw new Error('redis-server did not come up');
}

async function killServer() {
  const gone = new Promise((done) => server.once('exit', done));
  server.kill('SIGKILL');
  await gone;
}

/** Starts `fim ...words`, by another entry where that is named. */
function start(words, main = MAIN) {
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const own = { child, out: '', err: '' };
  child.stdout.on('data', (text) => (own.out += text));
  child.stderr.on('data', (text) => (own.err += text));
  own.exited = new Promise((done) => child.once('close', (code) => (started.delete(own), done(code))));
  started.add(own);
  return own;
}

const worker = (...words) => start(['work', '--redis', URL, ...words]);
const submit = (folder, ...words) => start(['submit', folder, '--redis', URL, '--json', ...words]);

async function end(own, signal = 'SIGKILL') {
  own.child.kill(signal);
  return own.exited;
}

/** Keys that are left, but for BullMQ's note of a queue, which a worker that opens it once more writes anew. */
const remaining = () =>
  cli('keys', '*')
    .split('\n')
    .filter((key) => key !== '' && !key.endsWith(':meta'));

async function until(what, holds) {
  for (let i = 0; i < 1200; i++) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error(`${what}: it does not come to that\n${[...started].map(({ err }) => err).join('\n')}`);
}

async function prepared(name, ...words) {
  const folder = join(root, name);
  await ok(
    'rl',
    'compare',
    words[0] ?? spec,
    '--out',
    folder,
    '--workers',
    '1',
    '--prepare',
    '--quiet',
    '--stale-after',
    '3',
  );
  return folder;
}

const results = (folder) =>
  readdirSync(join(folder, 'tasks')).filter((name) => existsSync(join(folder, 'tasks', name, 'result')))
    .length;

/** Every task has one result that one claim put in place, and nothing is left in Redis. */
async function expectWhole(folder, { out, exited }, tasks) {
  assert.equal(await exited, 0);
  assert.deepEqual(JSON.parse(out()), { done: tasks, failed: 0, failures: [], left: 0 });
  for (const name of readdirSync(join(folder, 'tasks'))) {
    const names = () => readdirSync(join(folder, 'tasks', name));
    assert.equal(names().filter((one) => one === 'result').length, 1);
    // Whoever waits is content with the last result; the worker that put it in place says so a moment later.
    const marks = () => names().filter((one) => one.startsWith('done.')).length;
    await until(`the mark of whoever did ${name}`, () => marks() > 0);
    assert.equal(marks(), 1, names().join(' '));
  }
  // What a worker kept of a queue that is gone expires.
  await until('an empty Redis', () => remaining().length === 0);
}
const reportOf = (own) => ({ out: () => own.out, exited: own.exited });

before(async () => {
  await serve();
  await ok('rl', 'compare', spec, '--out', whole, '--workers', '1', '--quiet');
});
after(async () => {
  for (const own of started) own.child.kill('SIGKILL');
  server.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});
afterEach(() => Promise.all([...started].map((own) => end(own, 'SIGTERM'))));

test('sixteen tasks by two workers are those of one process', async () => {
  const folder = await prepared('plain');
  const two = [worker(), worker()];
  const waiting = submit(folder);
  await expectWhole(folder, reportOf(waiting), 16);
  assert.match(waiting.err, /appendonly no/);
  assert.ok(![waiting.err, two[0].err].join('').includes(PASSWORD));
  await ok('merge', folder, '--quiet');
  assert.deepEqual(foundIn(folder), foundIn(whole));
  for (const { err } of two) assert.match(err, /: done\n/);
});

test('a study by workers of the same clone is the study in one process', async () => {
  const [one, cut] = [join(root, 'study-whole'), join(root, 'study')];
  await toyStudy(one);
  await toyStudy(cut, '--prepare');
  worker();
  await expectWhole(cut, reportOf(submit(cut)), 6);
  await ok('merge', cut, '--quiet');
  assert.deepEqual(studyFiles(cut), studyFiles(one));
});

/** An estimate of the digits, cut into tasks, and what it is in one. */
async function preparedEstimate(name, tasks) {
  const from = (file) => join(ROOT, 'test', 'fixtures', 'models', 'digits-mlp-tanh', file);
  const files = [from('model.onnx'), from('data.npz')];
  const words = ['estimate', ...files, '--likelihood', 'categorical', '--engine', 'small'];
  words.push('--dtype', 'float64', '--seed', '3', '--quiet');
  const single = JSON.parse(await ok(...words, '--json'));
  const folder = join(root, name);
  await ok(...words, '--run', folder, '--tasks', String(tasks), '--prepare', '--stale-after', '3');
  return { folder, single };
}

/** Merged, it is the single run to rounding. */
async function expectMerged({ folder, single }) {
  const merged = JSON.parse(await ok('merge', folder, '--json', '--quiet'));
  const [a, b] = [single, merged].map(numbersIn);
  assert.ok(a.length > 10);
  assert.equal(a.length, b.length);
  for (const [k, x] of a.entries()) assert.ok(Math.abs(x - b[k]) <= 1e-12 * Math.abs(x), `${x} ${b[k]}`);
}

test('sixteen parts of an estimate by two workers are the single run to rounding', async () => {
  const made = await preparedEstimate('estimate', 16);
  for (let k = 0; k < 2; k++) worker('--quiet');
  await expectWhole(made.folder, reportOf(submit(made.folder, '--quiet')), 16);
  await expectMerged(made);
});

test('sixty-four tasks through kills at random of workers and of whoever waits: every task once', async () => {
  const made = await preparedEstimate('many', 64);
  const { folder } = made;
  let waiting = submit(folder, '--quiet');
  const workers = [worker('--quiet'), worker('--quiet')];
  let kills = 0;
  while (kills < 12 && results(folder) < 60) {
    await sleep(500 + 1500 * Math.random());
    const victim = Math.floor(3 * Math.random());
    if (victim === 2) {
      await end(waiting);
      waiting = submit(folder, '--quiet');
    } else {
      await end(workers[victim]);
      workers[victim] = worker('--quiet');
    }
    kills++;
  }
  assert.ok(kills >= 3, `${kills} kills`);
  await expectWhole(folder, reportOf(waiting), 64);
  await expectMerged(made);
});

test('a server that forbids CONFIG: the work is done, and what is not known of its log is said', async () => {
  await killServer();
  await serve('--rename-command', 'CONFIG', '');
  try {
    assert.throws(() => cli('-e', 'config', 'get', 'appendonly'));
    const made = await preparedEstimate('forbidden', 4);
    worker('--quiet');
    const waiting = submit(made.folder);
    await expectWhole(made.folder, reportOf(waiting), 4);
    assert.match(waiting.err, /CONFIG is forbidden/);
    await expectMerged(made);
  } finally {
    await Promise.all([...started].map((own) => end(own, 'SIGTERM')));
    await killServer();
    await serve();
  }
});

/** Numbers of the parameters that an estimate's JSON holds, in order. */
function numbersIn({ trace, layers, tensors }) {
  const found = [];
  JSON.stringify([trace, layers, tensors], (_, one) => (typeof one === 'number' && found.push(one), one));
  return found;
}

test('ten megabytes of data and the weights beside a network travel in chunks, or are those of --data-path', async () => {
  const { decodeModel, encodeModelWithData } = await import('../../dist/graph/onnx/proto/index.js');
  const { tensor, writeArrays } = await import('../../dist/index.js');
  const home = join(root, 'beside');
  mkdirSync(home);
  const fixture = join(ROOT, 'test', 'fixtures', 'models', 'digits-mlp-tanh', 'model.onnx');
  const { model, data, location } = encodeModelWithData(decodeModel(readFileSync(fixture)), {
    externalThreshold: 1,
  });
  writeFileSync(join(home, 'model.onnx'), model);
  writeFileSync(join(home, location), data);
  const rows = 40_000;
  const x = Float32Array.from({ length: rows * 64 }, (_, i) => Math.abs(Math.sin(i * i)));
  writeArrays(join(home, 'data.npz'), new Map([['x', tensor('float32', [rows, 64], x)]]));
  const files = ['model.onnx', 'data.npz'].map((name) => join(home, name));
  const words = ['estimate', ...files, '--likelihood', 'categorical', '--engine', 'small', '--quiet'];
  words.push('--estimator', 'exact', '--dtype', 'float64');
  const single = JSON.parse(await ok(...words, '--json'));
  const folders = ['travels', 'lies'].map((name) => join(root, name));
  for (const folder of folders)
    await ok(...words, '--run', folder, '--tasks', folder === folders[0] ? '3' : '2', '--prepare');
  // Where nothing of it lies here any more it has to travel; then from a folder that the worker has.
  const own = join(root, 'own');
  cpSync(home, own, { recursive: true });
  for (const [folder, more, tasks] of [
    [folders[0], [], 3],
    [folders[1], ['--data-path', own], 2],
  ]) {
    const one = worker('--quiet', ...more);
    await expectWhole(folder, reportOf(submit(folder, '--quiet')), tasks);
    await end(one, 'SIGTERM');
    const merged = JSON.parse(await ok('merge', folder, '--json', '--quiet'));
    const [a, b] = [single, merged].map(numbersIn);
    for (const [k, value] of a.entries())
      assert.ok(Math.abs(value - b[k]) <= 1e-12 * Math.abs(value), `${value} ${b[k]}`);
  }
});

test('workers and whoever waits are killed at random: submitted again, every task once', async () => {
  const folder = await prepared('killed');
  let waiting = submit(folder);
  const workers = [worker(), worker()];
  let kills = 0;
  for (let i = 0; i < 6; i++) {
    await sleep(900 + 150 * i);
    const k = i % 3;
    if (k === 2) {
      await end(waiting);
      waiting = submit(folder);
    } else {
      await end(workers[k]);
      workers[k] = worker();
    }
    kills++;
  }
  assert.equal(kills, 6);
  await expectWhole(folder, reportOf(waiting), 16);
  await ok('merge', folder, '--quiet');
  assert.deepEqual(foundIn(folder), foundIn(whole));
});

test('a server that is killed without a log: submitted again, nothing twice, nothing missing', async () => {
  const folder = await prepared('forgot');
  for (let k = 0; k < 2; k++) worker();
  const waiting = submit(folder);
  await until('three results', () => results(folder) >= 3);
  await end(waiting);
  const before = results(folder);
  await killServer();
  await sleep(500);
  await serve();
  assert.equal(cli('exists', 'fim-work:queues'), '0');
  await expectWhole(folder, reportOf(submit(folder)), 16);
  assert.ok(before >= 3 && before < 16);
  // And while one waits: what it forgot is added by itself.
  const again = await prepared('forgot-waiting');
  const patient = submit(again);
  await until('three results', () => results(again) >= 3);
  await killServer();
  await sleep(500);
  await serve();
  await expectWhole(again, reportOf(patient), 16);
  for (const one of [folder, again]) {
    await ok('merge', one, '--quiet');
    assert.deepEqual(foundIn(one), foundIn(whole));
  }
});

test('a poisoned task is reported, and alone', async () => {
  const folder = await prepared('poisoned');
  const file = join(folder, 'tasks.json');
  const { sha256: _, ...plan } = JSON.parse(readFileSync(file, 'utf8'));
  plan.tasks[5].input.settings = 'poison';
  const sha256 = createHash('sha256').update(JSON.stringify(plan)).digest('hex');
  writeFileSync(file, JSON.stringify({ ...plan, sha256 }, null, 1));
  for (let k = 0; k < 2; k++) worker('--quiet');
  for (const _ of ['first', 'again']) {
    const waiting = submit(folder, '--quiet');
    assert.equal(await waiting.exited, 1);
    const { done, failures, left } = JSON.parse(waiting.out);
    assert.deepEqual([done, left, failures.map(({ index }) => index)], [15, 0, [5]]);
    assert.match(failures[0].message, /configHash poison/);
    assert.match(waiting.err, /^failed: task 5 \(/m);
    await until('an empty Redis', () => remaining().length === 0);
  }
  const status = JSON.parse(await ok('status', folder, '--json'));
  assert.deepEqual([status.done, status.failed], [15, 1]);
});

test('a worker of another version, of another digest, or without the password refuses', async () => {
  const other = join(root, 'other');
  mkdirSync(other);
  cpSync(join(ROOT, 'dist'), join(other, 'dist'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(other, 'node_modules'));
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  writeFileSync(join(other, 'package.json'), JSON.stringify({ ...manifest, version: '99.0.0' }));
  const folder = await prepared('strangers');
  const stranger = start(['work', '--redis', URL], join(other, 'dist', 'cli', 'main.js'));
  const waiting = submit(folder);
  await until('a refusal', () => stranger.err.includes('error:'));
  await sleep(1000);
  assert.match(stranger.err, new RegExp(`fim 99.0.0, where ${manifest.version} prepared them`));
  assert.equal(results(folder), 0);
  const [key] = cli('keys', 'fim-work:*:payload').split('\n');
  const payload = cli('get', key);
  cli('set', key, payload.replace('CartPole', 'CartPule'));
  const misled = worker();
  await until('a refusal', () => misled.err.includes('error:'));
  assert.match(misled.err, /tasks\.json of another digest/);
  await sleep(1000);
  assert.equal(results(folder), 0);
  await end(waiting, 'SIGTERM');
  assert.match(waiting.err, /16 tasks stay in Redis/);
  cli('flushall');

  delete process.env.FIM_REDIS_PASSWORD;
  const unknown = await fim('work', '--redis', URL);
  process.env.FIM_REDIS_PASSWORD = PASSWORD;
  assert.equal(unknown.code === 0, false);
  assert.match(unknown.err, /wants a password[^]*FIM_REDIS_PASSWORD/);
});
