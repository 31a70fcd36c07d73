// Builds dist/: kernels from source, then the TypeScript by tsc, then the command line by esbuild. Skips what has not changed.
//   node scripts/build.mjs [--force]
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, bin, digest, duration, ensureInstalled, filesUnder, node, requireNode } from './tools.mjs';

const STAMP = join(ROOT, 'build', 'stamp.json');
const KERNELS = 'src/engine/small/kernels/generated.ts';

function readStamp() {
  return existsSync(STAMP) ? JSON.parse(readFileSync(STAMP, 'utf8')) : {};
}

function writeStamp(change) {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  const next = JSON.stringify({ ...readStamp(), ...change }, null, 2);
  const temporary = `${STAMP}.${process.pid}.tmp`;
  writeFileSync(temporary, `${next}\n`);
  renameSync(temporary, STAMP);
}

/** The WASM kernels as a TypeScript file. */
async function buildKernels(force) {
  if (!existsSync(join(ROOT, 'scripts', 'build-kernels.mjs'))) return;
  const inputs = ['scripts/build-kernels.mjs', ...filesUnder('src/engine/small/kernels/assembly')];
  const key = digest(inputs);
  if (!force && readStamp().kernels === key && existsSync(join(ROOT, KERNELS))) return;
  console.error('building the kernels …');
  const { code, output } = await node(['scripts/build-kernels.mjs']);
  if (code !== 0) throw new BuildFailure('scripts/build-kernels.mjs', output);
  writeStamp({ kernels: key });
}

/** dist/, compiled aside and swapped in whole, so that no stale module survives and no half-built one is seen. */
async function buildDist(force) {
  const sources = filesUnder('src', (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const key = digest([
    ...sources,
    'scripts/bundle.mjs',
    'tsconfig.json',
    'tsconfig.build.json',
    'package.json',
    'package-lock.json',
  ]);
  if (!force && readStamp().dist === key && existsSync(join(ROOT, 'dist'))) return;
  console.error('compiling …');
  const aside = `.dist-${process.pid}`;
  try {
    const { code, output } = await node([
      bin('typescript', 'tsc'),
      '-p',
      'tsconfig.build.json',
      '--outDir',
      aside,
    ]);
    if (code !== 0) throw new BuildFailure('tsc -p tsconfig.build.json', output);
    const { bundle } = await import('./bundle.mjs');
    await bundle(join(ROOT, aside));
    const command = join(ROOT, aside, 'cli', 'main.js');
    if (existsSync(command)) chmodSync(command, 0o755);
    const old = `${join(ROOT, aside)}-old`;
    if (existsSync(join(ROOT, 'dist'))) renameSync(join(ROOT, 'dist'), old);
    renameSync(join(ROOT, aside), join(ROOT, 'dist'));
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(join(ROOT, aside), { recursive: true, force: true });
  }
  writeStamp({ dist: key });
}

class BuildFailure extends Error {
  constructor(step, output) {
    super(`${step} failed\n${output}`);
  }
}

/** Builds what is out of date; throws with the compiler's output where that fails. */
export async function build({ force = false, kernelsOnly = false } = {}) {
  await buildKernels(force);
  if (!kernelsOnly) await buildDist(force);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  requireNode();
  await ensureInstalled();
  const began = performance.now();
  try {
    await build({ force: process.argv.includes('--force') });
    console.error(`dist is up to date (${duration((performance.now() - began) / 1000)})`);
  } catch (error) {
    console.error(error instanceof BuildFailure ? error.message : error);
    process.exit(1);
  }
}
