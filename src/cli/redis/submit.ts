/**
 * @module cli/redis/submit
 *
 * `fim submit DIR --redis URL`: tasks into a queue, results into the folder of whoever waits.
 */
import type { ExitCode } from '../../core/errors.js';
import { sizeText } from '../../core/settings/bytes.js';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { requireFiles, type TaskFolder } from '../../scale/folder.js';
import { placeOf } from '../../scale/redis/connection.js';
import { loadRedis } from '../../scale/redis/peers.js';
import { submitAndWait } from '../../scale/redis/submission.js';
import { statusOf } from '../../scale/status.js';
import type { Context } from '../command.js';
import { inFlags, jsonLine } from '../mentions.js';
import { quote } from '../../core/shell.js';
import { failureLines } from '../tasks/words.js';
import { startProgress } from '../terminal/live.js';
import { addressIn } from './address.js';

const wallTime = (): number => new Date().getTime() / 1000;

/** Submits and waits. */
export async function submitToRedis(
  { positionals: { dir }, options, io, signal }: Context<'submit'>,
  folder: TaskFolder,
  url: string,
): Promise<ExitCode> {
  const address = addressIn(url);
  requireFiles(folder);
  const { plan } = folder;
  if (options.dryRun) {
    const open = [...plan.tasks.keys()].filter((index) => !folder.names(index).result).length;
    const bytes = plan.files.reduce((sum, { path }) => sum + statSync(resolve(plan.directory, path)).size, 0);
    io.stdout.write(
      `${open} of ${plan.tasks.length} tasks to ${placeOf(address)}, with ${plan.files.length} ${plan.files.length === 1 ? 'file' : 'files'} of ${sizeText(bytes)}\n`,
    );
    return 0;
  }
  const peers = await loadRedis();
  const progress = startProgress(io, 'submit', options.quiet);
  const report = await submitAndWait(folder, peers, address, {
    signal,
    now: () => io.now(),
    wallTime,
    say: (line) => progress.log(`note: ${inFlags(line)}`),
    onProgress: (done, of) => progress.update(done / of, `${done} of ${of} tasks done`),
  }).finally(() => progress.end());
  const { failures } = statusOf(folder, wallTime());
  const failed = failures.filter(({ index }) => report.failed.includes(index));
  const { done, left } = report;
  if (options.json)
    io.stdout.write(jsonLine({ done, failed: failed.length, failures: failed, left: left.length }));
  io.stderr.write(failureLines(failed, dir));
  if (left.length > 0) {
    io.stderr.write(`stopped waiting: ${left.length} tasks stay in Redis; the same command goes on\n`);
    return 130;
  }
  if (!options.quiet)
    io.stderr.write(`${done} done${failed.length === 0 ? `: fim merge ${quote(dir)}` : ''}\n`);
  return failed.length > 0 ? 1 : 0;
}
