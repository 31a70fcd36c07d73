/**
 * @module disk/files
 *
 * The disk's whole files in, whole files out. Reading says exactly why it could not;
 * writing goes to a temporary file in the same folder, is flushed, and takes its final name in one step, so that a
 * reader sees either the old file or the new one and an interrupted run leaves nothing half-written; what a killed one left under a
 * temporary name is removed when the file is next written. The codecs
 * of floor `data` take and give bytes, and so run in a browser as well.
 */
import { quote } from '../core/shell.js';
import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { FimError } from '../core/errors.js';
import { clearAway, leftover } from './leftovers.js';
import { pieces } from './pieces.js';
import { sweep, temporaryName } from './temporary.js';

/** One system call moves at most this many bytes: Node refuses 2 GiB and more at a time. */
const CHUNK = 1 << 30;

/**
 * The bytes of a file.
 * Throws `file/missing`, `file/folder`, `file/empty`, `file/forbidden` or `file/unreadable` (all bad input).
 */
export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch (error) {
    throw readFailure(path, error);
  }
  try {
    const stat = fstatSync(handle);
    if (stat.isDirectory()) throw folderFailure(path);
    const bytes = stat.isFile() ? readSized(handle, stat.size) : readToEnd(handle);
    if (bytes.length === 0) {
      throw new FimError({
        code: 'file/empty',
        where: path,
        rule: 'the file must not be empty',
        got: '0 bytes',
        cause: 'the program that wrote it stopped early, or its output went elsewhere',
        next: 'write the file again',
      });
    }
    return bytes;
  } catch (error) {
    // What has no room is no fault of the file.
    if (error instanceof FimError || error instanceof RangeError) throw error;
    throw readFailure(path, error);
  } finally {
    closeSync(handle);
  }
}

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

/** mkdir of Node, called for all of a path, does not end where a file system has no new folders, as /proc. */
function makeFolders(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && isFolder(path)) return;
    if (codeOf(error) !== 'ENOENT' || isFolder(dirname(path)) || dirname(path) === path) throw error;
    makeFolders(dirname(path));
    mkdirSync(path);
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

/**
 * The folder of an npm package (its code is not run) that is installed beside fim or in the current folder, or null
 * where it is in neither: fim itself may be installed globally.
 */
export function packageFolder(name: string): string | null {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch {
      continue;
    }
  }
  return null;
}

/** The SHA-256 digest of some bytes, in hexadecimal: the same as `sha256sum` prints for the file. */
export function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const bytes of parts) {
    for (let at = 0; at < bytes.length; at += CHUNK) hash.update(bytes.subarray(at, at + CHUNK));
  }
  return hash.digest('hex');
}

/**
 * Writes a file, given whole or in parts, in one step: temporary file in the same folder, flush, rename. A symbolic link keeps pointing where it
 * points. On failure the temporary file is removed and whatever stood at `path` is untouched.
 * Throws `file/no-folder`, `file/folder`, `file/forbidden` or `file/unwritable` (all bad input).
 */
export function writeAtomic(path: string, bytes: Uint8Array | readonly Uint8Array[]): void {
  if (isFolder(path)) {
    throw new FimError({
      code: 'file/folder',
      where: path,
      rule: 'a file can be written only where no folder stands',
      got: 'a folder',
      next: `name a file in it, e.g. ${join(path, 'fisher.npz')}`,
    });
  }
  let temporary: string | null = null;
  let handle: number | null = null;
  let settle = (): void => undefined;
  try {
    const target = exists(path) ? realpathSync(path) : resolve(path);
    [temporary, handle] = openTemporary(target);
    settle = leftover({ remove: temporary });
    for (const piece of pieces(bytes instanceof Uint8Array ? [bytes] : bytes))
      for (let at = 0; at < piece.length;) at += writeSync(handle, piece, at, piece.length - at);
    fsyncSync(handle);
    closeSync(handle);
    handle = null;
    renameSync(temporary, target);
    temporary = null;
    flushFolder(dirname(target));
  } catch (error) {
    throw writeFailure(path, error);
  } finally {
    if (handle !== null) closeSync(handle);
    if (temporary !== null) clearAway({ remove: temporary });
    settle();
  }
}

/** Removes a file where there is one. Throws `file/forbidden`, `file/no-folder`, `file/unwritable`. */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw writeFailure(path, error);
  }
}

let written = 0;

