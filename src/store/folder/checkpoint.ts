/**
 * @module store/folder/checkpoint
 *
 * All of a run's state in one file: named arrays and a JSON header, as safetensors (other programs can read the parameters), with the
 * SHA-256 of its contents:
 *
 *   SHA-256(header text, then of every array by name: its name, type and length, its bytes)
 *
 * in the file's metadata, so that a damaged byte is an error and not another run. Written in one step; the one before is kept.
 * Cost: one hash (about 0.5 ns a byte), one copy, one flush.
 */
import { parseJson } from '../../core/json.js';
import { quote } from '../../core/shell.js';
import { copyFileSync, linkSync, renameSync, rmSync } from 'node:fs';
import { FimError } from '../../core/errors.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import { writeFailure } from '../../disk/failures.js';
import { readBytes, sha256, writeAtomic } from '../../disk/files.js';
import { exists } from '../../disk/paths.js';
import { clearAway } from '../../disk/leftovers.js';
import { formatSafetensors, openSafetensors } from '../../data/safetensors.js';
import type { Json } from '../points.js';
import type { RunIdentity } from './identity.js';

export const CHECKPOINT_FORMAT = 1;

export type StateArray = Float64Array | Float32Array | Uint8Array;
export type StateArrays = Readonly<Record<string, StateArray>>;

export interface CheckpointHeader extends RunIdentity {
  readonly format: number;
  /** Version of fim that wrote it; absent in those of earlier ones. */
  readonly fim?: string;
  /** Updates done. */
  readonly update: number;
  /** Environment steps taken. */
  readonly steps: number;
  /** Rows logged, and the steps of the last one (−1 before there is any). */
  readonly rows: number;
  readonly lastRow: number;
  /** Lengths in bytes of the logs at this moment. */
  readonly offsets: { readonly csv: number; readonly events: number };
  /** The caller's own. */
  readonly state: Json;
}

export interface Checkpoint {
  readonly header: CheckpointHeader;
  readonly arrays: StateArrays;
}

const encoder = new TextEncoder();

/** The bytes of a checkpoint: the same input gives the same bytes. */
export function packCheckpoint({ header, arrays }: Checkpoint): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify(header);
  const tensors = new Map(
    Object.entries(arrays).map(([name, data]): [string, Tensor] => [
      name,
      data instanceof Float64Array
        ? tensor('float64', [data.length], data)
        : data instanceof Float32Array
          ? tensor('float32', [data.length], data)
          : tensor('uint8', [data.length], data),
    ]),
  );
  return formatSafetensors(tensors, { fim: text, sha256: contentHash(text, tensors) }, 'checkpoint');
}

/** Throws `run/checkpoint-damaged` unless every byte is as it was written, `run/checkpoint-format` for another version's. */
export function unpackCheckpoint(bytes: Uint8Array, where: string): Checkpoint {
  const tensors = new Map<string, Tensor>();
  let metadata: Readonly<Record<string, string>>;
  try {
    const file = openSafetensors(bytes, where);
    ({ metadata } = file);
    for (const name of file.names) tensors.set(name, file.get(name));
  } catch (error) {
    const got = error instanceof FimError ? error.complaint.rule : String(error);
    throw damaged(where, `not so: ${got}`, error);
  }
  const { fim: text, sha256: stored } = metadata;
  if (text === undefined || stored === undefined) throw damaged(where, 'a file without a header of fim');
  const found = contentHash(text, tensors);
  if (found !== stored)
    throw damaged(where, `contents of hash ${short(found)} where ${short(stored)} is said`);
  const header = parseJson(text) as CheckpointHeader;
  if (header.format !== CHECKPOINT_FORMAT) {
    throw new FimError({
      code: 'run/checkpoint-format',
      where,
      rule: `this version of fim reads checkpoints of format ${CHECKPOINT_FORMAT}`,
      got: `format ${header.format}`,
      next: 'go on with the version of fim that began the run',
    });
  }
  const arrays = [...tensors].map(([name, { data }]) => [name, data as StateArray] as const);
  return { header, arrays: Object.fromEntries(arrays) };
}

/** Reads a checkpoint. Throws as `unpackCheckpoint` does, with the way back to the one before where there is one, and `file/…`. */
export function readCheckpoint(path: string, previous?: string): Checkpoint {
  const bytes = readBytes(path);
  try {
    return unpackCheckpoint(bytes, path);
  } catch (error) {
    if (!(error instanceof FimError) || previous === undefined || !exists(previous)) throw error;
    const next = `mv ${quote(previous)} ${quote(path)}   # the checkpoint before it; the run goes on from there`;
    throw new FimError({ ...error.complaint, next }, { cause: error });
  }
}

/**
 * Writes a checkpoint in one step and keeps the one before as `previous`. At every moment there is a whole checkpoint at `path` if
 * there ever was one. Throws `file/…`.
 */
export function writeCheckpoint(path: string, previous: string, checkpoint: Checkpoint): void {
  const bytes = packCheckpoint(checkpoint);
  if (exists(path)) attempt(previous, () => keepAside(path, previous));
  writeAtomic(path, bytes);
}

/** Gives the checkpoint that is there the name of the one before. */
function keepAside(path: string, previous: string): void {
  const aside = `${previous}.tmp`;
  rmSync(aside, { force: true });
  try {
    linkSync(path, aside);
  } catch {
    // A file system without second names for a file: a copy is the same, slower.
    copyFileSync(path, aside);
  }
  renameSync(aside, previous);
  // Of two names of one file, as a run leaves them that is killed before it writes the next, rename(2) removes none.
  clearAway({ remove: aside });
}

function attempt(path: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    throw writeFailure(path, error);
  }
}

function contentHash(text: string, tensors: ReadonlyMap<string, Tensor>): string {
  const parts: Uint8Array[] = [encoder.encode(text)];
  for (const [name, { dtype, data }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    parts.push(encoder.encode(JSON.stringify([name, dtype, data.length])));
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return sha256(...parts);
}

const short = (hash: string): string => hash.slice(0, 12);

function damaged(where: string, got: string, cause?: unknown): FimError {
  return new FimError(
    {
      code: 'run/checkpoint-damaged',
      where,
      rule: 'a checkpoint must be whole: every byte as it was written',
      got,
      cause: 'the disk, or another program, changed it',
      next: 'put back a copy of it, or start again in another folder',
    },
    { cause },
  );
}
