/**
 * @module studies/face/piece
 *
 * A study as pieces: each is computed by itself, in any process, and its result is kept once; from all of them follow the files. Results pass
 * through JSON, also within one process, so that it makes no difference who computed them.
 */
import type { Hooks } from 'fim/jobs';
import type { TaskFile } from 'fim/scale';
import type { Json } from 'fim/store';
import type { Asked } from './options.js';

/** A part of a study that is computed by itself. */
export interface Piece<R> {
  /** Its name, which no other piece of the study has, and which means the same piece whatever else is asked for. */
  readonly key: string;
  /** Expected on one core. */
  readonly seconds: number;
  /** Null where a signal came first. `done` are results of other pieces, as far as they are there. */
  run(hooks: Hooks, done: Done): Promise<R | null>;
}

/** The result of a piece; null where it is not there. */
export type Done = <R>(piece: Piece<R>) => R | null;

/** Results that are all there. */
export interface Results {
  /** Those of these pieces, in their order. */
  of<R>(pieces: readonly Piece<R>[]): R[];
}

/** A study that is cut into pieces, opened. */
export interface CutStudy<R> {
  /** Folder of the results where none is named. */
  readonly folder: string;
  /** All that the pieces depend on beside their names: a folder with other settings is refused. */
  readonly settings: object;
  /** Files that pieces read, known by their digests. */
  readonly files?: readonly TaskFile[];
  /** The pieces, in the order in which one process does those that take equally long. */
  readonly pieces: readonly Piece<unknown>[];
  /** What the results come to. */
  assemble(results: Results): R;
  /** The files of the folder; `made` says by what version and line. */
  filesOf(result: R, made: Made): Outcome;
  /** Gives back what was opened. */
  dispose?(): void;
}

/** What a study's work comes to: files by name, and what ran it in words. */
export interface Outcome {
  readonly files: ReadonlyMap<string, string>;
  readonly reason: string;
}

/** Who made the results. */
export interface Made {
  /** For the foot of a page. */
  readonly by: string;
  /** The line that makes them again. */
  readonly line: string;
}

/** Opens a study by what was asked of it. */
export type OpenStudy<R> = (
  asked: Asked,
  around: { readonly now: () => number; readonly version: string },
) => CutStudy<R> | Promise<CutStudy<R>>;

/** A piece's result as a file's bytes, with the name of the piece; numbers that JSON has no word for are kept. */
export function encode(key: string, result: unknown): Uint8Array {
  const kept = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;
  return new TextEncoder().encode(`${JSON.stringify({ piece: key, result }, kept)}\n`);
}

/** What `encode` was given; null where the bytes are of another piece. */
export function decode(key: string, bytes: Uint8Array): { readonly result: unknown } | null {
  const given = (_: string, value: unknown): unknown => (isNumber(value) ? Number(value.number) : value);
  const { piece, result } = JSON.parse(new TextDecoder().decode(bytes), given) as {
    readonly piece: Json;
    readonly result: unknown;
  };
  return piece === key ? { result } : null;
}

const isNumber = (value: unknown): value is { readonly number: string } =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length === 1 &&
  ['NaN', 'Infinity', '-Infinity'].includes((value as { number?: unknown }).number as string);
