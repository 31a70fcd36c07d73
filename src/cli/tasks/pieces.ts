/**
 * @module cli/tasks/pieces
 *
 * A part of an estimate in pieces of about a minute, each added to the sums of those before, which are kept in the task's folder: who takes
 * the task over after a kill goes on behind the last piece. How it is cut follows from `tasks.json` alone, so that kills change no bit.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { readBytes, writeAtomic } from '../../disk/files.js';
import { type ShardNumber, type ShardPlaces, spanOf } from '../../jobs/shard.js';
import type { TaskRun } from '../../scale/kind.js';
import { sealedBytes, unsealedBytes } from '../../store/seal.js';

/** What a piece is expected to take, in seconds. */
const PIECE = 60;
/** The layout of what is kept. */
const SCHEMA = 'pieces/2';
const KEPT = '.kept.bin';

/** Sums of the first pieces. */
interface Kept {
  readonly pieces: number;
  readonly done: number;
  readonly sums: unknown;
}

/** null: it is not what was kept. */
function readKept(path: string): Kept | null {
  const bytes = unsealedBytes(SCHEMA, readBytes(path));
  return typeof bytes === 'string' ? null : (deserialize(bytes) as Kept);
}

/** The pieces of one task. */
export class Pieces {
  private readonly count: number;
  private readonly whole: ShardPlaces;

  /** `examples`: visits of the whole estimate. What an earlier claim kept becomes this one's. */
  constructor(
    private readonly run: TaskRun,
    part: ShardNumber,
    examples: number,
  ) {
    this.whole = spanOf(part, examples);
    const { from, to } = this.whole;
    this.count = Math.max(1, Math.min(to - from, Math.floor(run.task.seconds / PIECE)));
    const { previous } = run;
    for (const name of previous === null ? [] : readdirSync(previous))
      if (name.endsWith(KEPT)) writeAtomic(this.path(name), readBytes(join(previous as string, name)));
  }

  /** The sums of all pieces in one form, each added to those before by `add`; null where the signal came first. */
  async sum<S extends { readonly interrupted: boolean }>(
    form: string,
    sumsOf: (places: ShardPlaces, progress: (share: number) => void) => Promise<S>,
    add: (sums: S, next: S) => S,
  ): Promise<S | null> {
    const { count, run } = this;
    const kept = this.kept(form);
    let sums = (kept?.sums ?? null) as S | null;
    for (let i = kept?.done ?? 0; i < count; i++) {
      const next = await sumsOf(this.piece(i), (share) => run.progress((i + share) / count));
      if (next.interrupted || run.signal.aborted) return null;
      sums = sums ? add(sums, next) : next;
      if (count > 1) this.keep(form, { pieces: count, done: i + 1, sums });
    }
    return sums;
  }

  private piece(i: number): ShardPlaces {
    const { whole, count } = this;
    const edge = (k: number): number => whole.from + Math.floor((k * (whole.to - whole.from)) / count);
    return { from: edge(i), to: edge(i + 1) };
  }

  private path(name: string): string {
    return join(this.run.workspace(), basename(name));
  }

  private keep(form: string, kept: Kept): void {
    writeAtomic(this.path(`${form}${KEPT}`), sealedBytes(SCHEMA, serialize(kept)));
  }

  /** What was kept of a form; null: nothing that can be gone on from. */
  private kept(form: string): Kept | null {
    if (this.count === 1) return null;
    const path = this.path(`${form}${KEPT}`);
    if (!existsSync(path)) return null;
    const found = readKept(path);
    const fits = found?.pieces === this.count;
    const { count } = this;
    this.run.say(
      fits
        ? `${form}: goes on behind piece ${found.done} of ${count}`
        : `${form}: begins again, for what was kept is damaged, of another version, or was cut in another way`,
    );
    return fits ? found : null;
  }
}
