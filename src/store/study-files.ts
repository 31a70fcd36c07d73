/**
 * @module store/study-files
 *
 * Several text files into one folder, each in one step.
 */
import { join } from 'node:path';
import { makeFolder } from '../disk/paths.js';
import { writeText } from './points.js';

/**
 * Writes each text under its name into `folder`, which is made where it is missing.
 * @throws FimError with `file/folder`, `file/forbidden`, `file/no-folder`, `file/unwritable`
 */
export function writeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  makeFolder(folder);
  for (const [name, text] of files) writeText(join(folder, name), text);
}
