/**
 * @module cli/thread/session
 *
 * The entry of the thread that a command runs in: Node's cache of compiled code is turned on before anything large is loaded.
 */
import * as nodeModule from 'node:module';

(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();
void import('./run.js').then(({ run }) => run());
