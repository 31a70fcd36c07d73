/**
 * @module cli/terminal/live
 *
 * Progress of one job. On a terminal: one line, redrawn at most ten times a second, first after one second (short jobs
 * stay silent), other lines scroll above it. Elsewhere: a plain line at every tenth part that is reached after the first two seconds.
 */
import { visible } from '../../core/visible.js';
import { formatTimeLeft } from '../../report/format.js';
import type { Io } from '../io.js';
import { clip } from './style.js';

const REDRAW_SECONDS = 0.1;
/** Between two times that whoever may end the work is told how far it is. */
const TOLD_SECONDS = 0.2;
const SILENT_SECONDS = 1;
const SILENT_SECONDS_UNWATCHED = 2;
const ERASE = '\r\u001b[2K';

export interface Progress {
  /** Says where the job is: a share in [0, 1] and the estimate so far, e.g. `16.58 ± 0.47`, made only when it is shown. */
  update(share: number, text: string | (() => string)): void;
  /** Writes a line above the live one. */
  log(line: string): void;
  /** Removes the live line. Always call it, also after a failure. */
  end(): void;
}

/** Time left by proportion; NaN until there is something to go by. */
export function timeLeft(share: number, elapsed: number): number {
  return share > 0.01 && elapsed > 0.5 ? (elapsed * (1 - share)) / share : NaN;
}

/**
 * Progress on `io.stderr`.
 *
 * @param label What runs, e.g. `estimate`.
 * @param quiet Shows nothing but what is logged.
 */
export function startProgress(io: Io, label: string, quiet = false): Progress {
  const { stderr, desk } = io;
  const began = io.now();
  let drawn = -Infinity;
  let drawing = false;
  let tenth = 0;
  let shown = '';
  let told = -Infinity;

  const compose = (share: number, text: string | (() => string)): string => {
    const words = visible(typeof text === 'string' ? text : text());
    const left = timeLeft(share, io.now() - began);
    const time = Number.isFinite(left) && share < 1 ? `  ${formatTimeLeft(left)} left` : '';
    return `${label}  ${String(Math.floor(share * 100)).padStart(3)} %  ${words}${time}`.trimEnd();
  };
  const erase = (): void => {
    if (drawing) stderr.write(ERASE);
    drawing = false;
  };
  const draw = (): void => {
    stderr.write(`${drawing ? ERASE : ''}${clip(shown, stderr.columns - 1)}`);
    drawing = true;
  };

  return {
    update(share, text) {
      const bounded = Math.min(1, Math.max(0, share));
      if (desk && io.now() - told >= TOLD_SECONDS) {
        told = io.now();
        desk.known(compose(bounded, text));
      }
      if (quiet) return;
      if (!stderr.isTTY) {
        const reached = Math.floor(bounded * 10 + 1e-9);
        if (reached > tenth) {
          tenth = reached;
          if (io.now() - began < SILENT_SECONDS_UNWATCHED) return;
          stderr.write(`${compose(bounded, text)}\n`);
        }
        return;
      }
      const now = io.now();
      if (now - began < SILENT_SECONDS || now - drawn < REDRAW_SECONDS) return;
      drawn = now;
      shown = compose(bounded, text);
      draw();
    },
    log(line) {
      const again = drawing;
      erase();
      stderr.write(`${line}\n`);
      if (again) draw();
    },
    end: erase,
  };
}
