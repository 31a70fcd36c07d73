/**
 * @module rl/workers/resolve-fim
 *
 * Lets modules of the user's import `fim` and `fim/…` from anywhere on disk: once a thread, a resolve hook of Node's leads the names that
 * package.json exports to the files that run now, so that there is one fim and not two.
 */
import { readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { initialize, resolve } from './resolve-hook.js';
import { LOADER, SOURCES } from '../../engine/threads/launch.js';

const ROOT = new URL('../../../', import.meta.url);

/** Where the package's doors lie over the chunks that run now: a text that the bundling of the command line puts in, or nothing. */
declare const FIM_BUNDLES: string | undefined;
const HOME = typeof FIM_BUNDLES === 'string' ? FIM_BUNDLES : SOURCES ? './src/' : './dist/';

/** What Node's module package has from 20.6, and from 22.15, on. */
interface Hooks {
  readonly register?: (specifier: string, options?: { data: unknown }) => void;
  readonly registerHooks?: (hooks: { resolve: typeof resolve }) => unknown;
}

let done = false;

/** What package.json says of one exported name. */
interface Conditions {
  readonly node?: string;
  readonly default?: string;
}

const addressOf = ({ node, default: other }: Conditions): string | undefined => node ?? other;

/** Where each exported name lies. */
function addressesOf(): Record<string, string> {
  const text = readFileSync(new URL('package.json', ROOT), 'utf8');
  const { name, exports } = JSON.parse(text) as { name: string; exports: Record<string, unknown> };
  const found: Record<string, string> = {};
  for (const [path, target] of Object.entries(exports)) {
    const file = typeof target === 'string' ? null : addressOf(target as Conditions);
    if (!file?.endsWith('.js')) continue;
    const lies = file.replace('./dist/', HOME).replace(/\.js$/, SOURCES ? '.ts' : '.js');
    found[`${name}${path.slice(1)}`] = new URL(lies, ROOT).href;
  }
  return found;
}

/** Does nothing where it was done in this thread, or where Node is older than 20.6 and has no hooks. */
export function resolveFim(): void {
  if (done) return;
  done = true;
  const { register, registerHooks } = nodeModule as unknown as Hooks;
  if (registerHooks && !SOURCES) {
    initialize(addressesOf());
    registerHooks({ resolve });
    return;
  }
  if (!register) return;
  if (SOURCES) register(LOADER.href);
  const hook = new URL(`./resolve-hook.${SOURCES ? 'ts' : 'js'}`, import.meta.url);
  register(hook.href, { data: addressesOf() });
}
