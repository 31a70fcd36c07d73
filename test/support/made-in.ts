/** What a study comes to, made in a folder as far as it is not there, as `npm run study` does. */
import type { Hooks } from '../../src/doors/jobs.js';
import type { CutStudy, Piece } from '../../studies/face/piece.js';
import { prepareStudy, resultsIn, workOnStudy } from '../../studies/face/work.js';

/** Null where it was interrupted; throws where pieces were given up. */
export async function madeIn<R>(
  path: string,
  study: Pick<CutStudy<R>, 'settings' | 'pieces' | 'assemble'>,
  hooks: Hooks = {},
): Promise<R | null> {
  const asked = { quick: false, engine: 'auto', seeds: undefined } as never;
  const folder = prepareStudy(path, study, { name: 'study', asked, line: 'a test', version: '0' });
  let clock = 0;
  const { finished, failures } = await workOnStudy(folder, study, hooks, () => clock++);
  if (failures.length > 0) throw new Error(failures[0]);
  return finished ? study.assemble(resultsIn(folder, study)) : null;
}

/** Results of pieces that need no others and no folder, in their order; null where one was interrupted. */
export async function madeOf<R>(pieces: readonly Piece<R>[]): Promise<R[]> {
  const results: R[] = [];
  for (const piece of pieces) results.push((await piece.run({}, () => null)) as R);
  return results;
}
