/**
 * @module store/folder/folder
 *
 * A training run on disk: `manifest.json`, `progress.csv`, TensorBoard's events, a checkpoint and the one before, `result.json` at the
 * end. Killed at any moment, it goes on as if it had not been.
 *
 * *Why no step is missing or twice.* Let a checkpoint C hold the state after update u, and the lengths o of the two logs at that time.
 * Claim: whenever the name `checkpoint` leads to C, the first o bytes of the logs on disk are the rows of the updates ≤ u, each once.
 *   - It becomes true: `save` flushes both logs to the disk, then gives the flushed C its name in one step (rename). A kill before the
 *     rename leaves the checkpoint before, for which the claim held already.
 *   - It stays true: every later byte goes behind o, by this process because logs only grow, by a resumed one because it starts at o.
 *     One process writes (lock).
 *   - Resuming cuts both logs to o, half-written rows included, and loads C: the very situation after update u. The run is a function
 *     of its state, so its next rows are those of u + 1, …, each once. By induction over kills, the logs in the end are those of a run
 *     that nobody killed. Before the first checkpoint o is 0 and the run starts again.
 * The caller's part: log an update's row before saving the state after it, and keep all state in the checkpoint. The claim also holds
 * for the checkpoint before, whose o is smaller: `mv` it back and the run goes on from there.
 *
 * Cost: two system calls a row; a checkpoint is one write and four flushes (about 10 ms on a disk), so not one every update.
 */
import { quote } from '../../core/shell.js';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FimError, invariant } from '../../core/errors.js';
import { flushFolder, readBytes, removeFile } from '../../disk/files.js';
import { exists, makeFolder } from '../../disk/paths.js';
import { clearAway } from '../../disk/leftovers.js';
import { ownerOf } from '../../disk/temporary.js';
import { packageVersion } from '../../disk/version.js';
import { type Manifest, parseManifest } from '../../data/manifest.js';
import { writeJson } from '../points.js';
import { sealed, unsealed } from '../seal.js';
import {
  type Checkpoint,
  CHECKPOINT_FORMAT,
  readCheckpoint,
  type StateArrays,
  writeCheckpoint,
} from './checkpoint.js';
import { CsvLog, type Row } from './csv-log.js';
import { EVENT_FILE, EventFile } from './event-file.js';
import type { Scalars } from './event-record.js';
import { identify, requireSame, type RunIdentity } from './identity.js';
import { clearLocks, lockFolder } from './lock.js';
import {
  type Build,
  buildText,
  MANIFEST_FORMAT,
  readManifest,
  type RunManifest,
  sameBuild,
} from './manifest.js';
import { plain } from './plain.js';

export const FILES = {
  manifest: 'manifest.json',
  csv: 'progress.csv',
  events: EVENT_FILE,
  checkpoint: 'checkpoint.safetensors',
  previous: 'checkpoint.prev.safetensors',
  result: 'result.json',
} as const;

/** The fields of a result. */
const RESULT = 'result/1';

/** `fresh` begins, `resume` has a checkpoint to go on from, `done` has its result. */
export type RunState = 'fresh' | 'resume' | 'done';

export interface RunDescription {
  readonly environment: string;
  readonly algorithm: string;
  /** All that the run's numbers depend on; plain JSON. */
  readonly settings: object;
  /** Columns of progress.csv; `steps` is one, the others are the caller's. */
  readonly columns: readonly string[];
  readonly build: Omit<Build, 'node'>;
  /** Whether a run of other settings that stands in the folder is this one's beginning, so that this one goes on from there. */
  readonly goesOn?: (stored: RunIdentity) => boolean;
}

/** State to keep: plain JSON and arrays. */
export interface Saving {
  /** Updates done. */
  readonly update: number;
  /** Environment steps taken. */
  readonly steps: number;
  /** Plain JSON of the caller's own. Numbers whose bits matter belong in arrays. */
  readonly state?: unknown;
  readonly arrays: StateArrays;
}

