/**
 * @module store/folder/lock
 *
 * One process a folder. Each that wants it first puts down `.lock.PID`, then looks for others: of two living ones the later sees the
 * earlier's, so at most one goes on (two at the same instant may both be refused). A lock that a killed process left is removed by
 * whoever comes next; its name says whose it was, so nobody's fresh lock can be removed by mistake. A number that the system has given
 * to another process since is told by the moment that process began, where the system says it (/proc).
 *
 * It guards processes of one machine; a folder that two machines share over a network is not guarded, nor two threads without /proc.
 */
import { readdirSync, realpathSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FimError } from '../../core/errors.js';
import { clearAway, leftover } from '../../disk/leftovers.js';
import { processOf, textOf } from '../../disk/process.js';

const LOCK = /^\.lock\.(\d+)$/;

/** Folders that this process holds. */
const held = new Set<string>();

/** Takes the folder and returns how to give it back. Throws `run/locked`. */
export function lockFolder(folder: string): () => void {
  const key = realpathSync(folder);
  if (held.has(key)) throw locked(folder, process.pid);
  const own = join(folder, `.lock.${process.pid}`);
  const mine = putDown(folder, own);
  for (const name of readdirSync(folder)) {
    const pid = Number(LOCK.exec(name)?.[1] ?? process.pid);
    if (pid === process.pid) continue;
    const path = join(folder, name);
    if (isHeld(pid, textOf(path))) {
      remove(own);
      throw locked(folder, pid);
    }
    remove(path);
  }
  held.add(key);
  const settle = leftover({ remove: own });
  return () => {
    if (held.delete(key) && textOf(own) === mine) remove(own);
    settle();
  };
}

/** Removes locks that killed processes left in a folder that is only read; what cannot be removed stays. */
export function clearLocks(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(LOCK.exec(name)?.[1] ?? NaN);
    const path = join(folder, name);
    if (!Number.isNaN(pid) && !isHeld(pid, textOf(path))) clearAway({ remove: path });
  }
}

/** Writes this process's lock; one of the same number is another's who died, or another thread's. Returns its text. */
function putDown(folder: string, own: string): string {
  const began = processOf(process.pid).began ?? '';
  for (;;) {
    try {
      writeFileSync(own, began, { flag: 'wx' });
      return began;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(folder, error);
    }
    if (began !== '' && textOf(own) === began) throw locked(folder, process.pid);
    remove(own);
  }
}

function isHeld(pid: number, began: string | null): boolean {
  const seen = processOf(pid);
  if (!seen.alive || began === null) return false;
  return began === '' || seen.began === null || seen.began === began;
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unwritable(path, error);
  }
}

function locked(folder: string, pid: number): FimError {
  return new FimError({
    code: 'run/locked',
    kind: 'usage',
    where: folder,
    rule: 'one process writes a run folder',
    got: pid === process.pid ? 'a folder that this process already writes' : `process ${pid} writes it`,
    next:
      pid === process.pid ? 'close it first' : `wait for it, stop it (kill ${pid}), or name another folder`,
  });
}

function unwritable(where: string, error: unknown): FimError {
  return new FimError(
    {
      code: 'file/forbidden',
      where,
      rule: 'the folder of a run must be writable',
      got: error instanceof Error ? error.message : String(error),
      next: 'name a folder of your own',
    },
    { cause: error },
  );
}