function openTemporary(target: string): [string, number] {
  for (;;) {
    const name = join(dirname(target), temporaryName(basename(target), written++));
    try {
      const handle = openSync(name, 'wx');
      sweep(dirname(target), basename(target), fstatSync(handle).mtimeMs);
      return [name, handle];
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** A folder that stands for a while. */
export interface TemporaryFolder {
  /** Its path. */
  readonly path: string;
  /** Removes it with all that is in it; what cannot be removed is recognised by whoever makes the next. Once it has a name of its own, nothing. */
  readonly remove: () => void;
}

/**
 * Makes a folder under a temporary name beside `path`, and removes those that killed processes left. Throws `file/no-folder`,
 * `file/forbidden`, `file/unwritable`.
 */
export function temporaryFolder(path: string): TemporaryFolder {
  const [folder, name] = [dirname(path), basename(path)];
  const at = join(folder, temporaryName(name, written++));
  const settle = leftover({ remove: at });
  try {
    mkdirSync(at);
    sweep(folder, name, statSync(at).mtimeMs);
  } catch (error) {
    settle();
    throw writeFailure(path, error);
  }
  const remove = (): void => {
    clearAway({ remove: at });
    settle();
  };
  return { path: at, remove };
}

/** Makes new names in a folder durable; some systems cannot flush a folder, and the files' own bytes are safe by then. */
export function flushFolder(folder: string): void {
  let handle: number | null = null;
  try {
    handle = openSync(folder, 'r');
    fsyncSync(handle);
  } catch {
    return;
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

function readSized(handle: number, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let at = 0;
  while (at < size) {
    const got = readSync(handle, bytes, at, Math.min(CHUNK, size - at), null);
    if (got === 0) break;
    at += got;
  }
  return bytes.subarray(0, at);
}

function readToEnd(handle: number): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const part = new Uint8Array(1 << 16);
    const got = readSync(handle, part, 0, part.length, null);
    if (got === 0) break;
    parts.push(part.subarray(0, got));
    total += got;
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

export function readFailure(path: string, error: unknown): FimError {
  const code = codeOf(error);
  if (code === 'EISDIR') return folderFailure(path);
  if (code === 'ENOENT' || code === 'ENOTDIR') return missingFailure(path, error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new FimError(
      {
        code: 'file/forbidden',
        where: path,
        rule: 'the file must be readable',
        got: 'permission denied',
        next: `chmod u+r ${quote(path)}`,
      },
      { cause: error },
    );
  }
  return new FimError(
    { code: 'file/unreadable', where: path, rule: 'the file must be readable', got: messageOf(error) },
    { cause: error },
  );
}

function folderFailure(path: string): FimError {
  const files = filesLike(path, '');
  return new FimError({
    code: 'file/folder',
    where: path,
    rule: 'a file is needed here',
    got: 'a folder',
    next: files.length > 0 ? `name one of its files: ${files.join(', ')}` : 'name a file',
  });
}

function missingFailure(path: string, error: unknown): FimError {
  const folder = dirname(path);
  const there = isFolder(folder);
  const like = there ? filesLike(folder, extname(path)) : [];
  return new FimError(
    {
      code: 'file/missing',
      where: path,
      rule: 'the file must exist',
      got: there ? 'no such file' : `no such folder as ${folder}`,
      next:
        like.length > 0
          ? `${folder} holds ${like.join(', ')}`
          : `look with: ls ${there ? quote(folder) : '.'}`,
    },
    { cause: error },
  );
}

/** The complaint about a file that could not be written. */
export function writeFailure(path: string, error: unknown): FimError {
  const code = codeOf(error);
  const folder = dirname(path);
  if ((code === 'ENOENT' && !isFolder(folder)) || code === 'ENOTDIR') {
    return new FimError(
      {
        code: 'file/no-folder',
        where: path,
        rule: 'the folder of a file that is written must exist',
        got: `no such folder as ${folder}`,
        next: `mkdir -p ${quote(folder)}`,
      },
      { cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new FimError(
      {
        code: 'file/forbidden',
        where: path,
        rule: 'the folder of a file that is written must be writable',
        got: code === 'EROFS' ? 'a read-only file system' : 'permission denied',
        next: 'name a file in a folder of your own',
      },
      { cause: error },
    );
  }
  return new FimError(
    {
      code: 'file/unwritable',
      where: path,
      rule: 'the file could not be written; nothing was left behind',
      got: messageOf(error),
      next:
        code === 'ENOSPC'
          ? 'free some disk space or name a file on another disk'
          : 'name a file in another folder, or on another disk',
    },
    { cause: error },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Up to five visible files of a folder with this extension, for a hint; none where it cannot be listed. */
function filesLike(folder: string, extension: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && entry.name.endsWith(extension))
      .map((entry) => entry.name)
      .sort()
      .slice(0, 5);
  } catch {
    return [];
  }
}
