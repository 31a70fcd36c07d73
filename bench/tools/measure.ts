/**
 * @module bench/tools/measure
 *
 * Times that survive a busy machine. Tasks take turns in one run, so a ratio compares neighbours in time, and what counts is the
 * processor time of this process, which stands still while another process has the core: on a machine with nothing else to do it is
 * the time on the clock (one thread). Reported are medians over many turns, and beside them the shortest time on the clock.
 */
import { cpus, loadavg } from 'node:os';
import process from 'node:process';

/** Something to be timed; what runs in another process gives its own times. */
export type Task = () => unknown;

/** Milliseconds. */
export interface Timed {
  /** Median processor time. */
  readonly median: number;
  /** Shortest time on the clock. */
  readonly least: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Milliseconds of one call. */
export interface Turn {
  readonly cpu: number;
  readonly clock: number;
}

const isTurn = (x: unknown): x is Turn => typeof x === 'object' && x !== null && 'cpu' in x && 'clock' in x;

async function once(task: Task): Promise<Turn> {
  const before = process.cpuUsage();
  const start = process.hrtime.bigint();
  const given = task();
  const result: unknown = given instanceof Promise ? await given : given;
  if (isTurn(result)) return result;
  const clock = Number(process.hrtime.bigint() - start) / 1e6;
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1e3, clock };
}

export interface TurnOptions {
  /** Turns that do not count. Default 10. */
  readonly warmup?: number;
  /** Call the task twice in a turn and time the second, which finds the caches as the first left them. Default false. */
  readonly again?: boolean;
}

/** Every task has `rounds` turns, in turn. */
export async function interleaved<K extends string>(
  tasks: Readonly<Record<K, Task>>,
  rounds: number,
  { warmup = 10, again = false }: TurnOptions = {},
): Promise<Record<K, Timed>> {
  const names = Object.keys(tasks) as K[];
  const seen = new Map<K, Turn[]>(names.map((name) => [name, []]));
  for (let round = -warmup; round < rounds; round++) {
    for (const name of names) {
      if (again) await once(tasks[name]);
      const time = await once(tasks[name]);
      if (round >= 0) seen.get(name)?.push(time);
    }
  }
  return Object.fromEntries(
    [...seen].map(([name, times]) => [
      name,
      { median: median(times.map((t) => t.cpu)), least: Math.min(...times.map((t) => t.clock)) },
    ]),
  ) as Record<K, Timed>;
}

/** The machine, as far as it matters to a time. */
export function machine(): string {
  const load = loadavg()[0].toFixed(1);
  return `${cpus().length} × ${cpus()[0].model.trim()}, Node ${process.version}, load ${load}`;
}

/** The number on the command line, or the default. */
export function rounds(otherwise: number): number {
  return Number(process.argv.find((a) => /^\d+$/.test(a)) ?? otherwise);
}

/** A row of a table: the first cell to the left, the others to the right. */
export function row(cells: readonly (string | number)[], first = 44, width = 11): string {
  const [head, ...rest] = cells.map((c) => (typeof c === 'number' ? c.toFixed(2) : c));
  return head.padEnd(first) + rest.map((c) => c.padStart(width)).join('');
}

/** Largest difference of two arrays, relative to the largest entry of the second. */
export function difference(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) throw new RangeError(`${got.length} numbers against ${want.length}`);
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < want.length; i++) {
    worst = Math.max(worst, Math.abs(got[i] - want[i]));
    largest = Math.max(largest, Math.abs(want[i]));
  }
  return largest > 0 ? worst / largest : worst;
}

/** Ends the run where two ways to one number disagree. */
export function assertAgree(
  what: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  tolerance: number,
): void {
  const d = difference(got, want);
  if (!(d <= tolerance)) throw new Error(`${what}: relative difference ${d}, tolerance ${tolerance}`);
}