/** What is open while a run is written. */
interface Logs {
  readonly csv: CsvLog;
  readonly events: EventFile;
  /** Columns that the table has not, because a version without them began it. */
  readonly later: readonly string[];
  readonly unlock: () => void;
}

export class RunFolder {
  private loaded: Checkpoint | null | undefined;
  private rows: number;
  private lastRow: number;

  /** Use `openRunFolder`. */
  constructor(
    readonly path: string,
    readonly identity: RunIdentity,
    readonly state: RunState,
    /** What the caller may want to say: another build goes on. */
    readonly notes: readonly string[],
    private logs: Logs | null,
    checkpoint: Checkpoint | null | undefined,
  ) {
    this.loaded = checkpoint;
    this.rows = checkpoint?.header.rows ?? 0;
    this.lastRow = checkpoint?.header.lastRow ?? -1;
  }

  /** The state to go on from, or the last of a run that is done; null where there is none. */
  get checkpoint(): Checkpoint | null {
    if (this.loaded === undefined) this.loaded = loadCheckpoint(this.path, this.identity);
    return this.loaded;
  }

  /** The result of a run that is done, else null. Throws `manifest/json` and `run/result-damaged` for a damaged one. */
  get result(): Manifest | null {
    return readResult(this.path);
  }

  /**
   * Adds a row to progress.csv and its scalars, by TensorBoard's tag, to the events, at step `row.steps`, which grows from row to row.
   * `wallTime` in seconds since 1970. Throws `run/log-unwritable`.
   */
  log(row: Row, scalars: Scalars, wallTime: number): void {
    const { csv, events, later } = this.writing();
    const { steps } = row;
    invariant(
      typeof steps === 'number' && steps > this.lastRow,
      this.path,
      `steps grow from row to row: ${String(steps)} after ${this.lastRow}`,
    );
    const dropped = later.filter((name) => Object.hasOwn(row, name));
    csv.append(dropped.length === 0 ? row : without(row, dropped));
    events.append(scalars, steps, wallTime);
    this.rows++;
    this.lastRow = steps;
  }

  /** Makes everything logged durable, then keeps this state. Throws `run/not-plain`, `run/log-unwritable`, `file/…`. */
  save({ update, steps, state = null, arrays }: Saving): void {
    const { csv, events } = this.writing();
    const { environment, algorithm, settings, configHash } = this.identity;
    csv.flush();
    events.flush();
    const header = {
      format: CHECKPOINT_FORMAT,
      fim: packageVersion(),
      environment,
      algorithm,
      settings,
      configHash,
      update,
      steps,
      rows: this.rows,
      lastRow: this.lastRow,
      offsets: { csv: csv.offset, events: events.offset },
      state: plain(state, 'state'),
    };
    writeCheckpoint(join(this.path, FILES.checkpoint), join(this.path, FILES.previous), { header, arrays });
  }

  /** Makes the logs durable, then writes result.json: from now on the folder is done. Closes it. Throws `file/…`. */
  finish(result: object): void {
    const { csv, events } = this.writing();
    csv.flush();
    events.flush();
    writeJson(join(this.path, FILES.result), sealed(RESULT, result), 2);
    this.close();
  }

  /** Closes the logs and gives the folder back. What was logged since the last `save` will be logged again. */
  close(): void {
    if (this.logs === null) return;
    const { csv, events, unlock } = this.logs;
    this.logs = null;
    csv.close();
    events.close();
    unlock();
  }

  private writing(): Logs {
    invariant(this.logs !== null, this.path, 'a run folder that is done or closed is not written');
    return this.logs;
  }
}

/**
 * Makes the folder, or finds the run in it. Throws `run/of-another` (which says what differs) for another run's folder or checkpoint,
 * `run/locked` while another process writes it, `run/not-a-run` for a folder that holds such files but no manifest,
 * `run/checkpoint-damaged`, `run/checkpoint-gone`, `run/csv-header`, `run/log-short`, `manifest/…`, `file/…`. What the checkpoint vouches
 * for is as it was then.
 */
