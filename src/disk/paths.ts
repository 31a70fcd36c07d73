/**
 * @module disk/paths
 *
 * Paths of the disk: whether a file or a folder stands there, and folders made where none does.
 */
import { mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FimError } from '../core/errors.js';

/** Whether `path` is a folder (false where there is nothing). */
export function isFolder(path: string): boolean {
  return seen(path)?.isDirectory() ?? false;
}

/** Whether `path` is a file without a byte. */
export function isEmpty(path: string): boolean {
  const stats = seen(path);
  return stats !== undefined && stats.isFile() && stats.size === 0;
}

/** Whether `path` is there at all. */
export function exists(path: string): boolean {
  return seen(path) !== undefined;
}

/** Nothing is there either where a file stands in the place of a folder on the way. */
function seen(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/**
 * mkdir of Node, called for all of a path, does not end where a file system has no new folders, as /proc. Others may make the same folders
 * meanwhile.
 */
function makeFolders(path: string): void {
  try {
    makeOne(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    if (!isFolder(dirname(path))) makeFolders(dirname(path));
    makeOne(path);
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !isFolder(path)) throw error;
  }
}

/** Makes a folder and those above it, where they are not there. Throws `file/no-folder`. */
export function makeFolder(path: string): void {
  try {
    makeFolders(resolve(path));
  } catch (error) {
    throw new FimError(
      {
        code: 'file/no-folder',
        where: path,
        rule: 'the folder of a run must be there, or be possible to make',
        got: messageOf(error),
        next: 'name a folder of your own',
      },
      { cause: error },
    );
  }
}

/** The code of a failed system call; empty where it has none. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

/** The words of a failure. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
