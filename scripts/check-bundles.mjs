// Every door of the unpacked package, bundled for browsers by esbuild and by Vite and for Node by esbuild, as they come, and run. A
// browser's bundle runs where nothing of Node is (no process, no require, no import), holds no node: module, estimates a Fisher to the
// same digits as Node's bundle does, and says `data/no-disk` where a path is asked for.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';
import { build } from 'esbuild';
import * as vite from 'vite';
import { node } from './tools.mjs';

/** What a page has beside the language itself. */
const WEB = [
  'AbortController',
  'MessageChannel',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'atob',
  'btoa',
  'clearTimeout',
  'performance',
  'queueMicrotask',
  'setTimeout',
];

/** The work of each door that has some, as the body of an asynchronous function of the door; its value is compared with Node's. */
const WORK = {
  '.': `
    const widths = [3, 5, 2];
    const network = fim.denseNetwork({ widths, activation: 'tanh', seed: 1 });
    const x = fim.tensor('float32', [40, 3], Array.from({ length: 120 }, (_, i) => Math.sin(i)));
    const dataset = fim.makeDataset({ source: 'waves', inputs: new Map([[[...network.inputs.keys()][0], x]]) });
    const likelihood = fim.getLikelihood('categorical');
    const found = await fim.estimate(network, likelihood, dataset, { engine: 'small' });
    const auto = await fim.estimate(network, likelihood, dataset, { threads: 1, batch: 16 });
    const onnx = fim.networkToOnnx(network, { likelihood });
    const opened = await fim.openNetwork({ name: 'net.onnx', bytes: onnx }, { likelihood: 'categorical' });
    const text = new TextEncoder().encode('a,b,c\\n1,2,3\\n4,5,6.5\\n');
    const csv = await fim.openDataset({ name: 'x.csv', bytes: text }, opened.network);
    const again = await fim.estimate(opened.network, opened.likelihood, csv, { engine: 'small' });
    const arrays = fim.formatArrays('npz', new Map([['w', fim.tensor('float64', [2], [1, 2])]]), null, 'w.npz');
    const w = fim.readArrays({ name: 'w.npz', bytes: arrays }).get('w');
    return [found, auto, again].map((e) => [e.trace.value, e.trace.standardError])
      .concat([[csv.n, opened.hash, csv.hash], [...w.data]]);`,
  './data': `
    const bytes = new TextEncoder().encode('a,b\\n1,2\\n');
    const inputs = [{ name: 'x', dtype: 'float64', shape: [2] }];
    const data = fim.loadDataset({ name: 'x.csv', bytes }, { inputs });
    return [data.n, data.hash, fim.sha256(bytes)];`,
  './rl': `
    const env = await fim.makeVector('CartPole-v1', { n: 3 });
    env.reset({ seed: 7 });
    const first = [...env.observations];
    env.close();
    return first;`,
};

/** What a browser's bundle must refuse: the code of the complaint. */
const REFUSED = {
  '.': [
    ["fim.loadDataset('x.npz', { inputs: [{ name: 'x', dtype: 'float32', shape: [2] }] })", 'data/no-disk'],
    ["fim.readArrays('w.npz')", 'data/no-disk'],
    ["fim.writeArrays('w.npz', new Map())", 'data/no-disk'],
    ["fim.loadDigits({ part: 'test' })", 'data/no-disk'],
    ["await fim.openNetwork('net.onnx')", 'data/no-disk'],
  ],
  './data': [["fim.readBytes('w.npz')", 'data/no-disk']],
  './rl': [
    ["await fim.makeVector('CartPole-v1', { n: 4, workers: 2 })", 'rl/no-node'],
    ["await fim.makeVector('Mine-v0', { n: 4, modules: ['mine.js'] })", 'rl/no-node'],
    ['await fim.loadThree()', 'rl/no-node'],
    ["await fim.make('Hopper-v5')", 'rl/mujoco-missing'],
  ],
};

/** A module that takes the door as `fim`, does the work and leaves names and value as `done`. */
const program = (door, work) => `import * as fim from ${JSON.stringify(door)};
    async function work() { ${work} }
    globalThis.done = work().then((value) => JSON.stringify({ names: Object.keys(fim).sort(), value }));`;

