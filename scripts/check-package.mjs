// The package as a stranger gets it: packed, unpacked in an empty folder beside its declared dependencies and nothing
// else (in particular without onnxruntime-node). There every subpath that package.json promises has its types and can
// be imported by name and bundled for browsers and Node, the command knows its version, and trains and estimates on the small engine alone, saying how to
// get the other one.
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
import { bundleFaults } from './check-bundles.mjs';
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
  const stray = readdirSync(home, { recursive: true }).filter((file) =>
    /\.map$|\.(fixture|test)\.|[\\/]testing\./.test(file),
  );
  if (stray.length > 0) faults.push(`in the package, and of no use there: ${stray.join(', ')}`);
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
  faults.push(...(await bundleFaults(folder, manifest)));
  await checkWork(folder, join(home, manifest.bin.fim));
}

/** Forty bytes images in two classes, as the four IDX files of MNIST. */
function writeDigits(folder) {
  mkdirSync(folder);
  const n = 40;
  const header = (rank, ...dims) => [0, 0, 8, rank, ...dims.flatMap((d) => [0, 0, 0, d])];
  const pixels = Array.from(
    { length: n * 784 },
    (_, i) => ((i % 784) * (1 + (Math.floor(i / 784) % 2))) % 256,
  );
  for (const part of ['train', 't10k']) {
    writeFileSync(
      join(folder, `${part}-images-idx3-ubyte`),
      Uint8Array.from([...header(3, n, 28, 28), ...pixels]),
    );
    writeFileSync(
      join(folder, `${part}-labels-idx1-ubyte`),
      Uint8Array.from([...header(1, n), ...Array.from({ length: n }, (_, i) => i % 2)]),
    );
  }
}

/** What the demo does, in a second: train, inspect, estimate with a report. */
async function checkWork(folder, command) {
  writeDigits(join(folder, 'mnist'));
  const install = 'npm install onnxruntime-node --onnxruntime-node-install=skip';
  const fim = async (wanted, ...words) => {
    const { code, output } = await node([command, ...words], { cwd: folder });
    if (code !== wanted) faults.push(`fim ${words.join(' ')} ended with ${code}\n${output}`);
    return output;
  };
  const data = ['mnist/t10k-images-idx3-ubyte', '--scale', '1/255'];
  const trained = await fim(
    0,
    'train',
    '--mnist',
    'mnist',
    '--hidden',
    '256',
    '--epochs',
    '1',
    '--out',
    'net.onnx',
  );
  if (!trained.includes(install)) faults.push(`no word on how to install ONNX Runtime:\n${trained}`);
  await fim(0, 'inspect', 'net.onnx');
  const output = await fim(
    0,
    'estimate',
    'net.onnx',
    ...data,
    '--out',
    'f.npz',
    '--report',
    'f.html',
    '--json',
  );
  const { engine, trace, examples } = JSON.parse(
    output.split('\n').find((line) => line.startsWith('{')) ?? '{}',
  );
  if (engine !== 'small' || examples !== 40 || !(trace?.value > 0) || !(trace?.standardError > 0))
    faults.push(`fim estimate on the small engine: ${output}`);
  for (const file of ['f.npz', 'f.html'])
    if (!existsSync(join(folder, file))) faults.push(`${file} not written`);
  const demo = await fim(0, 'demo', '--examples', '100');
  if (!demo.includes('digits that are shipped'))
    faults.push(`fim demo on other digits than shipped:\n${demo}`);
  const asked = await fim(3, 'estimate', 'net.onnx', ...data, '--engine', 'ort');
  if (!asked.includes(install)) faults.push(`--engine ort does not say how to install it:\n${asked}`);
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
