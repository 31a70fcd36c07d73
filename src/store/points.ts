/**
 * @module store/points
 *
 * A long run as independent points, each in a file of its own that appears in one step when the point is done: an interrupted run goes
 * on where it stopped, a finished point is never made again, and two processes may share a folder as long as they make different
 * points. What all points depend on stands in `settings.json`, the version of fim among it; a folder with other settings is refused, not
 * mixed. A point carries a seal (store/seal): one that is not what was stored is made again.
 */
import { join } from 'node:path';
import { FimError } from '../core/errors.js';
import { parseJson } from '../core/json.js';
import { readBytes, writeAtomic } from '../disk/files.js';
import { exists, isEmpty, makeFolder } from '../disk/paths.js';
import { packageVersion } from '../disk/version.js';
import { sealed, unsealed } from './seal.js';

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Writes a value as JSON in one step.
 * @throws FimError with `file/folder`, `file/forbidden`, `file/no-folder`, `file/unwritable`
 */
export function writeJson(path: string, value: unknown, indent?: number): void {
  writeText(path, `${JSON.stringify(value, null, indent)}\n`);
}

/** Writes text in one step. */
export function writeText(path: string, text: string): void {
  writeAtomic(path, new TextEncoder().encode(text));
}

/** What a file holds as JSON; undefined where it is none. */
function jsonIn(path: string): unknown {
  try {
    return readJson(path);
  } catch (error) {
    if (error instanceof FimError && error.code === 'points/damaged') return undefined;
    throw error;
  }
}

/** Reads JSON. Throws `file/…`, and `points/damaged` for what is none. */
export function readJson(path: string): unknown {
  const text = new TextDecoder().decode(readBytes(path));
  try {
    return parseJson(text);
  } catch (error) {
    throw new FimError({
      code: 'points/damaged',
      where: path,
      rule: 'must be JSON',
      got: (error as Error).message,
      next: 'delete the file: its point is then made again',
    });
  }
}

/** The fields of a point's file. */
const SCHEMA = 'point/1';

/** A folder of points of one run: `get` makes a point once. */
export class Points {
  private readonly folder: string;

  /**
   * Opens or makes `folder`. Throws `points/settings` where it holds points of other settings.
   * @throws FimError with `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/no-folder`, `file/unreadable`,
   * `file/unwritable`, `points/damaged`
   */
  constructor(folder: string, settings: Json) {
    this.folder = join(folder, 'points');
    makeFolder(this.folder);
    const file = join(this.folder, 'settings.json');
    const own = { schema: SCHEMA, fim: packageVersion(), settings };
    if (!exists(file)) {
      writeJson(file, own, 2);
      return;
    }
    const known = JSON.stringify(readJson(file));
    if (known === JSON.stringify(own)) return;
    throw new FimError({
      code: 'points/settings',
      kind: 'usage',
      where: file,
      rule: 'the folder holds points of a run with other settings, or of another version of fim, which cannot be continued with these',
      got: known,
      next: 'another `run` folder, or delete this one',
    });
  }

  private path(key: string): string {
    return join(this.folder, `${key}.json`);
  }

  /**
   * Whether the point is there already, as it was stored.
   * @throws FimError with `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/unreadable`, `points/damaged`
   */
  has(key: string): boolean {
    return this.stored(key) !== undefined;
  }

  /** The point in its file; undefined where there is none, or one that is not what was stored. */
  private stored(key: string): unknown {
    const path = this.path(key);
    if (!exists(path) || isEmpty(path)) return undefined;
    const record = unsealed(SCHEMA, jsonIn(path));
    return typeof record === 'string' ? undefined : record.point;
  }

  /**
   * The stored point, or the made one, which is then stored. `make` returns null where it was interrupted.
   * @throws FimError with `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/no-folder`, `file/unreadable`,
   * `file/unwritable`, `points/damaged`
   */
  async get<T>(key: string, make: () => Promise<T | null>): Promise<T | null> {
    const stored = this.stored(key);
    if (stored !== undefined) return stored as T;
    const made = await make();
    if (made !== null) writeJson(this.path(key), sealed(SCHEMA, { point: made }));
    return made;
  }
}
