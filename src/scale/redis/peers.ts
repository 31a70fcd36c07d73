/**
 * @module scale/redis/peers
 *
 * The packages `bullmq` and `ioredis`, optional peers that are loaded when work goes through Redis, and asked for by name where they are
 * missing.
 */
import type * as Bull from 'bullmq';
import type { Redis } from 'ioredis';
import { FimError } from '../../core/errors.js';

/** What is used of the two. */
export interface RedisPeers {
  /** Client of a server. */
  readonly Redis: typeof Redis;
  /** Queues and their workers. */
  readonly bull: typeof Bull;
}

/** Loads both. Throws `redis/missing` where one is not installed, `redis/broken` where one does not load. */
export async function loadRedis(
  importPackage: (name: string) => Promise<unknown> = (name) => import(/* @vite-ignore */ name),
): Promise<RedisPeers> {
  const load = async (name: string): Promise<unknown> => {
    try {
      return await importPackage(name);
    } catch (cause) {
      const missing = (cause as { code?: string }).code === 'ERR_MODULE_NOT_FOUND';
      throw new FimError(
        {
          code: missing ? 'redis/missing' : 'redis/broken',
          kind: 'unsupported',
          where: 'work through Redis',
          rule: missing
            ? `needs the packages bullmq and ioredis, which are optional; ${name} is not installed`
            : `the package ${name} is installed but does not load`,
          ...(missing ? {} : { got: (cause as Error).message }),
          next: 'npm install bullmq@6 ioredis@6',
        },
        { cause },
      );
    }
  };
  const bull = (await load('bullmq')) as typeof Bull;
  const { Redis: client } = (await load('ioredis')) as { readonly Redis: typeof Redis };
  return { Redis: client, bull };
}
