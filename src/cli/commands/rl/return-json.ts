/**
 * @module cli/commands/rl/return-json
 *
 * JSON of a mean return: where it or its error is null, why.
 */
import type { ReturnFigure } from '../../../rl/train/returns.js';

export const returnJson = ({ mean, standardError, episodes }: ReturnFigure): Record<string, unknown> => ({
  mean,
  standardError,
  episodes,
  ...(standardError === null
    ? { reason: episodes === 0 ? 'no episode ended' : 'one episode tells no error' }
    : {}),
});
