/**
 * @module scale/redis/worker
 *
 * A worker of Redis: takes jobs of any queue of fim there, one at a time, until it is stopped. Somebody else performs the task, in a process
 * of its own, so that this one renews the lock whatever the task does; a lock that is lost ends the task, and its result is discarded.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { FimError } from '../../core/errors.js';
import { requireVersion, type TaskFolder } from '../folder.js';
import { MAX_LOSSES } from '../state.js';
import { dropBytes, keyOf, PREFIX, QUEUES, sendBytes, type Stored } from './bytes.js';
import { connect, type RedisAddress } from './connection.js';
import { type Received, receiveFolder, singleTask } from './payload.js';
import type { RedisPeers } from './peers.js';
import type { JobData, TaskJob } from './submission.js';

/** Pause between two looks where there is nothing to do, in milliseconds. */
const POLL_MS = 300;

/** How a task ended that somebody performed. */
export type Outcome =
  | { readonly kind: 'done'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'stopped' };

/** How a worker works. */
export interface RedisWorkerOptions {
  /** Aborted: give the task back, end. */
  readonly signal: AbortSignal;
  /** Version of fim. */
  readonly version: string;
  /** What it is called where jobs say who did them. */
  readonly name: string;
  /** A folder of its own, for files that tasks read. */
  readonly scratch: string;
  /** Where files lie that are too large to travel. */
  readonly dataPath: string | undefined;
  /** Performs the one task of a folder, in another process. */
  readonly perform: (folder: TaskFolder, signal: AbortSignal) => Promise<Outcome>;
  /** A task that ended here, and how; `late`: others have it. */
  readonly onEnd: (
    task: string,
    end: 'done' | 'failed' | 'released' | 'late',
    message: string | null,
  ) => void;
  /** A queue that it does not work on, said once. */
  readonly onRefuse: (error: FimError) => void;
}

/** A queue that this worker takes jobs of. */
interface OpenQueue {
  readonly digest: string;
  readonly received: Received;
  readonly worker: Worker<JobData, Stored>;
}

/** Works until it is stopped. Throws `redis/unreachable`. */
export async function workThroughRedis(
  peers: RedisPeers,
  address: RedisAddress,
  options: RedisWorkerOptions,
): Promise<void> {
  const redis = await connect(peers, address, Infinity);
  const worker = new RedisWorker(peers, redis, options);
  // A server that is gone answers nothing, and a worker that is stopped does not wait for it.
  const stop = (): void => void (redis.status === 'ready' || redis.disconnect());
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    await worker.go();
  } catch (error) {
    if (!options.signal.aborted) throw error;
  } finally {
    options.signal.removeEventListener('abort', stop);
    await worker.close();
    redis.disconnect();
  }
}

class RedisWorker {
  private readonly open = new Map<string, OpenQueue>();
  private readonly refused = new Set<string>();

  constructor(
    private readonly peers: RedisPeers,
    private readonly redis: Redis,
    private readonly options: RedisWorkerOptions,
  ) {}

  async go(): Promise<void> {
    const { signal } = this.options;
    while (!signal.aborted) {
      const digests = (await this.redis.smembers(QUEUES)).sort();
      await this.forget(new Set(digests));
      let worked = false;
      for (const digest of digests) {
        if (signal.aborted) return;
        const queue = await this.openQueue(digest);
        const token = randomUUID();
        const job = (await queue?.worker.getNextJob(token, { block: false })) as TaskJob | undefined;
        if (queue === null || job === undefined) continue;
        worked = true;
        await this.perform(queue, job, token);
      }
      if (!worked) await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await this.forget(new Set());
  }

  /** Queues that are no more. */
  private async forget(there: ReadonlySet<string>): Promise<void> {
    for (const digest of this.refused) if (!there.has(digest)) this.refused.delete(digest);
    for (const [digest, { worker }] of this.open) {
      if (there.has(digest)) continue;
      this.open.delete(digest);
      await worker.close(true).catch(() => undefined);
      rmSync(join(this.options.scratch, digest), { recursive: true, force: true });
    }
  }

  private async openQueue(digest: string): Promise<OpenQueue | null> {
    const { options, redis } = this;
    const known = this.open.get(digest);
    if (known !== undefined || this.refused.has(digest)) return known ?? null;
    try {
      const received = await receiveFolder(redis, digest, join(options.scratch, digest), {
        dataPath: options.dataPath,
        refuse: (folder) => requireVersion(folder, options.version),
      });
      if (received === null) return null;
      const { attempts, staleSeconds } = received.plan;
      const worker = new this.peers.bull.Worker<JobData, Stored>(digest, null, {
        connection: redis,
        prefix: PREFIX,
        name: options.name,
        autorun: false,
        lockDuration: 1000 * staleSeconds,
        stalledInterval: 500 * staleSeconds,
        // By default a job fails for ever when its second worker is killed.
        maxStalledCount: Math.max(attempts, MAX_LOSSES),
      });
      worker.on('error', () => undefined);
      await worker.startStalledCheckTimer();
      const queue: OpenQueue = { digest, received, worker };
      this.open.set(digest, queue);
      return queue;
    } catch (error) {
      if (!(error instanceof FimError)) throw error;
      this.refused.add(digest);
      options.onRefuse(error);
      return null;
    }
  }

  private async perform({ digest, received }: OpenQueue, job: TaskJob, token: string): Promise<void> {
    const { scratch, onEnd } = this.options;
    const { index } = job.data;
    const { name } = received.plan.tasks[index];
    if (job.deferredFailure) {
      const message = `its worker was lost ${job.stalledCounter} times`;
      await ended(job.moveToFailed(new this.peers.bull.UnrecoverableError(message), token));
      onEnd(name, 'failed', message);
      return;
    }
    const path = join(scratch, digest, `task-${index}`);
    const outcome = await this.underLock(job, token, received, path);
    rmSync(path, { recursive: true, force: true });
    if (outcome.kind === 'done') {
      const stored = await sendBytes(
        this.redis,
        keyOf(digest, 'result', String(index), token),
        outcome.bytes,
      );
      const own = await ended(job.moveToCompleted(stored, token, false));
      if (!own) await dropBytes(this.redis, stored);
      onEnd(name, own ? 'done' : 'late', null);
    } else if (outcome.kind === 'failed') {
      const own = await ended(job.moveToFailed(new Error(outcome.message), token));
      onEnd(name, own ? 'failed' : 'late', outcome.message);
    } else {
      const own = await ended(job.moveToWait(token));
      onEnd(name, own ? 'released' : 'late', null);
    }
  }

  /** Performs the task while the lock is renewed; one that is lost ends it. */
  private async underLock(job: TaskJob, token: string, received: Received, path: string): Promise<Outcome> {
    const { signal, perform } = this.options;
    const milliseconds = 1000 * received.plan.staleSeconds;
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    let asking = false;
    const renewal = setInterval(() => {
      if (asking) return;
      asking = true;
      job
        .extendLock(token, milliseconds)
        .then((held) => held || abort(), abort)
        .finally(() => (asking = false));
    }, milliseconds / 4);
    try {
      return await perform(singleTask(received, job.data.index, path), stop.signal);
    } catch (error) {
      return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    } finally {
      clearInterval(renewal);
      signal.removeEventListener('abort', abort);
    }
  }
}

/** Whether the job was still this worker's: Redis refuses whoever has no lock. */
async function ended(move: Promise<unknown>): Promise<boolean> {
  try {
    await move;
    return true;
  } catch {
    return false;
  }
}
