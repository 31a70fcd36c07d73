/**
 * @module data/source
 *
 * A file as its reader gets it: a path, or bytes under a name where there is no disk. Readers of this floor take what reaches the
 * disk as a record, so that one reader serves Node (`fim/node`) and browsers.
 */
import { FimError } from '../core/errors.js';
import { sha256 } from '../core/sha256.js';

/** Bytes and the name that complaints call them by; its ending says the format, as a path's does. */
export interface FileBytes {
  /** As a path ends: `data.npz`. */
  readonly name: string;
  /** The whole file. */
  readonly bytes: Uint8Array;
}

/** A path, which needs a disk, or the bytes themselves. */
export type FileSource = string | FileBytes;

/** What a reader needs of the machine. */
export interface Files {
  /** The bytes of a file. */
  read(path: string): Uint8Array;
  /** The bytes of `location`, relative to the folder of `path`. */
  beside(path: string, location: string): Uint8Array;
  /** SHA-256 of the bytes, in hexadecimal. */
  digest(bytes: Uint8Array): string;
}

/** The bytes of a source and its name. Throws what `files.read` throws. */
export function bytesOf(source: FileSource, files: Files): FileBytes {
  return typeof source === 'string' ? { name: source, bytes: files.read(source) } : source;
}

/** No disk: every path throws `data/no-disk`, naming the function that was asked. */
export function withoutDisk(caller: string): Files {
  return {
    read: (path) => {
      throw noDisk(caller, path);
    },
    beside: (path, location) => {
      throw noDisk(caller, `${path}: ${location}`);
    },
    digest: sha256,
  };
}

/** `data/no-disk`: what `caller` was asked for lies on a disk, and here is none. */
export function noDisk(caller: string, path: string): FimError {
  return new FimError({
    code: 'data/no-disk',
    kind: 'usage',
    where: `${caller}('${path}')`,
    rule: 'a path needs a disk, and this build of fim, which is for browsers, has none',
    got: path,
    cause: `a bundler chose the build without Node; there ${caller} takes bytes or is not to be had`,
    next: `import { ${caller} } from 'fim/node'`,
  });
}
