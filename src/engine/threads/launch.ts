/**
 * @module engine/threads/launch
 *
 * Starts a thread of this package. Its entry lies beside the module that starts it; from the sources it is TypeScript and needs the
 * repository's loader, installed it needs nothing.
 */
import { Worker, type WorkerOptions } from 'node:worker_threads';

export const LOADER = new URL('../../../test/support/ts-loader.mjs', import.meta.url);
/** Whether the sources run as they are, untranslated. */
export const SOURCES = import.meta.url.endsWith('.ts');

/** Starts `entry`, a URL without its extension. */
export function launch(entry: URL, options: WorkerOptions = {}): Worker {
  const file = new URL(`${entry.href}.${SOURCES ? 'ts' : 'js'}`);
  return new Worker(file, SOURCES ? { ...options, execArgv: ['--import', LOADER.href] } : options);
}
