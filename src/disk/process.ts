/**
 * @module disk/process
 *
 * A process of this machine by its number: whether it lives, and when it began where the system says it (/proc), so that a number that
 * was given to another process since is told apart. `machineId` names the set of processes that such a number belongs to.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** What is seen of a process. */
export interface ProcessSeen {
  /** Whether it lives; a zombie does not. */
  readonly alive: boolean;
  /** Clock ticks since the machine started; null where that cannot be known. */
  readonly began: string | null;
}

/** Looks at process `pid` of this machine. */
export function processOf(pid: number): ProcessSeen {
  const stat = textOf(`/proc/${pid}/stat`);
  if (stat !== null) {
    // proc(5): the name in brackets may hold anything; state is field 3, starttime field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { alive: fields[0] !== 'Z' && fields[0] !== 'X', began: fields[19] };
  }
  try {
    process.kill(pid, 0);
    return { alive: true, began: null };
  } catch (error) {
    return { alive: (error as NodeJS.ErrnoException).code === 'EPERM', began: null };
  }
}

/** This machine since it started, and the processes that it shows here: containers have numbers of their own. */
export function machineId(): string {
  const boot = textOf('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  try {
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return `${hostname()} ${boot}`;
  }
}

/** The text of a file; null where there is none to read. */
export function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
