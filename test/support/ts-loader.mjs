// Lets a worker thread of a test run the sources as they are: `node --import` this file, and './x.js' beside 'x.ts' is that.
// What was translated is kept in build/, by content, so that only the first worker waits for the compiler.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, threadId } from 'node:worker_threads';
import { doorsOf } from '../../scripts/doors.mjs';

const MANIFEST = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const DOORS = new Map(doorsOf(MANIFEST).map(({ door, file }) => [door, pathToFileURL(file).href]));
const CACHE = new URL('../../build/ts-loader/', import.meta.url);

export async function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL) {
    const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(fileURLToPath(url))) return { url: url.href, format: 'module', shortCircuit: true };
  }
  // Studies import the package by its name: here that is the source.
  const door = /\/studies\//.test(context.parentURL ?? '') ? DOORS.get(specifier) : undefined;
  if (door !== undefined) return { url: door, format: 'module', shortCircuit: true };
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const text = readFileSync(fileURLToPath(url), 'utf8');
  const kept = new URL(`${createHash('sha256').update(text).digest('hex')}.js`, CACHE);
  if (!existsSync(kept)) {
    const { default: ts } = await import('typescript');
    const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    mkdirSync(CACHE, { recursive: true });
    const aside = new URL(`${kept.href}.${process.pid}.${threadId}.tmp`);
    writeFileSync(aside, ts.transpileModule(text, { compilerOptions }).outputText);
    renameSync(aside, kept);
  }
  return { format: 'module', source: readFileSync(kept, 'utf8'), shortCircuit: true };
}

// This file is imported twice: by the thread, to register it, and by the hooks' own thread, to run it.
if (!isMainThread) globalThis.fimHooks ??= (register(import.meta.url), true);
