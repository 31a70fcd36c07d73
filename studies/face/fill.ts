/**
 * @module studies/face/fill
 *
 * A study's folder, filled by its work: progress while it goes on, files at the end, and where they are in one line.
 */
import type { ExitCode } from 'fim/core';
import type { Hooks } from 'fim/jobs';
import { formatDuration } from 'fim/report';
import { writeFiles } from 'fim/store';
import type { StudyContext } from './context.js';

const REDRAW_SECONDS = 0.2;

/** What a study's work comes to: files by name, and what ran it in words. Null: it was interrupted. */
export interface Outcome {
  readonly files: ReadonlyMap<string, string>;
  readonly reason: string;
}

/** Writes what `work` makes into `folder`. 130 where it was interrupted. */
export async function fillFolder(
  context: StudyContext,
  folder: string,
  work: (hooks: Hooks) => Promise<Outcome | null>,
): Promise<ExitCode> {
  const { options, stdout, stderr, signal } = context;
  const began = context.now();
  const progress = startProgress(context);
  let outcome: Outcome | null;
  try {
    outcome = await work({ signal, onProgress: progress.update });
  } finally {
    progress.end();
  }
  if (outcome === null) {
    stderr.write(`interrupted: finished points are kept in ${folder}\n\nhint: ${context.line}\n`);
    return 130;
  }
  writeFiles(folder, outcome.files);
  const seconds = context.now() - began;
  const page = `${folder}/index.html`;
  stdout.write(options.json ? `${JSON.stringify({ folder, page, seconds })}\n` : `${page}\n`);
  if (!options.quiet) stderr.write(`${outcome.reason}\ndone in ${formatDuration(seconds)}\n`);
  return 0;
}

/** A line on standard error: redrawn on a terminal, elsewhere one at every tenth part. */
export function startProgress({ options, stderr, now }: StudyContext): {
  update(share: number, text: string): void;
  end(): void;
} {
  let drawn = -Infinity;
  let tenth = 0;
  return {
    update(share, text) {
      const line = `${String(Math.floor(100 * share)).padStart(3)} %  ${text}`;
      if (options.quiet) return;
      if (stderr.isTTY === true) {
        if (now() - drawn < REDRAW_SECONDS) return;
        drawn = now();
        stderr.write(`\r\u001b[2K${line}`);
      } else if (Math.floor(10 * share) > tenth) {
        tenth = Math.floor(10 * share);
        stderr.write(`${line}\n`);
      }
    },
    end() {
      if (drawn > -Infinity) stderr.write('\r\u001b[2K');
      drawn = -Infinity;
    },
  };
}
