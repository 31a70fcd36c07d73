/** Scripts and manifests of engines: their text, their limits, and what is read of what Slurm says. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { Job } from 'kubernetes-models/batch/v1';
import { afterAll, describe, expect, it } from 'vitest';
import { prepareTasks, type TaskFolder } from '../../scale/folder.js';
import { runCli } from '../cli.js';
import { memoryIo } from '../io.js';
import { chunksOf, rangesOf } from './chunks.js';
import { indexedJob, yaml } from './kubernetes.js';
import { DEFAULT_LIMITS, limitsIn, slurmScripts } from './slurm.js';
import { readAccounting, readJobs } from './slurm-jobs.js';

const root = mkdtempSync(join(tmpdir(), 'fim-submit-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
function folderOf(n: number, seconds: number): TaskFolder {
  return prepareTasks(join(root, `work ${made++}`), {
    kind: 'sweep',
    fim: '1.2.3',
    command: { command: 'sweep' },
    line: 'fim sweep',
    directory: root,
    files: [],
    decided: null,
    attempts: 3,
    staleSeconds: 60,
    tasks: Array.from({ length: n }, (_, i) => ({ name: `point ${i}`, seconds, input: i })),
  });
}

const place = (folder: TaskFolder, index: number): void =>
  writeFileSync(join(folder.taskPath(index), 'result'), 'x');

async function submit(words: readonly string[]) {
  const io = memoryIo();
  const signal = new AbortController().signal;
  const code = await runCli(['submit', ...words], { io, version: '1.2.3', signal });
  return { code, out: io.out(), err: io.err() };
}

describe('chunks', () => {
  it('take five minutes or more, unless the array would have too many, or somebody says', () => {
    expect(chunksOf(folderOf(64, 30), undefined, 1001)).toMatchObject({ size: 10, count: 7, seconds: 300 });
    expect(chunksOf(folderOf(64, 400), undefined, 1001)).toMatchObject({ size: 1, count: 64, seconds: 400 });
    expect(chunksOf(folderOf(64, 400), undefined, 16)).toMatchObject({ size: 4, count: 16 });
    expect(chunksOf(folderOf(64, 400), 3, 1001)).toMatchObject({ size: 3, count: 22 });
    expect(chunksOf(folderOf(2, 0), undefined, 1001)).toMatchObject({ size: 2, count: 1 });
  });

  it('without anything left to do are left out', () => {
    const folder = folderOf(9, 100);
    for (const index of [0, 1, 2, 4, 8]) place(folder, index);
    const chunks = chunksOf(folder, 3, 1001);
    expect(chunks).toMatchObject({ open: [1, 2], seconds: 200 });
    expect(rangesOf([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8');
  });
});

describe('Slurm', () => {
  it('limits an array by the least of what its configuration says', () => {
    expect(limitsIn('MaxArraySize            = 1001\nMaxJobCount             = 10000\n')).toEqual({
      array: 1001,
    });
    expect(limitsIn('MaxArraySize = 1001\nMaxSubmitJobs = 200\n')).toEqual({ array: 199 });
    expect(limitsIn('nothing')).toEqual(DEFAULT_LIMITS);
  });

  it('gets an array script with every option, and a merge', () => {
    const folder = folderOf(4, 1000);
    const options = {
      partition: 'cpu',
      account: 'lab',
      qos: undefined,
      time: '1:00:00',
      mem: '4G',
      cpusPerTask: 2,
      arrayLimit: 3,
      sbatchArg: ['--constraint=avx512'],
    };
    const { array, merge } = slurmScripts(
      folder,
      chunksOf(folder, undefined, 1001),
      options,
      'module load nodejs\n',
    );
    expect(array.split('\n').filter((line) => line.startsWith('#'))).toEqual([
      '#!/bin/bash',
      `#SBATCH --job-name=fim-${basename(folder.path).replace(' ', '_')}`,
      '#SBATCH --array=0-3%3',
      `#SBATCH '--output=${folder.path}/tasks/%4a/slurm-%A.out'`,
      '#SBATCH --open-mode=append',
      '#SBATCH --requeue',
      '#SBATCH --signal=B:TERM@60',
      '#SBATCH --partition=cpu',
      '#SBATCH --account=lab',
      '#SBATCH --cpus-per-task=2',
      '#SBATCH --time=1:00:00',
      '#SBATCH --mem=4G',
      '#SBATCH --constraint=avx512',
    ]);
    expect(array).toContain(`\nmodule load nodejs\n`);
    expect(array).toContain(` work '${folder.path}' --chunk 1 --quiet &\n`);
    expect(merge).toContain(` merge '${folder.path}'\n`);
    expect(merge).not.toContain('--array');
  });

  it('is given both scripts, the merge after the array, and what is done is not submitted again', async () => {
    const bin = join(root, 'bin');
    mkdirSync(bin);
    const calls = join(root, 'calls');
    writeFileSync(
      join(bin, 'sbatch'),
      `#!/bin/sh\necho "$@" >> ${calls}\nwc -l < ${calls} | tr -d ' \\n'\necho ';here'\n`,
    );
    writeFileSync(join(bin, 'scontrol'), '#!/bin/sh\necho "MaxArraySize = 3"\n');
    for (const name of ['sbatch', 'scontrol']) chmodSync(join(bin, name), 0o755);
    const path = process.env['PATH'];
    process.env['PATH'] = `${bin}${delimiter}${path ?? ''}`;
    try {
      const folder = folderOf(6, 400);
      const dry = await submit([folder.path, '--slurm', '--dry-run']);
      expect(dry.out).toContain('#SBATCH --array=0-2\n');
      expect(dry.err).toContain('6 tasks in 3 jobs of 2; about 13 min 20 s each at most (--chunk)');
      const first = await submit([folder.path, '--slurm', '--json']);
      expect(JSON.parse(first.out)).toEqual({ array: '1', merge: '2', jobs: 3, chunk: 2 });
      expect(readFileSync(calls, 'utf8')).toBe(
        `--parsable ${folder.path}/slurm/array.sh\n--parsable --dependency=afterany:1 ${folder.path}/slurm/merge.sh\n`,
      );
      for (const index of [0, 1, 2]) place(folder, index);
      await submit([folder.path, '--slurm', '--quiet']);
      expect(readFileSync(join(folder.path, 'slurm', 'array.sh'), 'utf8')).toContain('#SBATCH --array=1-2\n');
      for (const index of [3, 4, 5]) place(folder, index);
      expect((await submit([folder.path, '--slurm'])).err).toContain('all tasks are done');
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('is refused without its programs, or beside another engine', async () => {
    const folder = folderOf(1, 1);
    const path = process.env['PATH'];
    process.env['PATH'] = root;
    try {
      const none = await submit([folder.path, '--slurm']);
      expect([none.code, none.err]).toEqual([3, expect.stringContaining('no such program')]);
    } finally {
      process.env['PATH'] = path;
    }
    const both = await submit([folder.path, '--slurm', '--kubernetes']);
    expect([both.code, both.err]).toEqual([2, expect.stringContaining('names one engine')]);
  });

  it('says what became of jobs', () => {
    expect(
      readAccounting(
        '12_0|COMPLETED\n12_1|TIMEOUT\n12_2|OUT_OF_MEMORY\n12_3|CANCELLED by 0\n12_[4-9]|PENDING\n',
      ),
    ).toEqual([
      { job: '12_0', index: 0, state: 'COMPLETED' },
      { job: '12_1', index: 1, state: 'TIMEOUT' },
      { job: '12_2', index: 2, state: 'OUT_OF_MEMORY' },
      { job: '12_3', index: 3, state: 'CANCELLED' },
    ]);
    expect(
      readJobs(
        'JobId=14 ArrayJobId=12 ArrayTaskId=3 JobName=x UserId=0 JobState=PREEMPTED Reason=None\nJobId=15 JobState=RUNNING\n',
      ),
    ).toEqual([{ job: '12_3', index: 3, state: 'PREEMPTED' }]);
  });
});

describe('Kubernetes', () => {
  it('gets an Indexed Job that batch/v1 takes', async () => {
    const folder = folderOf(64, 30);
    const chunks = chunksOf(folder, undefined, 1000);
    const job = indexedJob(folder, chunks, {
      image: 'registry/fim:1',
      volume: 'data',
      cpusPerTask: 1,
      mem: '4G',
    });
    new Job(job as never).validate();
    expect(job.spec).toMatchObject({ completionMode: 'Indexed', completions: 7, parallelism: 7 });
    expect(() =>
      new Job({ ...job, spec: { ...job.spec, completions: 'many' } } as never).validate(),
    ).toThrow();
    const printed = await submit([
      folder.path,
      '--kubernetes',
      '--image',
      'registry/fim:1',
      '--volume',
      'data',
      '--mem',
      '4G',
    ]);
    expect(printed.out).toBe(yaml(job));
    expect(printed.out).toContain(`          command:
            - "fim"
            - "work"
            - ${JSON.stringify(folder.path)}
`);
    const bare = await submit([folder.path, '--kubernetes']);
    expect([bare.code, bare.err]).toEqual([2, expect.stringContaining('no --image')]);
  });
});
