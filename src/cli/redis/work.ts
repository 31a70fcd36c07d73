/**
 * @module cli/redis/work
 *
 * `fim work --redis URL`: a worker on the queues of a Redis.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from '../../core/errors.js';
import { placeOf } from '../../scale/redis/connection.js';
import { loadRedis } from '../../scale/redis/peers.js';
import { workThroughRedis } from '../../scale/redis/worker.js';
import type { Context } from '../command.js';
import { complain } from '../complaint.js';
import { inFlags, jsonLine } from '../mentions.js';
import { addressIn } from './address.js';
import { performInChild } from './child.js';

/** Works until Ctrl-C or SIGTERM. */
export async function workOnRedis(
  { options, io, signal, version }: Context<'work'>,
  url: string,
): Promise<ExitCode> {
  const address = addressIn(url);
  const peers = await loadRedis();
  const scratch = mkdtempSync(join(tmpdir(), 'fim-redis-'));
  const count = { done: 0, failed: 0 };
  try {
    if (!options.quiet) io.stderr.write(`waiting for tasks at ${placeOf(address)}; Ctrl-C ends it\n`);
    await workThroughRedis(peers, address, {
      signal,
      version,
      name: `${hostname()} ${process.pid}`,
      scratch,
      dataPath: options.dataPath,
      perform: performInChild,
      onEnd: (task, end, message) => {
        if (end === 'done' || end === 'failed') count[end]++;
        if (options.quiet && end !== 'failed') return;
        io.stderr.write(`${task}: ${end}${message === null ? '' : `: ${inFlags(message).split('\n')[0]}`}\n`);
      },
      onRefuse: (error) => void complain(io, error, 'fim help work'),
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  if (options.json) io.stdout.write(jsonLine(count));
  return 130;
}
