/**
 * @module rl/mujoco/three-source
 *
 * The installed three.js as text, to be carried in a page. An optional package, asked for by name where it is missing.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { FimError } from '../../core/errors.js';
import type { ThreeSource } from '../render/page.js';

export const THREE_VERSION = '0.187.0';

/** Throws `rl/three-missing`. `resolve` finds the package's entry. */
export function threeSource(
  resolve: (name: string) => string = createRequire(import.meta.url).resolve,
): ThreeSource {
  try {
    const folder = dirname(resolve('three'));
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    return { core: read('three.core.js'), module: read('three.module.js') };
  } catch (error) {
    throw new FimError(
      {
        code: 'rl/three-missing',
        where: 'the viewer of MuJoCo episodes',
        rule: 'needs the optional package three, which is not installed',
        got: error instanceof Error ? error.message.split('\n')[0] : String(error),
        next: `npm install three@${THREE_VERSION}`,
      },
      { cause: error },
    );
  }
}
