/**
 * @module cli/commands/train
 */
import { FimError } from '../../core/errors.js';
import type { Run } from '../command.js';

export const run: Run<'train'> = async () => {
  throw new FimError({
    code: 'cli/missing',
    kind: 'unsupported',
    where: 'fim train',
    rule: 'is not built yet',
  });
};
