/**
 * @module scale/claim
 *
 * Claims on a task. A claim is a file `claim.k` that only one process can create (O_EXCL), k one more than the highest that stands, so
 * that the number rises with each takeover. Its holder gives signs of life by making it longer (scale/heartbeat). Whoever sees no sign for
 * long enough on his own clock takes over by creating `claim.(k+1)`; no clocks of two machines are compared. A holder that
 * runs on the same machine and is gone is known at once.
 *
 * *Why a result stands once.* A result gets its name by link(2), which fails where the name stands; nobody removes or renames `result`.
 * Two claims may be at work at a time, for one may sleep and wake up; each writes in a folder of its own, and the later to finish finds
 * the name taken and discards what it made.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { FimError } from '../core/errors.js';
import { flushFolder, sha256 } from '../disk/files.js';
import { clearAway, leftover } from '../disk/leftovers.js';
import { machineId, processOf, textOf } from '../disk/process.js';
import { type End, namesOf, sealPath, type Standing, standingOf } from './state.js';

/** Who claims. */
export interface Holder {
  /** The machine and its processes (disk/process). */
  readonly machine: string;
  /** Number of the process. */
  readonly pid: number;
  /** When it began, in ticks of that machine; null where unknown. */
  readonly began: string | null;
}

/** This process as a holder. */
export function ownHolder(): Holder {
  return { machine: machineId(), pid: process.pid, began: processOf(process.pid).began };
}

/** A claim that is held. */
export interface Claim {
  /** The task's folder. */
  readonly folder: string;
  /** Its number, from 1. */
  readonly number: number;
  /** It is given back by whoever ends this thread; says that it ended in another way. */
  readonly settle: () => void;
}

/** The file of claim k. */
export const claimPath = (folder: string, k: number): string => join(folder, `claim.${k}`);
/** The file that says how claim k ended. */
const endPath = (folder: string, end: End, k: number): string => join(folder, `${end}.${k}`);
/** The folder of its own files. */
export const workPath = (folder: string, k: number): string => join(folder, `work.${k}`);

/** Signs of life of claims, as this process sees them on its own clock. */
export class Watch {
  private readonly seen = new Map<string, { readonly sign: string; readonly since: number }>();

  constructor(
    private readonly own: Holder,
    private readonly staleSeconds: number,
    /** Seconds from any moment, never going back. */
    private readonly now: () => number,
  ) {}

  /** Whether the holder of the claim at `path` is gone, or has given no sign for `staleSeconds` under our eyes. */
  isStale(path: string): boolean {
    const { sign, text } = look(path);
    if (isGone(text, this.own)) return true;
    const now = this.now();
    const before = this.seen.get(path);
    if (before?.sign !== sign) {
      this.seen.set(path, { sign, since: now });
      return false;
    }
    return now - before.since > this.staleSeconds;
  }
}

/** Opens the file before it looks: a network file system then asks the server. */
function look(path: string): { sign: string; text: string } {
  try {
    const handle = openSync(path, 'r');
    try {
      const { size, mtimeMs } = fstatSync(handle);
      return { sign: `${size} ${mtimeMs}`, text: textOf(path) ?? '' };
    } finally {
      closeSync(handle);
    }
  } catch {
    return { sign: 'gone', text: '' };
  }
}

function isGone(text: string, own: Holder): boolean {
  const holder = holderIn(text);
  if (holder === null || holder.machine !== own.machine) return false;
  const { alive, began } = processOf(holder.pid);
  return !alive || (holder.began !== null && began !== null && holder.began !== began);
}

/** The holder that a claim's first line names; null while it is being written. */
export function holderIn(text: string): (Holder & { readonly at: number }) | null {
  try {
    return JSON.parse(text.split('\n', 1)[0]) as Holder & { readonly at: number };
  } catch {
    return null;
  }
}

/**
 * Claims the task in `folder`, or says why not. `at` is the time of day, in seconds since 1970, for whoever reads the claim. Throws
 * `tasks/unwritable`.
 */
export function tryClaim(
  folder: string,
  own: Holder,
  watch: Watch,
  { attempts, at }: { attempts: number; at: number },
): Claim | Exclude<Standing, 'free'> {
  const found = readdirSync(folder);
  const names = namesOf(found);
  const standing = standingOf(names, attempts);
  if (standing === 'done') removeAsides(folder, found);
  if (standing === 'done' || standing === 'failed') return standing;
  if (standing === 'held' && !watch.isStale(claimPath(folder, names.claim))) return 'held';
  const number = names.claim + 1;
  try {
    writeFileSync(claimPath(folder, number), `${JSON.stringify({ ...own, at })}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'held';
    throw unwritable(folder, error);
  }
  const settle = leftover({ write: endPath(folder, 'released', number), text: '{}\n' });
  const claim = { folder, number, settle };
  // A result may have come, and a takeover may have been one too many, since the names were read.
  const now = standingOf(namesOf(readdirSync(folder)), attempts);
  if (now !== 'done' && now !== 'failed') return claim;
  endClaim(claim, now === 'done' ? 'late' : 'released', {});
  return now;
}

/** The name of claim k's result before it has its own. */
const asideOf = (k: number): string => `.result.${k}.tmp`;

/** Removes what killed holders left beside a result that stands; what cannot be removed stays. */
export function removeAsides(folder: string, names: readonly string[]): void {
  for (const name of names) if (/^\.result\.\d+\.tmp$/.test(name)) clearAway({ remove: join(folder, name) });
}

/** Puts the result in place, after its seal; false where another stands there already, which then stays. Throws `tasks/unwritable`. */
export function placeResult({ folder, number }: Claim, bytes: Uint8Array): boolean {
  const aside = join(folder, asideOf(number));
  const settled = leftover({ remove: aside });
  try {
    const handle = openSync(aside, 'w');
    try {
      for (let at = 0; at < bytes.length;)
        at += writeSync(handle, bytes, at, Math.min(1 << 30, bytes.length - at));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    closeSync(openSync(sealPath(folder, sha256(bytes)), 'w'));
    linkSync(aside, join(folder, 'result'));
    flushFolder(folder);
    return true;
  } catch (error) {
    // Another's stands there, or was there when it removed this one's file.
    const taken = (error as NodeJS.ErrnoException).code === 'EEXIST';
    if (taken || existsSync(join(folder, 'result'))) return false;
    throw unwritable(folder, error);
  } finally {
    clearAway({ remove: aside });
    settled();
  }
}

/** Says how a claim ended. Throws `tasks/unwritable`. */
export function endClaim({ folder, number, settle }: Claim, end: End, facts: object): void {
  writing(folder, () => writeFileSync(endPath(folder, end, number), `${JSON.stringify(facts)}\n`));
  settle();
}

/** Adds a line to the task's log. Throws `tasks/unwritable`. */
export function logLine(folder: string, line: string): void {
  writing(folder, () => appendFileSync(join(folder, 'log'), `${line}\n`));
}

/** Throws `tasks/unwritable` where `write` fails. */
export function writing(folder: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw unwritable(folder, error);
  }
}

function unwritable(folder: string, error: unknown): FimError {
  return new FimError(
    {
      code: 'tasks/unwritable',
      where: folder,
      rule: 'whoever works on tasks must be able to write their folders',
      got: error instanceof Error ? error.message : String(error),
      next: 'make room or rights, then run the same command again',
    },
    { cause: error },
  );
}
