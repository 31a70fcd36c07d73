/**
 * @module rl/workers/user-module
 *
 * Imports modules of the user's, which may import `fim/rl` from anywhere on disk, and registers the environment that one exports by
 * default: a factory of dynamics, or `{ id, factory, maxSteps, … }`. A module runs as code, with all that this process may do.
 */
import { quote } from '../../core/shell.js';
import { existsSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FimError } from '../../core/errors.js';
import { didYouMean } from '../../core/suggest.js';
import { firstFrame, messageOf } from '../faults.js';
import type { DynamicsFactory, ModuleIdentity, Registration } from '../registration.js';
import { register, registrationOf } from '../registry.js';
import { guardExit } from './exit-guard.js';
import { resolveFim } from './resolve-fim.js';

/** What an exported object may have. */
const FIELDS = [
  'id',
  'factory',
  'maxSteps',
  'threshold',
  'summary',
  'family',
  'stepMicroseconds',
  'options',
  'spaces',
] as const;

const CODE = 'rl/environment-module';

/** The address of a module: of a path from the working directory, a `file:` address as text, or a URL. */
export function moduleUrl(module: string | URL): string {
  if (module instanceof URL) return module.href;
  return /^(file|data|node):/.test(module) ? module : pathToFileURL(resolve(module)).href;
}

/** As people would write it: from the working directory, with slashes; whole where it lies outside. */
export function moduleName(href: string): string {
  if (!href.startsWith('file:')) return href;
  const path = fileURLToPath(href);
  const from = relative(process.cwd(), path);
  return (from.startsWith('..') ? path : from).split(sep).join('/');
}

/**
 * Imports a module. Throws `rl/environment-module` for a file that is not there, TypeScript that this Node does not run, and whatever the
 * module itself throws, with the first line of its stack.
 */
export async function importModule(module: string | URL): Promise<Readonly<Record<string, unknown>>> {
  const href = moduleUrl(module);
  const name = moduleName(href);
  if (href.startsWith('file:') && !existsSync(fileURLToPath(href))) {
    throw new FimError({
      code: CODE,
      where: name,
      rule: 'no such file',
      ...(name === String(module) ? {} : { got: String(module) }),
      next: `ls ${name.includes('/') ? quote(name.replace(/[^/]*$/, '')) : '.'}`,
    });
  }
  if (/\.[cm]?tsx?$/.test(href)) requireTypeScript(name);
  resolveFim();
  guardExit(href);
  try {
    return (await import(/* @vite-ignore */ href)) as Record<string, unknown>;
  } catch (error) {
    throw error instanceof FimError && error.code !== CODE ? error : notImported(name, error);
  }
}

/** Node strips types from 22.18 on. */
function requireTypeScript(name: string): void {
  const { typescript } = process.features as { typescript?: unknown };
  // The sources run through a loader that reads TypeScript.
  if (typescript || import.meta.url.endsWith('.ts')) return;
  throw new FimError({
    code: CODE,
    where: name,
    rule: `Node ${process.version} does not run TypeScript; from 22.18 on it does`,
    got: 'a .ts file',
    next: `npx esbuild ${quote(name)} --outfile=${quote(name.replace(/\.([cm]?)tsx?$/, '.mjs'))}`,
  });
}

function notImported(name: string, error: unknown): FimError {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  // A syntax error has its place in the first line of its stack.
  const place = /^(file:\/\/\S+:\d+)$/m.exec(stack.split('\n')[0])?.[1] ?? firstFrame(error);
  return new FimError(
    {
      code: CODE,
      where: name,
      rule: `it could not be imported: ${messageOf(error)}`,
      ...(place === null || place === undefined || /node:internal/.test(place) ? {} : { got: place }),
      next: `node ${quote(name.includes('/') ? name : `./${name}`)}`,
    },
    { cause: error },
  );
}

/** What is known of a module beside its export. */
export interface ExportDetails {
  /** Path and digest of the module, by which a run knows it again. */
  readonly identity?: ModuleIdentity;
}

/**
 * Registers what `module` exports by default under its `id`, else under the name of its file, and gives that name. Throws `rl/environment-module` for an export that is no environment, `rl/registered` for a
 * name that is taken.
 */
export function registerExport(
  exports: Readonly<Record<string, unknown>>,
  module: string | URL,
  { identity }: ExportDetails = {},
): string {
  const id = registerDefault(exports, module, identity);
  if (id === null) throw wrongExport(moduleName(moduleUrl(module)), exports);
  return id;
}

