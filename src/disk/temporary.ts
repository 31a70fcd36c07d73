/**
 * @module disk/temporary
 *
 * Temporary names of files and folders that are made in one step, `.NAME.PID-N.MACHINE.tmp` in the file's own folder, and what killed processes left
 * under them: removed where the process is of this machine and gone, or after a day.
 */
import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { machineId, processOf } from './process.js';

/** Milliseconds after which no process is still writing. */
const DAY = 86_400_000;

let machine: string | null = null;

/** Of this machine since it started: eight hexadecimal digits. */
const machineTag = (): string =>
  (machine ??= createHash('sha256').update(machineId()).digest('hex').slice(0, 8));

/** The name under which this process makes a file or a folder for the `count`th time. */
export const temporaryName = (file: string, count: number): string =>
  `.${file}.${process.pid}-${count}.${machineTag()}.tmp`;

/** Whose a temporary name is; null for any other name. */
export function ownerOf(name: string): { file: string; pid: number; machine: string } | null {
  const parts = /^\.(.+)\.(\d+)-\d+\.([0-9a-f]{8})\.tmp$/s.exec(name);
  return parts && { file: parts[1], pid: Number(parts[2]), machine: parts[3] };
}

const swept = new Set<string>();

/** Removes what killed processes left of a file or a folder by `now`, as the file system dates its files; looks once for each file. What cannot be listed or removed stays. */
export function sweep(folder: string, file: string, now: number): void {
  const path = join(folder, file);
  if (swept.has(path)) return;
  swept.add(path);
  for (const name of listed(folder)) {
    const owner = ownerOf(name);
    if (owner?.file !== file || owner.pid === process.pid) continue;
    if (owner.machine === machineTag() ? !processOf(owner.pid).alive : isOld(join(folder, name), now))
      remove(join(folder, name));
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isOld(path: string, now: number): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && now - stats.mtimeMs > DAY;
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    return;
  }
}
