/**
 * @module data/source
 *
 * A file as its reader gets it: a path, or bytes under a name where there is no disk. Readers of this floor take what reaches the
 * disk as a record, so that one reader serves Node (`fim/node`) and browsers.
 */
import { FimError } from '../core/errors.js';
import { sha256 } from '../core/sha256.js';
import { bytesAt, type ByteSource } from './byte-source.js';

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
  /** A file of more than `above` bytes, to be read in parts; null for a smaller one and for what is no plain file. */
  large?(path: string, above: number): LargeFile | null;
  /** The files of a data set that is kept in several, in order; null where `path` is one file. */
  parts?(path: string): readonly PartFile[] | null;
  /** The parts of the package hyparquet that read pages. Throws `parquet/package` where it is not installed. */
  parquet?(): object;
  /** A place for what is unpacked of a file and too large for memory. */
  spool?(): Spool;
}

/** One of several files of a data set. */
export interface PartFile {
  /** From where its folder is named. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

/** Bytes that are put aside, one part after another, and then read at any place. */
export interface Spool {
  /** Adds bytes at the end. */
  write(bytes: Uint8Array): void;
  /** All that was written; nothing is written after. */
  done(): ByteSource;
}

/** The spools that a data set takes, and how much is in them. */
export class Spools {
  bytes = 0;

  constructor(private readonly files: Files) {}

  /** A new one; null where there is no disk. */
  next(): Spool | null {
    const spool = this.files.spool?.() ?? null;
    return (
      spool && {
        write: (bytes) => {
          this.bytes += bytes.length;
          spool.write(bytes);
        },
        done: () => spool.done(),
      }
    );
  }

  /** One for what takes more than `most` bytes, else null. */
  above(most: number): (size: number) => Spool | null {
    return (size) => (size > most ? this.next() : null);
  }
}

/** A file that is not held in memory. */
export interface LargeFile extends ByteSource {
  /** Bytes that were read of it so far. */
  readonly bytesRead: number;
  /** SHA-256 of all its bytes, in hexadecimal: one pass. Throws `file/changed`. */
  digest(): string;
  /** Throws `file/changed` where the file is not what it was when it was looked at first. */
  unchanged(): void;
}

/** A file as its format is told and its arrays are read: whole, or in parts. */
export interface DataFile {
  readonly name: string;
  /** Its first bytes. */
  readonly head: Uint8Array;
  /** The file, where it is read in parts. */
  readonly large: LargeFile | null;
  /** All its bytes. Throws what `files.read` throws. */
  bytes(): Uint8Array;
  /** SHA-256 of all its bytes. */
  digest(): string;
}

/** Files of up to so many bytes are held in memory, unless it is said otherwise. */
export const WHOLE_UP_TO = 2 ** 28;

/** Opens a source; files of more than `wholeUpTo` bytes are left where they are. Throws what `files.read` throws. */
export function openSource(source: FileSource, files: Files, wholeUpTo = WHOLE_UP_TO): DataFile {
  const large = typeof source === 'string' ? (files.large?.(source, wholeUpTo) ?? null) : null;
  if (large === null) {
    const { name, bytes } = bytesOf(source, files);
    return { name, head: bytes, large, bytes: () => bytes, digest: () => files.digest(bytes) };
  }
  const name = source as string;
  return {
    name,
    head: bytesAt(large, 0, Math.min(large.size, 64)),
    large,
    bytes: () => files.read(name),
    digest: () => large.digest(),
  };
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