export function openRunFolder(path: string, description: RunDescription): RunFolder {
  const { environment, algorithm, settings, columns } = description;
  invariant(columns.includes('steps'), 'openRunFolder', 'progress.csv has a column steps');
  const identity = identify(environment, algorithm, settings);
  makeFolder(path);
  const finished = (): RunFolder | null => {
    if (!exists(join(path, FILES.result)) || !exists(join(path, FILES.manifest))) return null;
    const stored = readManifest(join(path, FILES.manifest));
    if (isBeginning(stored, identity, description)) return null;
    requireSame(stored, identity, path);
    return new RunFolder(path, identity, 'done', [], null, undefined);
  };
  const done = finished();
  if (done !== null) {
    clearLocks(path);
    return done;
  }
  const unlock = lockFolder(path);
  let folder: RunFolder | null = null;
  try {
    succeed(path, identity, description);
    // It may have been finished by the process that held the lock.
    folder = finished() ?? openUnfinished(path, identity, description, unlock);
    return folder;
  } finally {
    if (folder === null || folder.state === 'done') unlock();
  }
}

function isBeginning(stored: RunIdentity, identity: RunIdentity, { goesOn }: RunDescription): boolean {
  return stored.configHash !== identity.configHash && goesOn?.(stored) === true;
}

/**
 * Makes a run that is this one's beginning into this one: its checkpoint, then its manifest, are given the new settings, and its result
 * is taken away between the two. Cut off anywhere, the same call does the rest.
 */
function succeed(path: string, identity: RunIdentity, description: RunDescription): void {
  const file = join(path, FILES.manifest);
  if (!exists(file)) return;
  const stored = readManifest(file);
  if (!isBeginning(stored, identity, description)) return;
  const [current, previous] = [join(path, FILES.checkpoint), join(path, FILES.previous)];
  if (exists(current)) {
    const { header, arrays } = readCheckpoint(current, previous);
    if (header.configHash !== identity.configHash) {
      requireSame(header, stored, current);
      writeCheckpoint(current, previous, {
        header: { ...header, ...identity, fim: packageVersion() },
        arrays,
      });
    }
  }
  removeFile(join(path, FILES.result));
  flushFolder(path);
  writeJson(file, { ...stored, ...identity }, 2);
}

/** A run in a folder as it stands, without writing or locking: for evaluation and reports. Throws `run/not-a-run`, `manifest/…`. */
export function readRunFolder(path: string): {
  readonly manifest: RunManifest;
  readonly result: Manifest | null;
  /** Throws `run/…` as `openRunFolder` does. */
  readonly checkpoint: () => Checkpoint | null;
} {
  const file = join(path, FILES.manifest);
  if (!exists(file)) throw notRun(path, `no ${FILES.manifest}`);
  const manifest = readManifest(file);
  return { manifest, result: readResult(path), checkpoint: () => loadCheckpoint(path, manifest) };
}