function registerDefault(
  exports: Readonly<Record<string, unknown>>,
  module: string | URL,
  identity?: ModuleIdentity,
): string | null {
  const name = moduleName(moduleUrl(module));
  const stem = name.replace(/^.*[\\/]/, '').replace(/\.[cm]?[jt]sx?$/, '');
  const given = exports.default;
  const isFactory = typeof given === 'function';
  const hasFactory =
    typeof given === 'object' &&
    given !== null &&
    typeof (given as { factory?: unknown }).factory === 'function';
  if (!isFactory && !hasFactory) return null;
  const entry = (isFactory ? { factory: given } : given) as { id?: unknown } & Registration;
  checkEntry(name, entry);
  const { id = stem, factory, ...rest } = entry as { id?: string } & Registration;
  if (registeredFactory(id) === factory) return id;
  try {
    register(id, factory, {
      ...rest,
      file: name,
      ...(identity === undefined ? {} : { module: identity }),
    });
  } catch (error) {
    throw error instanceof FimError && error.code === 'rl/registered' ? taken(name, id, entry, error) : error;
  }
  return id;
}

function registeredFactory(id: string): DynamicsFactory | null {
  try {
    return registrationOf(id).factory;
  } catch {
    return null;
  }
}

function checkEntry(name: string, entry: Readonly<Record<string, unknown>> | Registration): void {
  const fields = entry as Readonly<Record<string, unknown>>;
  const stray = Object.keys(fields).find((field) => !(FIELDS as readonly string[]).includes(field));
  if (stray !== undefined) {
    throw new FimError({
      code: CODE,
      kind: 'usage',
      where: name,
      rule: `an exported object has the fields ${FIELDS.join(', ')}`,
      got: stray,
      ...didYouMean(stray, FIELDS),
    });
  }
  const { id, maxSteps, threshold } = fields;
  const whole = maxSteps === null || (Number.isSafeInteger(maxSteps) && (maxSteps as number) > 0);
  const wrong: readonly [string, unknown] | null =
    id !== undefined && (typeof id !== 'string' || id === '')
      ? ['id is a name', id]
      : maxSteps !== undefined && !whole
        ? ['maxSteps is a positive whole number, or null for no limit', maxSteps]
        : threshold !== undefined && threshold !== null && !Number.isFinite(threshold)
          ? ['threshold is a number, or null', threshold]
          : null;
  if (wrong === null) return;
  throw new FimError({
    code: CODE,
    kind: 'usage',
    where: name,
    rule: wrong[0],
    got: JSON.stringify(wrong[1]) ?? typeof wrong[1],
  });
}

function taken(name: string, id: string, entry: { id?: unknown }, error: FimError): FimError {
  const { complaint } = error;
  return new FimError({
    ...complaint,
    where: name,
    rule: `every environment has a name of its own, and '${id}' is taken`,
    next:
      entry.id === undefined
        ? `rename the file, or export default { id: 'my-${id}', factory }`
        : `export default { id: 'my-${id}', … }`,
  });
}

function wrongExport(name: string, exports: Readonly<Record<string, unknown>>): FimError {
  const { default: given } = exports;
  const others = Object.keys(exports).filter((key) => key !== 'default');
  const isDynamics = typeof given === 'object' && given !== null && 'step' in given && 'reset' in given;
  const got = isDynamics
    ? 'the dynamics themselves, which many environments would share'
    : given === undefined
      ? `no default export${others.length > 0 ? `, but ${others.join(', ')}` : ''}`
      : given === null
        ? 'null'
        : typeof given === 'object'
          ? `an object with ${Object.keys(given).join(', ') || 'nothing'}`
          : `a ${typeof given}`;
  const named = others.find((key) => typeof exports[key] === 'function');
  return new FimError({
    code: CODE,
    kind: 'usage',
    where: name,
    rule: 'the default export is a factory of dynamics, or { id, factory, maxSteps, threshold }',
    got,
    next:
      given === undefined && named !== undefined
        ? `export default ${named};`
        : 'export default () => ({ observationSpace, actionSpace, state, reset, step, observe })',
  });
}

/**
 * Imports a module for its environments: those that it registers itself, and that which it exports by default.
 * @throws FimError with `rl/environment-module`, `rl/registered`
 */
export async function useModule(module: string | URL): Promise<void> {
  registerDefault(await importModule(module), module);
}
