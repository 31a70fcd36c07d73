/**
 * @module disk/beside
 *
 * Files beside a model, which the model names: regular files whose real place is below the model's folder, whatever links lead there, so that
 * a model from a stranger gets nothing else read. The caches of model hubs keep the model itself as a link: beside the file that it
 * leads to its data may lie too.
 */
import { realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, isAbsolute } from 'node:path';
import { FimError } from '../core/errors.js';
import { readFailure } from './failures.js';
import { readBytes } from './files.js';

/** The bytes of `location` in the folder of `path`. Throws `file/outside`, `file/special`, and as `readBytes` does. */
export function readBeside(path: string, location: string): Uint8Array<ArrayBuffer> {
  const named = join(dirname(path), location);
  const { real, folders } = placesOf(path, named);
  if (!folders.some((folder) => isBelow(folder, real))) {
    throw new FimError({
      code: 'file/outside',
      where: named,
      rule: "data beside a model lies in the model's folder",
      got: 'a link that leads out of it',
      cause: 'data kept elsewhere, or a model that should not be trusted',
      next: 'put the file itself, not a link to it, beside the model',
    });
  }
  const seen = statSync(real);
  if (!seen.isFile() && !seen.isDirectory()) {
    throw new FimError({
      code: 'file/special',
      where: named,
      rule: 'data beside a model is a regular file',
      got: 'a pipe, a socket or a device',
      next: 'put the file itself beside the model',
    });
  }
  return readBytes(real);
}

/** Where a file really lies, and the folders of the model: as named, and of the file that it is. */
function placesOf(path: string, named: string): { real: string; folders: string[] } {
  try {
    return { real: realpathSync(named), folders: [realpathSync(dirname(path)), dirname(realpathSync(path))] };
  } catch (error) {
    throw readFailure(named, error);
  }
}

function isBelow(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way !== '' && way.split(/[/\\]/)[0] !== '..' && !isAbsolute(way);
}