function openUnfinished(
  path: string,
  identity: RunIdentity,
  { columns, build }: RunDescription,
  unlock: () => void,
): RunFolder {
  const manifestPath = join(path, FILES.manifest);
  const present = exists(manifestPath) ? readManifest(manifestPath) : null;
  if (present === null) {
    const stray = Object.values(FILES).find((name) => exists(join(path, name)));
    if (stray !== undefined) throw notRun(path, `${stray}, but no ${FILES.manifest}`);
  } else requireSame(present, identity, path);
  const checkpoint = present === null ? null : loadCheckpoint(path, identity);
  removeRemains(path);

  // A table that was begun with fewer columns goes on with them.
  const begun = checkpoint !== null && present !== null && present.columns.every((c) => columns.includes(c));
  const ownColumns = begun ? present.columns : columns;
  const { csv: csvOffset, events: eventsOffset } = checkpoint?.header.offsets ?? { csv: 0, events: 0 };
  const now: Build = { ...build, node: process.version };
  const before = present?.builds.at(-1);
  const changed = before !== undefined && !sameBuild(before, now);
  // A run that starts again is the work of this build alone.
  const builds = checkpoint === null ? [now] : [...(present?.builds ?? []), ...(changed ? [now] : [])];
  // Before the logs of a fresh run: a folder with logs has a manifest. After those of a resumed one were found to be its own.
  const note = (): void =>
    writeJson(manifestPath, { format: MANIFEST_FORMAT, ...identity, columns: ownColumns, builds }, 2);
  if (checkpoint === null) note();
  const csv = new CsvLog(join(path, FILES.csv), ownColumns, csvOffset);
  let events: EventFile | null = null;
  try {
    events = new EventFile(join(path, FILES.events), eventsOffset);
    if (checkpoint !== null && changed) note();
    flushFolder(path);
  } catch (error) {
    csv.close();
    events?.close();
    throw error;
  }
  const other = checkpoint?.header.fim !== undefined && checkpoint.header.fim !== packageVersion();
  const notes =
    checkpoint !== null && changed
      ? [
          `begun with ${buildText(before)}, going on with ${buildText(now)}: numbers may differ in their last bits`,
        ]
      : other
        ? [`its checkpoint is of fim ${checkpoint.header.fim}: numbers may differ in their last bits`]
        : [];
  const state = checkpoint === null ? 'fresh' : 'resume';
  const later = columns.filter((name) => !ownColumns.includes(name));
  return new RunFolder(path, identity, state, notes, { csv, events, later, unlock }, checkpoint);
}

function loadCheckpoint(path: string, identity: RunIdentity): Checkpoint | null {
  const file = join(path, FILES.checkpoint);
  const previous = join(path, FILES.previous);
  if (exists(file)) {
    const checkpoint = readCheckpoint(file, previous);
    requireSame(checkpoint.header, identity, file);
    return checkpoint;
  }
  if (!exists(previous)) return null;
  throw new FimError({
    code: 'run/checkpoint-gone',
    where: path,
    rule: `a run with a ${FILES.previous} has a ${FILES.checkpoint}`,
    got: 'none',
    cause: 'somebody removed it; no interruption does',
    next: `mv ${quote(previous)} ${quote(file)}   # goes on from there; or remove both to start again`,
  });
}

/** The result of the run in folder `path`; null where it has none. Throws `run/result-damaged`. */
export function readResult(path: string): Manifest | null {
  const file = join(path, FILES.result);
  if (!exists(file)) return null;
  const record = unsealed(RESULT, parseManifest(new TextDecoder().decode(readBytes(file)), file));
  if (typeof record !== 'string') return record;
  throw new FimError({
    code: 'run/result-damaged',
    where: file,
    rule: 'a result is what the run that is in the folder wrote',
    got: record,
    cause: 'the file was edited or damaged, or another version of fim wrote it',
    next: `rm ${quote(file)}   # the run then goes on from its last checkpoint to its result`,
  });
}

const without = (row: Row, names: readonly string[]): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));

/** Files under their temporary names that a killed process left. */
function removeRemains(path: string): void {
  const ours: readonly string[] = Object.values(FILES);
  for (const name of readdirSync(path)) {
    const target = ownerOf(name)?.file ?? /^(.+)\.tmp$/.exec(name)?.[1];
    if (target !== undefined && ours.includes(target)) clearAway({ remove: join(path, name) });
  }
}

function notRun(path: string, got: string): FimError {
  return new FimError({
    code: 'run/not-a-run',
    kind: 'usage',
    where: path,
    rule: 'the folder must hold a training run, or none of its files',
    got,
    cause: 'it is the folder of something else, or its manifest was removed',
    next: 'name another folder',
  });
}
