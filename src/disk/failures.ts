/**
 * @module disk/failures
 *
 * Failures of the disk in words: why a file could not be read or written, and what to do.
 */
import { readdirSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { FimError } from '../core/errors.js';
import { quote } from '../core/shell.js';
import { codeOf, isFolder, messageOf } from './paths.js';

/** The complaint about a file that could not be read. */
export function readFailure(path: string, error: unknown): FimError {
  const code = codeOf(error);
  if (code === 'EISDIR') return folderFailure(path);
  if (code === 'ENOENT' || code === 'ENOTDIR') return missingFailure(path, error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new FimError(
      {
        code: 'file/forbidden',
        where: path,
        rule: 'the file must be readable',
        got: 'permission denied',
        next: `chmod u+r ${quote(path)}`,
      },
      { cause: error },
    );
  }
  return new FimError(
    { code: 'file/unreadable', where: path, rule: 'the file must be readable', got: messageOf(error) },
    { cause: error },
  );
}

/** The complaint about a folder that stands where a file is needed. */
export function folderFailure(path: string): FimError {
  const files = filesLike(path, '');
  return new FimError({
    code: 'file/folder',
    where: path,
    rule: 'a file is needed here',
    got: 'a folder',
    next: files.length > 0 ? `name one of its files: ${files.join(', ')}` : 'name a file',
  });
}

function missingFailure(path: string, error: unknown): FimError {
  const folder = dirname(path);
  const there = isFolder(folder);
  const like = there ? filesLike(folder, extname(path)) : [];
  return new FimError(
    {
      code: 'file/missing',
      where: path,
      rule: 'the file must exist',
      got: there ? 'no such file' : `no such folder as ${folder}`,
      next:
        like.length > 0
          ? `${folder} holds ${like.join(', ')}`
          : `look with: ls ${there ? quote(folder) : '.'}`,
    },
    { cause: error },
  );
}

/** The complaint about a file that could not be written. */
export function writeFailure(path: string, error: unknown): FimError {
  const code = codeOf(error);
  const folder = dirname(path);
  if ((code === 'ENOENT' && !isFolder(folder)) || code === 'ENOTDIR') {
    return new FimError(
      {
        code: 'file/no-folder',
        where: path,
        rule: 'the folder of a file that is written must exist',
        got: `no such folder as ${folder}`,
        next: `mkdir -p ${quote(folder)}`,
      },
      { cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new FimError(
      {
        code: 'file/forbidden',
        where: path,
        rule: 'the folder of a file that is written must be writable',
        got: code === 'EROFS' ? 'a read-only file system' : 'permission denied',
        next: 'name a file in a folder of your own',
      },
      { cause: error },
    );
  }
  return new FimError(
    {
      code: 'file/unwritable',
      where: path,
      rule: 'the file could not be written; nothing was left behind',
      got: messageOf(error),
      next:
        code === 'ENOSPC'
          ? 'free some disk space or name a file on another disk'
          : 'name a file in another folder, or on another disk',
    },
    { cause: error },
  );
}

/** Up to five visible files of a folder with this extension, for a hint; none where it cannot be listed. */
function filesLike(folder: string, extension: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && entry.name.endsWith(extension))
      .map((entry) => entry.name)
      .sort()
      .slice(0, 5);
  } catch {
    return [];
  }
}
