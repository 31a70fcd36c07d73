/**
 * @module disk/large-file
 *
 * Files read in parts, by their place. Handles are opened when they are needed and a few are kept, so that a data set of a thousand files
 * does not run out of them. A file that is another one when it is opened again, that changes under the handle or ends early, is refused.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { FimError } from '../core/errors.js';
import { blocksOf } from '../data/byte-source.js';
import type { LargeFile } from '../data/source.js';
import { readFailure } from './failures.js';

/** Handles that are open at once. */
const KEPT = 32;
/** One system call moves at most this many bytes. */
const CHUNK = 1 << 30;
/** Bytes that are read before the file is looked at again. */
const LOOK_AFTER = 1 << 28;

/** Open handles, the one that was used last at the end. */
const handles = new Map<DiskFile, number>();

class DiskFile implements LargeFile {
  bytesRead = 0;
  private lookAt = LOOK_AFTER;

  constructor(
    private readonly path: string,
    readonly size: number,
    private readonly changed: number,
  ) {}

  read(offset: number, into: Uint8Array): void {
    const handle = this.open();
    for (let at = 0; at < into.length;) {
      const got = readSync(handle, into, at, Math.min(CHUNK, into.length - at), offset + at);
      if (got === 0) throw this.otherThanBefore(`it ends before byte ${offset + into.length}`);
      at += got;
    }
    this.bytesRead += into.length;
    if (this.bytesRead >= this.lookAt) this.unchanged();
  }

  unchanged(): void {
    this.lookAt = this.bytesRead + LOOK_AFTER;
    this.compare(this.open());
  }

  digest(): string {
    const hash = createHash('sha256');
    for (const block of blocksOf(this)) hash.update(block);
    this.unchanged();
    return hash.digest('hex');
  }

  private open(): number {
    const kept = handles.get(this);
    if (kept !== undefined) {
      if (handles.size > 1) {
        handles.delete(this);
        handles.set(this, kept);
      }
      return kept;
    }
    for (const [file, handle] of handles) {
      if (handles.size < KEPT) break;
      handles.delete(file);
      closeSync(handle);
    }
    let handle: number;
    try {
      handle = openSync(this.path, 'r');
    } catch (error) {
      throw readFailure(this.path, error);
    }
    handles.set(this, handle);
    this.compare(handle);
    return handle;
  }

  /** Throws `file/changed` unless the file is the one that was looked at first. */
  private compare(handle: number): void {
    const { size, mtimeMs } = fstatSync(handle);
    if (size === this.size && mtimeMs === this.changed) return;
    handles.delete(this);
    closeSync(handle);
    throw this.otherThanBefore(
      size === this.size ? 'other bytes, as many as before' : `${size} bytes now, ${this.size} before`,
    );
  }

  private otherThanBefore(got: string): FimError {
    return new FimError({
      code: 'file/changed',
      where: this.path,
      rule: 'a file of data stays as it is while it is read',
      got,
      cause: 'another program wrote to it meanwhile',
      next: 'run again when it is complete',
    });
  }
}

/** The plain file at `path` if it has more than `above` bytes, else null; what cannot be looked at is null too. */
export function largeFile(path: string, above: number): LargeFile | null {
  let stat;
  try {
    stat = statSync(path, { throwIfNoEntry: false });
  } catch {
    return null;
  }
  if (!stat?.isFile() || stat.size <= above) return null;
  return new DiskFile(path, stat.size, stat.mtimeMs);
}