/** esbuild's bundle of a program: its text, and what it imports from outside itself. */
async function byEsbuild(folder, contents, platform) {
  const made = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    platform,
    format: platform === 'browser' ? 'iife' : 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const outside = Object.values(made.metafile.outputs).flatMap(({ imports }) => imports);
  return { text: made.outputFiles[0].text, outside: outside.map(({ path }) => path) };
}

/** Vite's bundle of a program for browsers, in one file. */
async function byVite(folder, contents) {
  const input = join(folder, 'page.mjs');
  writeFileSync(input, contents);
  const output = { format: 'iife', inlineDynamicImports: true };
  const made = await vite.build({
    root: folder,
    configFile: false,
    logLevel: 'silent',
    build: { write: false, rollupOptions: { input, output } },
  });
  const [chunk] = made.output;
  // Vite puts an empty module in the place of what only Node has.
  const empty = chunk.moduleIds.filter((id) => id.includes('browser-external'));
  return { text: chunk.code, outside: [...chunk.imports, ...chunk.dynamicImports, ...empty] };
}

async function inBrowser(folder, subpath, name, bundled) {
  const refused = (REFUSED[subpath] ?? []).map(
    ([
      call,
      code,
    ]) => `try { ${call}; refused.push(${JSON.stringify(call)} + ' is not refused'); } catch (error) {
      if (error.code !== ${JSON.stringify(code)}) refused.push(${JSON.stringify(call)} + ': ' + error); }`,
  );
  const work = `const refused = []; ${refused.join('\n')}
    return [refused, await (async () => { ${WORK[subpath] ?? ''} })()];`;
  const { text, outside } = await bundled(program(name, work));
  const reached = [...outside, ...(text.match(/["'`]node:\w+/g) ?? [])];
  if (reached.length > 0) throw new Error(`the bundle for browsers reaches for ${reached.join(', ')}`);
  const page = vm.createContext(Object.fromEntries(WEB.map((key) => [key, globalThis[key]])));
  vm.runInContext(text, page, { filename: `${name} bundled` });
  const { names, value } = JSON.parse(await page.done);
  const [wrong, found] = value;
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return { names, value: found };
}

async function inNode(folder, subpath, name) {
  const { text } = await byEsbuild(folder, program(name, WORK[subpath] ?? ''), 'node');
  const file = join(folder, `bundle${subpath.replaceAll('/', '-').slice(1)}.mjs`);
  writeFileSync(file, `${text}\nconsole.log(await globalThis.done);\n`);
  const { code, output } = await node([file], { cwd: folder });
  if (code !== 0) throw new Error(`the bundle for Node failed\n${output}`);
  return JSON.parse(output);
}

/** What a door's bundle for browsers has wrong beside the one for Node. */
function differences(here, there) {
  const faults = [];
  if (String(here.names) !== String(there.names))
    faults.push(`in Node ${there.names}; in browsers ${here.names}`);
  const [value, right] = [here, there].map((found) => JSON.stringify(found.value ?? null));
  if (value !== right) faults.push(`${right} in Node, ${value} in a browser`);
  return faults;
}

/** What is wrong with the bundles of the doors of package.json's `exports`, a line each. */
export async function bundleFaults(folder, { name, exports }) {
  const faults = [];
  const bundlers = {
    esbuild: (text) => byEsbuild(folder, text, 'browser'),
    Vite: (text) => byVite(folder, text),
  };
  for (const [subpath, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue;
    const door = name + subpath.slice(1);
    try {
      const there = await inNode(folder, subpath, door);
      if (!('default' in target)) continue;
      for (const [bundler, bundled] of Object.entries(bundlers)) {
        const here = await inBrowser(folder, subpath, door, bundled).catch((error) => {
          throw new Error(`${bundler}: ${error.message}`, { cause: error });
        });
        faults.push(...differences(here, there).map((text) => `${door}, ${bundler}: ${text}`));
      }
    } catch (error) {
      faults.push(`${door}: ${error.message}`);
    }
  }
  return faults;
}
