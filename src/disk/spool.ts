/**
 * @module disk/spool
 *
 * Bytes put aside in a temporary file that has no name: it is gone when nobody reads it any more, and with the process. It lies in the
 * folder for temporary files (TMPDIR), which must have the room.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FimError } from '../core/errors.js';
import type { ByteSource } from '../data/byte-source.js';
import type { Spool } from '../data/source.js';

/** Closes the file of a spool that nobody holds any more. */
const held = new FinalizationRegistry<number>(closeSync);

/** A new, empty spool. Throws `file/temporary`. */
export function openSpool(): Spool {
  const path = join(tmpdir(), `fim-${randomUUID()}.tmp`);
  const handle = attempt(() => openSync(path, 'wx+', 0o600));
  try {
    unlinkSync(path);
  } catch {
    // Windows keeps the name of an open file; it goes with the process.
    process.once('exit', () => {
      closeSync(handle);
      unlinkSync(path);
    });
  }
  return {
    write: (bytes) => {
      attempt(() => {
        for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
      });
    },
    done: () => sourceOf(handle),
  };
}

function sourceOf(handle: number): ByteSource {
  const source: ByteSource = {
    size: fstatSync(handle).size,
    read: (offset, into) => {
      for (let at = 0; at < into.length;) at += readSync(handle, into, at, into.length - at, offset + at);
    },
  };
  held.register(source, handle);
  return source;
}

function attempt<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new FimError(
      {
        code: 'file/temporary',
        where: tmpdir(),
        rule: 'data that cannot be read in any order are unpacked into a temporary file there',
        got: error instanceof Error ? error.message : String(error),
        next: 'TMPDIR=/another/folder names one with more room; or save the arrays by np.savez, uncompressed',
      },
      { cause: error },
    );
  }
}
