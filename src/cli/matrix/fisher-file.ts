/**
 * @module cli/matrix/fisher-file
 *
 * The file of a Fisher where a command takes one: a network in its place is told apart from a damaged file, with the line that was meant.
 */
import { FimError } from '../../core/errors.js';
import { readArrays } from '../../disk/index.js';
import { fisherOfFile, type FisherOfFile } from '../../jobs/matrix/file.js';

/** Whether a path can be that of one. */
export const isFisher = (path: string): boolean => /\.(npz|safetensors)$/i.test(path);

/** Opens it; `meant`: the line for a network. Throws `usage/fisher` for a network, and what reading and `fisherOfFile` throw. */
export function openFisher(path: string, meant: string): FisherOfFile {
  if (!/\.onnx$/i.test(path)) return fisherOfFile(readArrays(path));
  throw new FimError({
    code: 'usage/fisher',
    kind: 'usage',
    where: path,
    rule: 'the file of a Fisher stands here; beside a network stands DATA',
    got: 'a network',
    next: meant,
  });
}
