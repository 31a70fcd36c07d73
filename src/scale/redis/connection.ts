/**
 * @module scale/redis/connection
 *
 * A connection to a server of Redis: its address, whose password never stands in it, and how long one waits for a server that is gone.
 */
import type { Redis } from 'ioredis';
import { FimError } from '../../core/errors.js';
import type { RedisPeers } from './peers.js';

/** Pause between two attempts to reach a server that was there, in milliseconds. */
const RETRY_MS = 500;

/** Where a server is. */
export interface RedisAddress {
  /** `redis://host:port/database`, or `rediss:` with TLS; a user's name may stand in it. */
  readonly url: string;
  /** From the environment; undefined: none. */
  readonly password: string | undefined;
}

/** Reads an address. Throws `redis/url` where it is none, or holds a password. */
export function addressOf(text: string, password: string | undefined): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  const known = url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== '';
  if (known && url.password === '') return { url: text, password };
  throw new FimError({
    code: 'redis/url',
    kind: 'usage',
    where: 'address of Redis',
    rule: known
      ? 'holds no password: whoever lists processes sees it; FIM_REDIS_PASSWORD of the environment does'
      : 'is redis://HOST:PORT, or rediss://HOST:PORT with TLS',
    got: known ? 'an address with a password' : url === null ? 'no URL' : `${url.protocol}//…`,
    next: known
      ? `take the password out: redis://${url.username === '' ? '' : `${url.username}@`}${url.host}`
      : 'redis://localhost:6379',
  });
}

/** `host:port/database`, for people. */
export function placeOf({ url }: RedisAddress): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname === '/' ? '' : pathname}`;
}

/**
 * Connects; `patience` is how many seconds one waits for a server that was there and is gone, without end where it is Infinity. Throws
 * `redis/unreachable`.
 */
export async function connect(
  { Redis: Client }: RedisPeers,
  address: RedisAddress,
  patience: number,
): Promise<Redis> {
  let there = false;
  let last: Error | null = null;
  const redis = new Client(address.url, {
    ...(address.password === undefined ? {} : { password: address.password }),
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: 10_000,
    retryStrategy: (times) => (there && times * RETRY_MS <= 1000 * patience ? RETRY_MS : null),
  });
  redis.on('error', (error: Error) => (last = error));
  try {
    await redis.connect();
    await redis.ping();
    there = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw unreachable(address, last ?? error);
  }
}

function unreachable(address: RedisAddress, error: unknown): FimError {
  const got = error instanceof Error ? error.message : String(error);
  const secret = /NOAUTH|WRONGPASS|AUTH/.test(got);
  return new FimError(
    {
      code: 'redis/unreachable',
      where: `Redis at ${placeOf(address)}`,
      rule: secret ? 'wants a password that it knows' : 'must answer',
      got,
      next: secret ? 'put it into FIM_REDIS_PASSWORD' : 'start it, or name another address',
    },
    { cause: error },
  );
}

/** What a server does with jobs when it is killed: null where it keeps a log of them, else words. */
export async function forgetfulness(redis: Redis): Promise<string | null> {
  const remedy = 'after a crash of the server submit again: what is in the folder stays';
  try {
    const [, value] = (await redis.config('GET', 'appendonly')) as [string, string];
    return value === 'yes' ? null : `Redis keeps no log (appendonly no): killed, it forgets jobs; ${remedy}`;
  } catch {
    return `Redis does not say whether it keeps a log (CONFIG is forbidden): without one, killed, it forgets jobs; ${remedy}`;
  }
}
