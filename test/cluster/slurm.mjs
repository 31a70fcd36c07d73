// Work by a real Slurm: arrays in chunks, a merge that depends on them, kills, jobs that are told to stop, what is said of them.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { foundIn, ok, fim, pidsOf, sh, smallComparison, studyFiles, toyStudy } from './shared.mjs';
import { startSlurm, stopSlurm } from './slurm-local.mjs';

const root = mkdtempSync(join(tmpdir(), 'fim-slurm-'));
const spec = smallComparison(root, 8);
const whole = join(root, 'whole');

before(async () => {
  await startSlurm(join(root, 'slurm'), Number(process.env.SLURM_LOCAL_PORT ?? 16917));
  await ok('rl', 'compare', spec, '--out', whole, '--workers', '1', '--quiet');
});
after(async () => {
  await stopSlurm();
  rmSync(root, { recursive: true, force: true });
});

const status = async (folder) => JSON.parse(await ok('status', folder, '--json'));
const submit = async (folder, ...words) =>
  JSON.parse(await ok('submit', folder, '--slurm', '--json', '--quiet', ...words));

/** Waits until the queue holds nothing of `jobs`. */
async function ended(...jobs) {
  for (let i = 0; i < 600; i++) {
    if (sh('squeue', '-h', '-o', '%i', '-j', jobs.join(',')).trim() === '') return;
    await sleep(200);
  }
  throw new Error(`jobs ${jobs.join(', ')} do not end\n${sh('squeue')}`);
}

async function prepared(name, ...words) {
  const folder = join(root, name);
  await ok('rl', 'compare', words[0] ?? spec, '--out', folder, '--workers', '1', '--prepare', '--quiet');
  return folder;
}

test('an array and the merge that depends on it give what one process gives', async () => {
  const folder = await prepared('plain');
  const { jobs, chunk, array, merge } = await submit(folder, '--chunk', '3', '--array-limit', '2');
  assert.deepEqual([jobs, chunk], [6, 3]);
  await ended(array, merge);
  assert.deepEqual(foundIn(folder), foundIn(whole));
  assert.deepEqual((await status(folder)).failures, []);
  assert.equal(readdirSync(join(folder, 'slurm')).filter((name) => /^\d+_\d+\.out$/.test(name)).length, 6);
});

test('a study of the clone is cut, worked on and merged as any work', async () => {
  const [one, cut] = [join(root, 'study-whole'), join(root, 'study')];
  await toyStudy(one);
  await toyStudy(cut, '--prepare');
  const { jobs, array, merge } = await submit(cut, '--chunk', '2');
  assert.equal(jobs, 3);
  await ended(array, merge);
  const { kind, done, tasks } = await status(cut);
  assert.deepEqual([kind, done, tasks], ['study', 6, 6]);
  assert.deepEqual(studyFiles(cut), studyFiles(one));
});

test('workers killed at random: what is missing is named, a second submission does it, every task once', async () => {
  const folder = await prepared('killed');
  const { array, merge } = await submit(folder, '--chunk', '1');
  let kills = 0;
  for (let i = 0; i < 40 && kills < 5; i++) {
    await sleep(400);
    const [pid] = pidsOf(`work\0${folder}`).filter(
      (one) => !readFileSync(`/proc/${one}/cmdline`, 'utf8').startsWith('/bin/bash'),
    );
    if (pid === undefined) continue;
    try {
      process.kill(pid, 'SIGKILL');
      kills++;
    } catch {
      // It ended by itself.
    }
  }
  await ended(array, merge);
  const before = await status(folder);
  assert.ok(kills > 0);
  if (before.done < before.tasks) {
    const missing = await fim('merge', folder);
    assert.equal(missing.code, 1);
    assert.match(missing.err, /no result of task \d+/);
    assert.ok(
      before.slurm.some(({ state }) => state === 'FAILED'),
      JSON.stringify(before),
    );
    const again = await submit(folder, '--chunk', '1');
    assert.equal(again.jobs, before.tasks - before.done);
    await ended(again.array, again.merge);
  }
  const { done, tasks, failed } = await status(folder);
  assert.deepEqual([done, failed], [tasks, 0]);
  assert.deepEqual(foundIn(folder), foundIn(whole));
});

test('a job that is told to stop gives its task back and goes on from there in the next', async () => {
  const long = smallComparison(join(root, 'slurm'), 1, 400_000);
  const alone = join(root, 'long-whole');
  await ok('rl', 'compare', long, '--out', alone, '--workers', '1', '--quiet');
  const folder = await prepared('told', long);
  const { array, merge } = await submit(folder, '--chunk', '1');
  const log = join(folder, 'tasks', '0000', 'log');
  for (let i = 0; i < 200 && !existsSync(log); i++) await sleep(50);
  await sleep(700);
  sh('scancel', '--signal=TERM', '--batch', `${array}_0`);
  // Slurm lets what was requeued wait for two minutes; nobody else needs the machine here.
  for (let i = 0; i < 200 && !/BeginTime/.test(sh('squeue', '-h', '-o', '%r', '-j', array)); i++)
    await sleep(50);
  sh('scontrol', 'update', `JobId=${array}_0`, 'StartTime=now');
  await ended(array, merge);
  assert.match(readFileSync(log, 'utf8'), /claim 1:[^]*released after[^]*claim 2:[^]*done after/);
  assert.deepEqual(foundIn(folder), foundIn(alone));
});

test('a job that Slurm ends is shown with its state', async () => {
  const folder = await prepared('ended', smallComparison(join(root, 'slurm'), 1, 400_000_000));
  const { array, merge } = await submit(folder, '--chunk', '2');
  for (let i = 0; i < 100 && pidsOf(`work\0${folder}`).length === 0; i++) await sleep(100);
  sh('scancel', array);
  await ended(array, merge);
  const { slurm, done, running } = await status(folder);
  assert.deepEqual(
    slurm.map(({ index, state }) => [index, state]),
    [[0, 'CANCELLED']],
  );
  assert.deepEqual([done, running], [0, 0]);
  assert.equal((await fim('merge', folder)).code, 1);
});
