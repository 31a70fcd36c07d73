// The package as a stranger gets it: packed, unpacked in an empty folder beside its declared dependencies and nothing
// else (in particular without onnxruntime-node). There every subpath that package.json promises has its types and can
// be imported by name, and the command runs and knows its version.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT, node, npm, run } from './tools.mjs';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const faults = [];

/** Prints the names that each module exports, or why it cannot be imported. */
const PROBE = `
const found = {};
for (const name of process.argv.slice(2)) {
  try { found[name] = Object.keys(await import(name)); } catch (error) { found[name] = error.message; }
}
console.log(JSON.stringify(found));
`;

async function unpack(folder) {
  const packed = await npm(['pack', '--ignore-scripts', '--pack-destination', folder]);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (packed.code !== 0 || tarball === undefined) throw new Error(`npm pack failed\n${packed.output}`);
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  const unpacked = await run('tar', ['-xzf', tarball, '-C', 'node_modules'], { cwd: folder });
  if (unpacked.code !== 0) throw new Error(`tar failed\n${unpacked.output}`);
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
  }
  // npm's tarballs hold one folder called package.
  symlinkSync(join(modules, 'package'), join(modules, manifest.name), 'junction');
  return join(modules, 'package');
}

async function check(folder) {
  const home = await unpack(folder);
  const subpaths = Object.entries(manifest.exports).filter(([, target]) => typeof target !== 'string');
  for (const [subpath, target] of subpaths) {
    const absent = Object.values(target).filter((file) => !existsSync(join(home, file)));
    if (absent.length > 0) faults.push(`${subpath}: ${absent.join(', ')} not in the package`);
  }

  writeFileSync(join(folder, 'probe.mjs'), PROBE);
  const names = subpaths.map(([subpath]) => manifest.name + subpath.slice(1));
  const probe = await node(['probe.mjs', ...names, 'onnxruntime-node'], { cwd: folder });
  if (probe.code !== 0) throw new Error(`importing failed\n${probe.output}`);
  const found = JSON.parse(probe.output);
  if (Array.isArray(found['onnxruntime-node']))
    faults.push('the folder is not empty: it has onnxruntime-node');
  for (const name of names) {
    if (!Array.isArray(found[name])) faults.push(`${name}: ${found[name]}`);
    else if (found[name].length === 0) faults.push(`${name}: exports nothing`);
  }

  const version = await node([join(home, manifest.bin.fim), '--version'], { cwd: folder });
  if (version.output.trim() !== manifest.version) faults.push(`fim --version: ${version.output.trim()}`);
  const files = ['README.md', 'CHANGELOG.md', 'LICENSE'].filter((file) => !existsSync(join(home, file)));
  if (files.length > 0) faults.push(`not in the package: ${files.join(', ')}`);
}

const folder = mkdtempSync(join(tmpdir(), 'fim-package-'));
try {
  await check(folder);
} catch (error) {
  faults.push(error.message);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const fault of faults) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
