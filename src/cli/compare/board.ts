/**
 * @module cli/compare/board
 *
 * The progress of a comparison, arms × environments. On a terminal: one table, redrawn in place at most five times a second, cells of
 * `finished/all seeds, % of those that run, last return`. Elsewhere: a line for each run that ends.
 */
import { formatNumber, formatTimeLeft } from '../../report/format.js';
import type { RunStatus } from '../../store/training/compare.js';
import type { RunNews } from '../../store/training/compare-tasks.js';
import type { Job } from '../../store/training/grid.js';
import type { Io } from '../io.js';
import { timeLeft } from '../terminal/live.js';
import { clip } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { inFlags } from '../mentions.js';

const REDRAW_SECONDS = 0.2;

/** What a board shows: every run with its status and its weight, the seconds that it takes from start to end. */
export interface BoardRun {
  readonly job: Job;
  readonly seconds: number;
}

export class Board {
  private readonly news = new Map<Job, RunNews>();
  private readonly began: number;
  private readonly startShare: number;
  private drawn = -Infinity;
  private lines = 0;

  constructor(
    private readonly io: Io,
    private readonly runs: readonly BoardRun[],
    private readonly statuses: ReadonlyMap<Job, RunStatus>,
    private readonly quiet: boolean,
    signal?: AbortSignal,
  ) {
    this.began = io.now();
    this.startShare = this.share;
    // Whoever interrupts is answered with a line: the table goes on below it.
    signal?.addEventListener('abort', () => (this.lines = 0), { once: true });
    this.draw();
  }

  update(job: Job, news: RunNews): void {
    this.news.set(job, news);
    this.draw();
  }

  ended(job: Job, status: RunStatus): void {
    this.news.delete(job);
    if (this.quiet) return;
    if (this.io.stderr.isTTY) {
      this.draw();
      return;
    }
    const { finished } = this;
    const figure =
      status.kind === 'done'
        ? `evaluation ${number(status.result.evaluation.mean)}`
        : status.kind === 'diverged'
          ? `diverged after ${status.divergence.steps} steps`
          : status.kind === 'failed'
            ? `failed: ${inFlags(status.message.split('\n')[0])}`
            : '';
    const place = `${finished}/${this.runs.length}`;
    this.io.stderr.write(
      `${place}  ${job.arm}  ${job.environment}  seed ${job.seed}  ${figure}${this.left}\n`,
    );
  }

  /** Draws the table as it is at the end, and leaves it standing. */
  end(): void {
    this.drawn = -Infinity;
    this.draw();
    this.lines = 0;
  }

  private get finished(): number {
    return this.runs.filter(({ job }) => isOver(this.statuses.get(job))).length;
  }

  /** Of all the work, by seconds. */
  private get share(): number {
    let [done, all] = [0, 0];
    for (const { job, seconds } of this.runs) {
      all += seconds;
      done += seconds * this.shareOf(job);
    }
    return all > 0 ? done / all : 1;
  }

  private shareOf(job: Job): number {
    const status = this.statuses.get(job);
    if (isOver(status)) return 1;
    return this.news.get(job)?.share ?? (status?.kind === 'begun' ? status.steps / job.settings.steps : 0);
  }

  private get left(): string {
    const { share, startShare } = this;
    const seconds = timeLeft((share - startShare) / (1 - startShare), this.io.now() - this.began);
    return Number.isFinite(seconds) && share < 1 ? `  ${formatTimeLeft(seconds)} left` : '';
  }

  private draw(): void {
    const { stderr } = this.io;
    if (this.quiet || !stderr.isTTY) return;
    const now = this.io.now();
    if (now - this.drawn < REDRAW_SECONDS) return;
    this.drawn = now;
    const text = [...this.table().split('\n'), this.summary()];
    const up = this.lines > 0 ? `\u001b[${this.lines}A` : '';
    const rows = text.map((line) => `\r\u001b[2K${clip(line, stderr.columns - 1)}\n`).join('');
    stderr.write(`${up}${rows}`);
    this.lines = text.length;
  }

  private summary(): string {
    const { runs, finished } = this;
    return `${finished}/${runs.length} runs  ${Math.floor(100 * this.share)} %${this.left}`;
  }

  private table(): string {
    const names = (pick: (job: Job) => string): string[] => [
      ...new Set(this.runs.map(({ job }) => pick(job))),
    ];
    const environments = names((job) => job.environment);
    return renderTable(
      [{ title: '' }, ...environments.map((title) => ({ title }))],
      names((job) => job.arm).map((arm) => [arm, ...environments.map((e) => this.cell(arm, e))]),
    );
  }

  private cell(arm: string, environment: string): string {
    const jobs = this.runs
      .map(({ job }) => job)
      .filter((job) => job.arm === arm && job.environment === environment);
    const over = jobs.filter((job) => isOver(this.statuses.get(job)));
    const diverged = over.filter((job) => this.statuses.get(job)?.kind === 'diverged').length;
    const failed = over.filter((job) => this.statuses.get(job)?.kind === 'failed').length;
    const running = jobs.filter((job) => this.news.has(job));
    const percents = running.map((job) => `${Math.floor(100 * this.shareOf(job))} %`).join(' ');
    const last = running.length > 0 ? this.news.get(running[0])?.return : lastReturn(over, this.statuses);
    return [
      `${over.length}/${jobs.length}`,
      percents,
      last === null || last === undefined ? '' : number(last),
      diverged > 0 ? `${diverged} diverged` : '',
      failed > 0 ? `${failed} failed` : '',
    ]
      .filter((part) => part !== '')
      .join('  ');
  }
}

const isOver = (status: RunStatus | undefined): boolean =>
  status?.kind === 'done' || status?.kind === 'diverged' || status?.kind === 'failed';

const number = (value: number | null): string => (value === null ? '–' : formatNumber(value, 4));

function lastReturn(jobs: readonly Job[], statuses: ReadonlyMap<Job, RunStatus>): number | null {
  const status = jobs.length === 0 ? undefined : statuses.get(jobs[jobs.length - 1]);
  return status?.kind === 'done' ? status.result.return.mean : null;
}
