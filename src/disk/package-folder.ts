/**
 * @module disk/package-folder
 *
 * Package folder of npm, found by the name of the package.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The folder of an npm package (its code is not run) that is installed beside fim or in the current folder, or null
 * where it is in neither: fim itself may be installed globally.
 */
export function packageFolder(name: string): string | null {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch {
      continue;
    }
  }
  return null;
}
