// How long short commands take from start to end, beside a bare Node, and beside another build where one is given: in turns, so that a
// busy machine is busy for all; medians, and the ratio of medians.
//   node bench/startup.mjs [--against FOLDER] [--rounds 15]      FOLDER: another checkout, built
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { against: { type: 'string' }, rounds: { type: 'string', default: '15' } },
});
const own = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fim-startup-'));

/** A network of 32 parameters and 40 inputs, written by the build that is measured. */
async function writeInputs() {
  const { denseNetwork, formatArrays, getLikelihood, networkToOnnx, tensor } = {
    ...(await import(new URL('../dist/index.js', import.meta.url).href)),
    ...(await import(new URL('../dist/data/index.js', import.meta.url).href)),
  };
  const network = denseNetwork({ widths: [3, 5, 2], activation: 'tanh', seed: 1 });
  writeFileSync(join(folder, 'small.onnx'), networkToOnnx(network, getLikelihood('categorical')));
  const x = tensor(
    'float32',
    [40, 3],
    Float32Array.from({ length: 120 }, (_, i) => Math.sin(i)),
  );
  writeFileSync(join(folder, 'small.npz'), formatArrays('npz', new Map([['x', x]])));
}

const WORDS = {
  '--help': ['--help'],
  '--version': ['--version'],
  'inspect small.onnx': ['inspect', 'small.onnx'],
  'estimate small.onnx small.npz': ['estimate', 'small.onnx', 'small.npz', '--engine', 'small'],
};

function seconds(words) {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: folder });
  if (status !== 0) throw new Error(`node ${words.join(' ')} ended with ${status}\n${stderr}`);
  return performance.now() - began;
}

const median = (times) => {
  const sorted = [...times].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

try {
  await writeInputs();
  const builds = [['this', own], ...(values.against ? [['other', resolve(values.against)]] : [])];
  const runs = [{ name: 'node -e 0', build: '', words: ['-e', '0'] }];
  for (const [name, words] of Object.entries(WORDS))
    for (const [build, home] of builds)
      runs.push({ name, build, words: [join(home, 'dist/cli/main.js'), ...words] });
  const times = runs.map(() => []);
  for (let round = -1; round < Number(values.rounds); round++)
    for (const [i, { words }] of runs.entries()) {
      const took = seconds(words);
      if (round >= 0) times[i].push(took);
    }
  const bare = median(times[0]);
  for (const [i, { name, build }] of runs.entries()) {
    const took = median(times[i]);
    const other = runs.findIndex((run) => run.name === name && run.build === 'other');
    const ratio =
      build === 'this' && other >= 0 ? `  ${(took / median(times[other])).toFixed(2)} × the other` : '';
    console.log(
      `${name.padEnd(30)} ${build.padEnd(5)} ${took.toFixed(1).padStart(7)} ms  ${(took / bare).toFixed(2)} × bare${ratio}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
