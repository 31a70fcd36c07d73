/**
 * @module cli/submit/chunks
 *
 * Chunks of tasks that a job of an array does one after the other, so that starting a job costs little beside its work.
 */
import type { TaskFolder } from '../../scale/folder.js';

/** A job that takes less is mostly its own start and end. */
const LEAST_SECONDS = 300;

/** An array of jobs over a folder. */
export interface Chunks {
  /** Tasks a job. */
  readonly size: number;
  /** Jobs of the whole list. */
  readonly count: number;
  /** Those of them that have something to do, from 0. */
  readonly open: readonly number[];
  /** Expected seconds of the longest. */
  readonly seconds: number;
}

/** Cuts the tasks; `asked` is a size that somebody wants, `most` the jobs that an array may have. */
export function chunksOf(folder: TaskFolder, asked: number | undefined, most: number): Chunks {
  const { tasks } = folder.plan;
  const mean = tasks.reduce((sum, task) => sum + task.seconds, 0) / tasks.length;
  const worth = asked ?? Math.max(1, Math.ceil(LEAST_SECONDS / Math.max(mean, 1e-3)));
  const size = Math.min(tasks.length, Math.max(worth, Math.ceil(tasks.length / most)));
  const count = Math.ceil(tasks.length / size);
  const open = new Set<number>();
  let seconds = 0;
  for (let chunk = 0; chunk < count; chunk++) {
    let sum = 0;
    for (let i = chunk * size; i < Math.min(tasks.length, (chunk + 1) * size); i++) {
      if (folder.names(i).result) continue;
      open.add(chunk);
      sum += tasks[i].seconds;
    }
    seconds = Math.max(seconds, sum);
  }
  return { size, count, open: [...open], seconds };
}

/** `0-3,7`: numbers that rise, as schedulers write them. */
export function rangesOf(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < numbers.length;) {
    let last = i;
    while (numbers[last + 1] === numbers[last] + 1) last++;
    parts.push(last > i ? `${numbers[i]}-${numbers[last]}` : String(numbers[i]));
    i = last + 1;
  }
  return parts.join(',');
}
