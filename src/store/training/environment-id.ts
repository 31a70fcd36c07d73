/**
 * @module store/training/environment-id
 *
 * ENV as people write it: the name of an environment, or a module of the user's whose default export is one. A module is known by its
 * place and its text (store/training/module-digest), and is played before anything is computed with it (rl/check).
 */
import { quote } from '../../core/shell.js';
import { dirname, join } from 'node:path';
import { FimError } from '../../core/errors.js';
import { exists } from '../../disk/paths.js';
import { checkRegistered } from '../../rl/check-registered.js';
import type { Finding, MakeOptions, ModuleIdentity } from '../../rl/index.js';
import { registrationOf } from '../../rl/registry.js';
import { importModule, moduleName, moduleUrl, registerExport } from '../../rl/workers/user-module.js';
import { FILES, readRunFolder } from '../folder/index.js';
import { moduleIdentity } from './module-digest.js';

/** Whether a word is a path to a module, and no name. */
export function isModule(word: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(word) || /^\.{0,2}[\\/]/.test(word) || word.startsWith('file:');
}

/**
 * The name to make it by. A module (`./env.mjs`) is imported: its default export is a factory of dynamics, or
 * `{ id, factory, maxSteps, threshold }`, and is registered under `id`, or its file name. Throws `rl/environment-module`,
 * `rl/registered` for a name that is taken.
 */
export async function environmentId(word: string): Promise<string> {
  if (!isModule(word)) return word;
  const exports = await importModule(word);
  const href = moduleUrl(word);
  const identity = href.startsWith('file:') ? moduleIdentity(moduleName(href)) : undefined;
  return registerExport(exports, word, identity === undefined ? {} : { identity });
}

/** The module that an environment comes from, as the settings of a run hold it; nothing for those of fim. */
export function moduleOf(id: string): { readonly module?: ModuleIdentity } {
  const { module } = registrationOf(id);
  return module === undefined ? {} : { module };
}

/**
 * As `environmentId`, and checks a module's environment: its notes go to `say`. Throws `rl/environment-check` with what is mistaken. What
 * it throws is only noted where `many` runs are to be made: those that meet it fail, and the others go on.
 */
export async function checkedEnvironment(
  word: string,
  say: (line: string) => void,
  { options = {}, many = false }: { options?: MakeOptions; many?: boolean } = {},
): Promise<string> {
  const id = await environmentId(word);
  if (!isModule(word)) return id;
  const findings = await checkRegistered(id, { options });
  const mistakes = findings.filter((f) => f.kind === 'mistake' && !(many && f.code === 'throws'));
  if (mistakes.length > 0) throw refused(word, mistakes);
  for (const { text } of findings) say(`note: ${word}: ${text}`);
  return id;
}

function refused(word: string, mistakes: readonly Finding[]): FimError {
  const [first, ...more] = mistakes;
  return new FimError({
    code: 'rl/environment-check',
    where: `check of ${word}`,
    rule: first.text,
    got: [first, ...more].map((f) => f.code).join(', '),
    ...(more.length === 0 ? {} : { cause: more.map((f) => f.text).join('; ') }),
    next: `fim envs check ${quote(word)}`,
  });
}

/**
 * What to say where `policy` lies in the folder of a run whose environment was another file, or another text of it; null where it was the
 * same, or nothing is known.
 */
export function changedSince(policy: string, id: string): string | null {
  const file = join(dirname(policy), FILES.manifest);
  if (!exists(file)) return null;
  const { module: now } = moduleOf(id);
  let before: ModuleIdentity | undefined;
  try {
    const { settings } = readRunFolder(dirname(policy)).manifest;
    before = (settings as { module?: ModuleIdentity }).module;
  } catch {
    return null;
  }
  const same =
    before?.sha256 === now?.sha256 && JSON.stringify(before?.imports) === JSON.stringify(now?.imports);
  if (same) return null;
  return `${policy} was trained in another text of ${now?.path ?? before?.path ?? id}: the environment's file changed since`;
}
