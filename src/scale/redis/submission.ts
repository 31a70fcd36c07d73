/**
 * @module scale/redis/submission
 *
 * A submission: the open tasks of a folder as jobs of a queue, and whoever waits puts the results that come back into the folder. The folder
 * alone is the truth: jobs that Redis lost are added again, results that are there are taken, failed jobs are removed once they are
 * noted, so that the same submission again is the remedy for everything.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { FimError } from '../../core/errors.js';
import { setting } from '../../core/settings/reference.js';
import { endClaim, logLine, ownHolder, placeResult, tryClaim, Watch } from '../claim.js';
import type { TaskFolder } from '../folder.js';
import { forgive } from '../forgive.js';
import { standingOf } from '../state.js';
import type { WorkReport } from '../work.js';
import { dropBytes, fetchBytes, keyOf, PREFIX, QUEUES, type Stored } from './bytes.js';
import { connect, forgetfulness, placeOf, type RedisAddress } from './connection.js';
import { digestOf, sendFolder } from './payload.js';
import type { RedisPeers } from './peers.js';

/** Pause between two looks, in milliseconds. */
const POLL_MS = 500;
/** Jobs that are asked for or added at a time. */
const AT_ONCE = 500;
/** Seconds that one waits for a server that is gone. */
const PATIENCE = 15;

/** What a job says. */
export interface JobData {
  /** Place of the task in the list. */
  readonly index: number;
  /** Digest of its folder. */
  readonly folder: string;
  /** Version of fim that submitted it. */
  readonly fim: string;
}

/** A job of a task. */
export type TaskJob = Job<JobData, Stored>;

/** How one waits. */
export interface SubmissionOptions {
  /** Aborted: stop waiting; jobs stay. */
  readonly signal: AbortSignal;
  /** Seconds from any moment, never going back. */
  readonly now: () => number;
  /** Seconds since 1970. */
  readonly wallTime: () => number;
  /** What a person should know. */
  readonly say: (line: string) => void;
  /** Results that stand, of how many tasks. */
  readonly onProgress: (done: number, of: number) => void;
}

/** Submits what is open and waits. Throws `redis/unreachable`, `redis/lost`, `tasks/…`, `file/…`. */
export async function submitAndWait(
  folder: TaskFolder,
  peers: RedisPeers,
  address: RedisAddress,
  options: SubmissionOptions,
): Promise<WorkReport> {
  const redis = await connect(peers, address, PATIENCE);
  const digest = digestOf(folder);
  const queue = new peers.bull.Queue<JobData, Stored>(digest, { connection: redis, prefix: PREFIX });
  queue.on('error', () => undefined);
  try {
    const forgetful = await forgetfulness(redis);
    if (forgetful !== null) options.say(forgetful);
    return await new Submission(folder, digest, queue, redis, options).go();
  } catch (error) {
    if (error instanceof FimError) throw error;
    throw lost(address, error);
  } finally {
    await queue.close().catch(() => undefined);
    redis.disconnect();
  }
}

class Submission {
  private readonly own = ownHolder();
  private readonly watch: Watch;
  private readonly failed: number[] = [];
  private left: number[];

  constructor(
    private readonly folder: TaskFolder,
    private readonly digest: string,
    private readonly queue: Queue<JobData, Stored>,
    private readonly redis: Redis,
    private readonly options: SubmissionOptions,
  ) {
    this.watch = new Watch(this.own, folder.plan.staleSeconds, options.now);
    this.left = [...folder.plan.tasks.keys()];
  }

