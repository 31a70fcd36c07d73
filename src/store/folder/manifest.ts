/**
 * @module store/folder/manifest
 *
 * Contents of `manifest.json`: which run this is, and which builds have worked on it. No machine, path or time is in it, so two runs of
 * the same configuration have the same manifest.
 */
import { FimError } from '../../core/errors.js';
import { readBytes } from '../../disk/files.js';
import { parseManifest } from '../../data/manifest.js';
import { identify, type RunIdentity } from './identity.js';

export const MANIFEST_FORMAT = 1;

/** What computed: the same build goes on to the same bits, another one may differ in the last. */
export interface Build {
  /** Version of fim. */
  readonly fim: string;
  /** Build of the engine's kernels (`engine.build`). */
  readonly engine: string;
  /** Version of Node. */
  readonly node: string;
}

export interface RunManifest extends RunIdentity {
  readonly format: number;
  /** Columns of progress.csv. */
  readonly columns: readonly string[];
  /** The build that began, then each other one that went on. */
  readonly builds: readonly Build[];
}

/** Reads a manifest. Throws `manifest/run` and other `manifest/…` for what is none, `file/…`. */
export function readManifest(path: string): RunManifest {
  const json = parseManifest(new TextDecoder().decode(readBytes(path)), path);
  const { format, environment, algorithm, settings, columns, builds } = json as Partial<RunManifest>;
  const whole =
    format === MANIFEST_FORMAT &&
    typeof environment === 'string' &&
    typeof algorithm === 'string' &&
    typeof settings === 'object' &&
    settings !== null &&
    allFinite(settings) &&
    Array.isArray(columns) &&
    Array.isArray(builds);
  if (!whole) {
    throw new FimError({
      code: 'manifest/run',
      where: path,
      rule: `the manifest of a run has format ${MANIFEST_FORMAT}, environment, algorithm, settings, columns and builds`,
      got: `format ${String(format)}, ${Object.keys(json).join(', ') || 'nothing'}`,
      cause: 'another version of fim, or another program, wrote it',
      next: 'name another folder',
    });
  }
  return { format, ...identify(environment, algorithm, settings), columns, builds };
}

/** Whether every number is finite: `1e400` is a number of JSON, and none of a run. */
const allFinite = (value: unknown): boolean =>
  typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value !== 'object' || value === null || Object.values(value).every(allFinite);

export function sameBuild(a: Build, b: Build): boolean {
  return a.fim === b.fim && a.engine === b.engine && a.node === b.node;
}

export function buildText({ fim, engine, node }: Build): string {
  return `fim ${fim}, engine ${engine}, node ${node}`;
}
