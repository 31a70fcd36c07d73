/**
 * @module scale/kind
 *
 * A kind of work as the task folder knows it: tasks as plain data, and someone who performs one of them. What the tasks compute, the folder
 * does not know: kinds are told apart by a name in `tasks.json`, and whoever runs a folder has a table of them.
 */
import type { Json } from '../store/points.js';

/** One task, as `tasks.json` lists it. */
export interface Task {
  /** What it computes, in words that no other task of the folder has. */
  readonly name: string;
  /** How long it is expected to take on one core. */
  readonly seconds: number;
  /** All that it needs beside the settings of the folder. */
  readonly input: Json;
}

/** A task in somebody's hands. */
export interface TaskRun {
  /** The task. */
  readonly task: Task;
  /** Its place in the list, from 0. */
  readonly index: number;
  /** Aborted where the work is to end early, or the task was taken over: save what can be saved. */
  readonly signal: AbortSignal;
  /** A folder for files of this claim alone, made when first asked for. */
  readonly workspace: () => string;
  /** The workspace of the last claim before that left anything in it, which a worker that is not dead may still write; null: none did. */
  readonly previous: string | null;
  /** Share of the task that is done, in [0, 1]. */
  readonly progress: (share: number) => void;
  /** A line for the task's log. */
  readonly say: (line: string) => void;
}

/** Work of one kind, opened once in a process for any number of its tasks. */
export interface Performer {
  /** The result, or null where the signal came first. What it throws is a failure of the task. */
  perform(run: TaskRun): Promise<Uint8Array | null>;
  /** Gives back what was opened. */
  close(): Promise<void> | void;
}
