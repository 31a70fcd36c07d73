/**
 * @module settings/submit
 *
 * Settings of work that is handed to an engine that distributes it: Slurm, Kubernetes, Redis.
 */
import type { Row } from './row.js';

export const SUBMIT = {
  slurm: {
    kind: 'boolean',
    commands: ['submit'],
    group: 'engine',
    help: 'submit an array of jobs to Slurm, and a job that merges',
  },
  kubernetes: {
    kind: 'boolean',
    commands: ['submit'],
    group: 'engine',
    help: 'print an Indexed Job for Kubernetes, as YAML',
  },
  redis: {
    kind: 'string',
    commands: ['submit', 'work'],
    group: 'engine',
    metavar: 'URL',
    help: 'put the tasks into a queue of Redis, and wait for their results',
    defaultText: 'none',
    long: 'redis://HOST:PORT, or rediss://HOST:PORT with TLS. A password comes from FIM_REDIS_PASSWORD of the environment. The packages bullmq and ioredis are needed.',
    perCommand: {
      work: { help: 'take tasks of any queue of fim in this Redis, until stopped; then without DIR' },
    },
  },
  dataPath: {
    kind: 'path',
    commands: ['work'],
    group: 'engine',
    metavar: 'FOLDER',
    help: 'with `redis`, where files that tasks read lie on this machine; those beyond 1 GiB in all do not travel',
    defaultText: 'none; they come through Redis',
  },
  partition: {
    kind: 'string',
    commands: ['submit'],
    group: 'engine',
    metavar: 'NAME',
    help: 'of Slurm: the partition',
    defaultText: 'the cluster’s',
  },
  account: {
    kind: 'string',
    commands: ['submit'],
    group: 'engine',
    metavar: 'NAME',
    help: 'of Slurm: the account that is charged',
    defaultText: 'yours',
  },
  qos: {
    kind: 'string',
    commands: ['submit'],
    group: 'engine',
    metavar: 'NAME',
    help: 'of Slurm: the quality of service',
    defaultText: 'the account’s',
  },
  time: {
    kind: 'string',
    commands: ['submit'],
    group: 'engine',
    metavar: 'LIMIT',
    help: 'of Slurm: time limit of a job, such as 2:00:00; what is not done by then goes on in the next',
    defaultText: 'the partition’s',
  },
  mem: {
    kind: 'string',
    commands: ['submit'],
    group: 'engine',
    metavar: 'SIZE',
    help: 'memory of a job, such as 4G',
    defaultText: 'the cluster’s',
  },
  cpusPerTask: {
    kind: 'integer',
    min: 1,
    max: 1024,
    default: 1,
    commands: ['submit'],
    group: 'engine',
    help: 'cores of a job; a task runs on one unless its engine has more threads',
  },
  arrayLimit: {
    kind: 'integer',
    min: 1,
    commands: ['submit'],
    group: 'engine',
    unit: 'jobs',
    help: 'how many may run at a time',
    defaultText: 'as many as the cluster lets',
  },
  prologue: {
    kind: 'path',
    commands: ['submit'],
    group: 'engine',
    help: 'lines of shell before the work, such as `module load nodejs`; they are copied',
  },
  sbatchArg: {
    kind: 'list',
    commands: ['submit'],
    group: 'engine',
    metavar: 'ARG',
    help: 'any other argument of sbatch, such as --constraint=avx512',
  },
  image: {
    kind: 'string',
    commands: ['submit'],
    group: 'engine',
    help: 'of Kubernetes: the container image that has fim',
    defaultText: 'none; Kubernetes needs it',
  },
  volume: {
    kind: 'string',
    commands: ['submit'],
    group: 'engine',
    metavar: 'CLAIM',
    help: 'of Kubernetes: the PersistentVolumeClaim that holds the folder, mounted where it was prepared',
    defaultText: 'none; Kubernetes needs it',
  },
} as const satisfies Record<string, Row>;
