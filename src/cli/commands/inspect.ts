/**
 * @module cli/commands/inspect
 */
import { FimError } from '../../core/errors.js';
import type { Run } from '../command.js';

export const run: Run<'inspect'> = async () => {
  throw new FimError({
    code: 'cli/missing',
    kind: 'unsupported',
    where: 'fim inspect',
    rule: 'is not built yet',
  });
};
