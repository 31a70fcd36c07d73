/**
 * @module cli/redis/child
 *
 * A task in a process of its own: `fim work` on a folder of one task, started by a worker of Redis, and ended when that worker is gone.
 */
import { spawn } from 'node:child_process';
import type { TaskFolder } from '../../scale/folder.js';
import type { Outcome } from '../../scale/redis/worker.js';
import { ownCommand } from '../submit/command.js';
import { TASK_MARK } from './orphan.js';

/** Characters of what a process says that are kept. */
const KEPT = 4000;

/** Performs the task of a folder of one. */
export async function performInChild(folder: TaskFolder, signal: AbortSignal): Promise<Outcome> {
  const [program, ...entry] = ownCommand();
  // An index of its own: this worker may be a job of an array.
  const words = [...entry, 'work', folder.path, '--index', '0', '--json', '--quiet'];
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, FIM_REDIS_PASSWORD: '', [TASK_MARK]: '1' },
  });
  const said = { out: '', err: '' };
  child.stdout?.on('data', (text: Buffer) => (said.out = `${said.out}${text.toString()}`.slice(-KEPT)));
  child.stderr?.on('data', (text: Buffer) => (said.err = `${said.err}${text.toString()}`.slice(-KEPT)));
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const ended = await new Promise<string | null>((done) => {
      child.once('error', (error) => done(error.message));
      child.once('close', (code, by) =>
        done(code === null ? `its process was ended by ${String(by)}` : null),
      );
    });
    const bytes = folder.result(0);
    if (bytes !== null) return { kind: 'done', bytes };
    if (signal.aborted) return { kind: 'stopped' };
    return { kind: 'failed', message: ended ?? failureIn(said.out) ?? (said.err.trim() || 'it failed') };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What the task said, of the line of JSON that `fim work` prints; null where it prints none. */
function failureIn(out: string): string | null {
  try {
    const { failures } = JSON.parse(out) as { readonly failures: readonly { readonly message: string }[] };
    return failures[0]?.message ?? null;
  } catch {
    return null;
  }
}
