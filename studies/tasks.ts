/**
 * @module studies/tasks
 *
 * The module that `tasks.json` of a study names: `fim work` opens its pieces here, `fim merge` its files.
 */
import type { ExitCode } from 'fim/core';
import type { Performer, TaskFolder, TaskMerge, TaskSurroundings } from 'fim/scale';
import { STUDIES } from './commands/index.js';
import { mergeStudy } from './face/fill.js';
import type { Asked } from './face/options.js';
import type { CutStudy, OpenStudy } from './face/piece.js';
import { performerOf } from './face/work.js';

const doesOf = ({ plan }: TaskFolder) => STUDIES[(plan.command as { readonly command: string }).command].does;

/** Opens a study's pieces. */
export function open(folder: TaskFolder, around: TaskSurroundings): Promise<Performer> {
  const does = doesOf(folder);
  return Promise.resolve(
    typeof does === 'function' ? pieces(folder, does, around) : does.open(folder, around),
  );
}

function pieces(folder: TaskFolder, openStudy: OpenStudy<unknown>, around: TaskSurroundings): Performer {
  const opened = new Map<string, Promise<CutStudy<unknown>>>();
  const studyOf = (asked: Asked): Promise<CutStudy<unknown>> => {
    const key = JSON.stringify(asked);
    const own = opened.get(key) ?? Promise.resolve(openStudy(asked, around));
    opened.set(key, own);
    return own;
  };
  const { perform } = performerOf(folder, studyOf);
  return {
    perform,
    async close() {
      for (const study of opened.values())
        await study.then(
          (one) => one.dispose?.(),
          () => undefined,
        );
    },
  };
}

/** Writes a study's files: of the list that was asked for last. */
export async function merge(folder: TaskFolder, around: TaskMerge): Promise<ExitCode> {
  const does = doesOf(folder);
  if (typeof does !== 'function') return does.merge(folder, around);
  const last = folder.plan.tasks[folder.plan.tasks.length - 1];
  const { asked } = last.input as unknown as { readonly asked: Asked };
  const study = await does(asked, around);
  try {
    return mergeStudy(folder, study, around);
  } finally {
    study.dispose?.();
  }
}
