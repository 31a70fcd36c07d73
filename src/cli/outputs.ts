/**
 * @module cli/outputs
 *
 * Files that a command will write are looked at before it computes anything: an hour's work is not lost to a mistyped folder, and
 * no input is overwritten.
 */
import { accessSync, constants, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FimError } from '../core/errors.js';
import { quote } from '../core/shell.js';
import { exists, isFolder } from '../disk/paths.js';

/** Files by the option or argument that named them; undefined ones are skipped. */
export type NamedFiles = Readonly<Record<string, string | undefined>>;

/** The file that a path means, links followed where it exists. */
const identity = (path: string): string => (exists(path) ? realpathSync(path) : resolve(path));

/**
 * Throws `output/folder`, `output/no-folder`, `output/forbidden`, `output/overwrites` or `output/twice`: everything that can be
 * known about writing `outputs` before there is something to write.
 */
export function checkOutputs(outputs: NamedFiles, inputs: NamedFiles = {}): void {
  const taken = new Map<string, string>();
  for (const [name, path] of Object.entries(inputs)) {
    if (path !== undefined) taken.set(identity(path), name);
  }
  for (const [name, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    checkWritable(name, path);
    const other = taken.get(identity(path));
    if (other !== undefined) {
      throw new FimError({
        code: other.startsWith('--') && other in outputs ? 'output/twice' : 'output/overwrites',
        kind: 'usage',
        where: `${name} ${path}`,
        rule: 'must not be a file that the same command reads or writes',
        got: `the file of ${other}`,
        next: 'give it a name of its own',
      });
    }
    taken.set(identity(path), name);
  }
}

function checkWritable(name: string, path: string): void {
  const where = `${name} ${path}`;
  const folder = dirname(path);
  const refuse = (code: string, rule: string, got: string, next: string): never => {
    throw new FimError({ code: `output/${code}`, where, rule, got, next });
  };
  if (isFolder(path)) refuse('folder', 'names a file to write', 'a folder', `name a file in ${path}`);
  if (!exists(folder))
    refuse(
      'no-folder',
      'is written into a folder that exists',
      `no such folder as ${folder}`,
      `mkdir -p ${quote(folder)}`,
    );
  if (!isFolder(folder))
    refuse('no-folder', 'is written into a folder', `${folder} is a file`, 'name another folder');
  try {
    accessSync(folder, constants.W_OK);
  } catch (e) {
    const readOnly = (e as NodeJS.ErrnoException).code === 'EROFS';
    refuse(
      'forbidden',
      'is written into a folder that you may write to',
      readOnly ? 'a read-only file system' : 'permission denied',
      'name a file in a folder of your own',
    );
  }
}
