/**
 * Compiles the small engine's kernels (AssemblyScript) twice, with SIMD128 alone and with relaxed SIMD, and writes both
 * binaries as base64 into src/engine/small/kernels/generated.ts. Skipped when the hash of the sources is unchanged.
 * Usage: node scripts/build-kernels.mjs [--force] [--wat FOLDER]
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const kernels = join(root, 'src/engine/small/kernels');
const assembly = join(kernels, 'assembly');
const target = join(kernels, 'generated.ts');

const OPTIONS = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--noExportMemory',
  '--use',
  'abort=',
];
const BUILDS = { simd128: ['--enable', 'simd'], relaxed: ['--enable', 'simd', '--enable', 'relaxed-simd'] };

/** The sources by name, and a hash of everything that the binaries depend on. */
function sources() {
  const files = new Map();
  const hash = createHash('sha256');
  const take = (name, path) => {
    const text = readFileSync(path, 'utf8');
    hash.update(`${name}\0${text}\0`);
    return text;
  };
  for (const name of readdirSync(assembly).sort()) {
    if (name.endsWith('.ts')) files.set(name, take(name, join(assembly, name)));
    else if (name.endsWith('.mjs')) take(name, join(assembly, name));
  }
  take('build', fileURLToPath(import.meta.url));
  take('compiler', join(root, 'node_modules/assemblyscript/package.json'));
  return { files, hash: hash.digest('hex') };
}

async function compile(name, files, wat) {
  const { default: asc } = await import('assemblyscript/asc');
  const output = new Map();
  const { error, stderr } = await asc.main(
    [
      'entry.ts',
      '--outFile',
      'out.wasm',
      ...(wat ? ['--textFile', 'out.wat'] : []),
      ...OPTIONS,
      ...BUILDS[name],
    ],
    {
      readFile: (path) => files.get(path.replace(/^\.\//, '')) ?? null,
      writeFile: (path, contents) => void output.set(path, contents),
      listFiles: () => [],
    },
  );
  const said = stderr.toString();
  if (error || said) throw new Error(`build-kernels: the ${name} build failed\n${said}`, { cause: error });
  if (wat) {
    mkdirSync(wat, { recursive: true });
    writeFileSync(join(wat, `${name}.wat`), output.get('out.wat'));
  }
  return output.get('out.wasm');
}

function render(hash, binaries) {
  const lines = [
    '/* Written by scripts/build-kernels.mjs; do not edit. */',
    `export const sourceHash = '${hash}';`,
    'export const binaries = {',
    ...Object.entries(binaries).map(
      ([name, bytes]) => `  ${name}: '${Buffer.from(bytes).toString('base64')}',`,
    ),
    '} as const;',
    '',
  ];
  return lines.join('\n');
}

/** Builds if need be; returns what was done. */
export async function buildKernels({ force = false, wat } = {}) {
  const { files, hash } = sources();
  if (
    !force &&
    !wat &&
    existsSync(target) &&
    readFileSync(target, 'utf8').includes(`sourceHash = '${hash}'`)
  ) {
    return { built: false, hash };
  }
  const { entrySource } = await import(pathToFileURL(join(assembly, 'entry.mjs')).href);
  files.set('entry.ts', entrySource());
  const binaries = {};
  for (const name of Object.keys(BUILDS)) binaries[name] = await compile(name, files, wat);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, render(hash, binaries));
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
  return { built: true, hash, bytes: Object.values(binaries).map((b) => b.length) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--wat');
  const done = await buildKernels({
    force: process.argv.includes('--force'),
    ...(at > 0 ? { wat: process.argv[at + 1] } : {}),
  });
  if (done.built) process.stdout.write(`kernels built: ${done.bytes.join(' and ')} bytes\n`);
}