  async go(): Promise<WorkReport> {
    const { signal, say, onProgress } = this.options;
    const { length } = this.folder.plan.tasks;
    const forgiven = forgive(this.folder);
    if (forgiven > 0) say(`${forgiven} that were given up are tried again`);
    for (const job of await this.jobs('failed')) await job.remove();
    for (const path of this.left.some((i) => !this.folder.names(i).result)
      ? await sendFolder(this.redis, this.folder)
      : [])
      say(`${path} does not travel: workers need it on their machines (${setting('dataPath', 'FOLDER')})`);
    for (;;) {
      for (const job of await this.jobs('completed')) await this.take(job);
      for (const job of await this.jobs('failed')) await this.note(job);
      await this.look();
      onProgress(length - this.left.length - this.failed.length, length);
      if (this.left.length === 0 || signal.aborted) break;
      await this.supply();
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
    if (this.left.length === 0) await this.clean();
    return { done: length - this.left.length - this.failed.length, failed: this.failed, left: this.left };
  }

  private async jobs(state: 'completed' | 'failed'): Promise<TaskJob[]> {
    // A job that another one who waits removed meanwhile is none.
    const found = await this.queue.getJobs(state, 0, AT_ONCE - 1);
    return (found as (TaskJob | undefined)[]).filter((job) => job !== undefined);
  }

  /** Puts a result into the folder; while somebody else works on the task there, it waits in Redis. */
  private async take(job: TaskJob): Promise<void> {
    const { index } = job.data;
    const bytes = await fetchBytes(this.redis, job.returnvalue);
    if (bytes !== null && !this.place(job, index, bytes)) return;
    await job.remove().catch(() => undefined);
    await dropBytes(this.redis, job.returnvalue);
  }

  private place(job: TaskJob, index: number, bytes: Uint8Array): boolean {
    const path = this.folder.taskPath(index);
    const at = this.options.wallTime();
    const claim = tryClaim(path, this.own, this.watch, { attempts: Infinity, at });
    if (typeof claim === 'string') return claim !== 'held';
    const end = placeResult(claim, bytes) ? 'done' : 'late';
    const seconds = Math.max(0, (job.finishedOn ?? 0) - (job.processedOn ?? 0)) / 1000;
    logLine(
      path,
      `claim ${claim.number}: by Redis, from ${job.processedBy ?? 'a worker'}: ${end} after ${seconds} s`,
    );
    endClaim(claim, end, { seconds, at });
    return true;
  }

  /** Notes a failure as often as the folder asks for. */
  private async note(job: TaskJob): Promise<void> {
    const { index } = job.data;
    const path = this.folder.taskPath(index);
    const message = job.failedReason ?? 'it failed';
    logLine(path, `by Redis, from ${job.processedBy ?? 'a worker'}: ${message}`);
    for (;;) {
      const at = this.options.wallTime();
      const { attempts } = this.folder.plan;
      const claim = tryClaim(path, this.own, this.watch, { attempts, at });
      if (claim === 'held') return;
      if (typeof claim === 'string') break;
      endClaim(claim, 'failed', { seconds: 0, at, message });
    }
    await job.remove().catch(() => undefined);
  }

  /** What is over in the folder, whoever did it. */
  private async look(): Promise<void> {
    const { attempts } = this.folder.plan;
    const left: number[] = [];
    for (const index of this.left) {
      const standing = standingOf(this.folder.names(index), attempts);
      if (standing === 'failed') this.failed.push(index);
      else if (standing !== 'done') left.push(index);
    }
    this.left = left;
  }

  /** Adds what Redis does not have: at first, and where it forgot. Jobs of a name that is there stay as they are. */
  private async supply(): Promise<void> {
    const counts = await this.queue.getJobCounts();
    const there = Object.values(counts).reduce((sum, n) => sum + n, 0);
    if (there >= this.left.length && (await this.redis.sismember(QUEUES, this.digest)) === 1) return;
    await sendFolder(this.redis, this.folder);
    const { attempts, fim } = this.folder.plan;
    for (let at = 0; at < this.left.length; at += AT_ONCE) {
      await this.queue.addBulk(
        this.left.slice(at, at + AT_ONCE).map((index) => ({
          name: 'task',
          data: { index, folder: this.digest, fim },
          opts: { jobId: `task-${index}`, attempts },
        })),
      );
    }
  }

  /** Removes everything of this folder from Redis. */
  private async clean(): Promise<void> {
    await this.redis.srem(QUEUES, this.digest);
    await this.queue.obliterate({ force: true });
    let cursor = '0';
    do {
      const [next, keys] = await this.redis.scan(cursor, 'MATCH', keyOf(this.digest, '*'), 'COUNT', AT_ONCE);
      if (keys.length > 0) await this.redis.unlink(...keys);
      cursor = next;
    } while (cursor !== '0');
  }
}

function lost(address: RedisAddress, error: unknown): FimError {
  return new FimError(
    {
      code: 'redis/lost',
      where: `Redis at ${placeOf(address)}`,
      rule: 'must answer while one waits for results',
      got: error instanceof Error ? error.message : String(error),
      next: 'start it, then submit again: results that are in the folder stay, and what Redis forgot is added',
    },
    { cause: error },
  );
}
