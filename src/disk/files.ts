/**
 * @module disk/files
 *
 * The disk's whole files in, whole files out. Reading says exactly why it could not;
 * writing goes to a temporary file in the same folder, is flushed, and takes its final name in one step, so that a
 * reader sees either the old file or the new one and an interrupted run leaves nothing half-written; what a killed one left under a
 * temporary name is removed when the file is next written. The codecs
 * of floor `data` take and give bytes, and so run in a browser as well.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { FimError } from '../core/errors.js';
import { folderFailure, readFailure, writeFailure } from './failures.js';
import { clearAway, leftover } from './leftovers.js';
import { codeOf, exists, isFolder } from './paths.js';
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
