/**
 * @module cli/commands/reproduce
 *
 * `fim reproduce STUDY`: names the line that runs a study in a clone of the repository. Studies are no part of the package.
 */
import { FimError } from '../../core/errors.js';
import type { Run } from '../command.js';
import { studyLine, studyNamed } from '../study.js';

/** `fim reproduce STUDY`. Throws `usage/study` for a name that no study has, else `usage/clone`. */
export const run: Run<'reproduce'> = async ({ positionals, commandLine }) => {
  const name = studyNamed(positionals.study, `fim reproduce ${positionals.study}`);
  throw new FimError({
    code: 'usage/clone',
    kind: 'usage',
    where: `fim reproduce ${name}`,
    rule: 'studies run in a clone of the repository; the installed package has none of them',
    next: studyLine(commandLine),
  });
};
