// `npm run test:browser`: compiled Fisher graphs (docs/compile.md) in onnxruntime-web inside headless Chromium, held against the estimator
// in float64 and against onnxruntime-node. Chromium is that of CHROMIUM, or the first of its usual names on the path. Without one it ends
// with exit code 3 and says so; it installs nothing but what npm test does.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { ROOT, duration, ensureInstalled, requireNode } from './tools.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const EXAMPLES = 64;
/** A hang, not a slow machine. */
const LIMIT = 180_000;

const PAGE = `<!doctype html><meta charset="utf-8"><title>fim</title><script type="module">
const post = (path, body) => fetch(path, { method: 'POST', body: JSON.stringify(body) });
try {
  const ort = await import('/ort/ort.wasm.min.mjs');
  ort.env.wasm.wasmPaths = location.origin + '/ort/';
  ort.env.wasm.numThreads = 1;
  for (const { name, input, dtype, shape } of await (await fetch('/cases')).json()) {
    const at = '/' + encodeURIComponent(name);
    const raw = await (await fetch(at + '/input')).arrayBuffer();
    const data = dtype === 'float32' ? new Float32Array(raw) : new Float64Array(raw);
    const model = new Uint8Array(await (await fetch(at + '/model')).arrayBuffer());
    const session = await ort.InferenceSession.create(model, {
      executionProviders: ['wasm'],
      graphOptimizationLevel: dtype === 'float64' ? 'basic' : 'all',
    });
    const results = await session.run({ [input]: new ort.Tensor(dtype, data, shape) });
    const said = Object.entries(results).map(([key, t]) => [key, Array.from(t.data)]);
    await post(at + '/results', Object.fromEntries(said));
    await session.release();
  }
  await post('/done', { ort: ort.env.versions.web, agent: navigator.userAgent });
} catch (error) {
  await post('/done', { error: String(error?.stack ?? error) });
}
</script>`;

function findChromium() {
  const given = process.env.CHROMIUM;
  const found = (given ? [given] : NAMES).find((name) => spawnSync(name, ['--version']).status === 0);
  if (found) return found;
  console.error(
    given
      ? `CHROMIUM=${given} does not start`
      : 'no Chromium found. hint: apt-get install chromium, or CHROMIUM=…',
  );
  process.exit(3);
}

/** Networks of the fixtures, each with a statistic and the sums that it must have. */
async function casesOf(fim, ort) {
  const models = [
    { folder: 'models/digits-mlp-tanh', likelihood: 'categorical' },
    { folder: 'models/digits-mlp-tanh', likelihood: 'categorical', dtype: 'float64' },
    { folder: 'models/digits-lenet', likelihood: 'categorical' },
    { folder: 'models/digits-lenet', likelihood: 'categorical', statistic: 'factors' },
    { folder: 'models/digits-multilabel', likelihood: 'bernoulli' },
    { folder: 'models/digits-multilabel', likelihood: 'bernoulli', statistic: 'scores' },
    { folder: 'models/diabetes-regression', likelihood: 'gaussian', likelihoodOptions: { variance: 3 } },
    { folder: 'fisher-cases/mha-h2-bf1-fold0', likelihood: 'categorical' },
  ];
  const cases = [];
  for (const { folder, likelihood: family, likelihoodOptions = {}, ...one } of models) {
    const { dtype = 'float32', statistic = 'diagonal' } = one;
    const at = (file) => join(ROOT, 'test', 'fixtures', folder, file);
    const open = (type) =>
      fim.openNetwork(at('model.onnx'), { likelihood: family, likelihoodOptions, dtype: type });
    const { network, likelihood } = await open(dtype);
    const [input, value] = [...network.inputs][0];
    const rest = value.shape.slice(1);
    const shape = [EXAMPLES, ...rest];
    const draw = new fim.Sequence(7, 'browser');
    const numbers = Float32Array.from({ length: shape.reduce((p, d) => p * d, 1) }, () => draw.normal());
    const data = dtype === 'float32' ? numbers : Float64Array.from(numbers);
    const model = fim.compileFisher(network, likelihood, { statistic });
    const name = `${folder.split('/')[1]}, ${statistic}, ${dtype}`;
    const session = await ort.InferenceSession.create(model, {
      graphOptimizationLevel: dtype === 'float64' ? 'basic' : 'all',
      logSeverityLevel: 3,
    });
    const ran = await session.run({ [input]: new ort.Tensor(dtype, data, shape) });
    await session.release();
    const want = Object.fromEntries(Object.entries(ran).map(([key, t]) => [key, Array.from(t.data)]));
    if (statistic === 'diagonal') {
      const truth = await open('float64');
      const x = fim.tensor('float64', shape, Float64Array.from(numbers));
      const dataset = fim.makeDataset({ source: name, inputs: new Map([[input, x]]) });
      const { tensors } = await fim.estimate(truth.network, truth.likelihood, dataset, {
        estimator: 'exact',
        dtype: 'float64',
        engine: 'small',
      });
      for (const { name: p, fisher } of tensors) want[`sum/${p}`] = Array.from(fisher, (f) => f * EXAMPLES);
    }
    cases.push({ name, input, dtype, shape, data, model, want });
  }
  return cases;
}

/** Serves page, runtime and cases; what the page posts goes to `receive`. */
function serve(cases, receive) {
  const folder = join(ROOT, 'node_modules', 'onnxruntime-web', 'dist');
  const types = { mjs: 'text/javascript', wasm: 'application/wasm' };
  const find = (path) => {
    if (path === '/') return { type: 'text/html', body: PAGE };
    if (path === '/cases') {
      const told = cases.map(({ name, input, dtype, shape }) => ({ name, input, dtype, shape }));
      return { type: 'application/json', body: JSON.stringify(told) };
    }
    const runtime = /^\/ort\/([\w.-]+\.(mjs|wasm))$/.exec(path);
    if (runtime) return { type: types[runtime[2]], body: readFileSync(join(folder, runtime[1])) };
    const [, name, what] = path.split('/');
    const one = cases.find((c) => c.name === decodeURIComponent(name));
    const body = one && { model: one.model, input: new Uint8Array(one.data.buffer) }[what];
    return body ? { type: 'application/octet-stream', body: Buffer.from(body) } : null;
  };
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        response.end();
        receive(decodeURIComponent(request.url), JSON.parse(Buffer.concat(parts).toString()));
      });
      return;
    }
    const found = find(request.url);
    response.writeHead(found ? 200 : 404, { 'content-type': found?.type ?? 'text/plain' });
    response.end(found?.body ?? 'not here');
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

/** What the page posted, by path, once it is done. */
async function runPage(chromium, cases) {
  const posted = new Map();
  const profile = mkdtempSync(join(tmpdir(), 'fim-browser-'));
  let server = null;
  let browser = null;
  try {
    await new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`no answer within ${duration(LIMIT / 1000)}`)), LIMIT);
      const receive = (path, body) => {
        posted.set(path, body);
        if (path !== '/done') return;
        clearTimeout(timer);
        if (body.error) fail(new Error(body.error));
        else done();
      };
      serve(cases, receive)
        .then((started) => {
          server = started;
          const flags = ['--headless', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`];
          // Chromium refuses its sandbox to root.
          if (process.getuid?.() === 0) flags.push('--no-sandbox');
          browser = spawn(chromium, [...flags, `http://127.0.0.1:${server.address().port}/`], {
            stdio: 'ignore',
          });
          browser.on('error', fail);
          browser.on('exit', (code, signal) => fail(new Error(`Chromium ended with ${code ?? signal}`)));
        })
        .catch(fail);
    });
  } finally {
    browser?.removeAllListeners('exit');
    if (browser?.pid !== undefined && browser.exitCode === null && browser.signalCode === null) {
      const ended = new Promise((done) => browser.once('exit', done));
      browser.kill();
      await ended;
    }
    server?.close();
    // Chromium's own processes go on writing for a moment after it has ended.
    await rm(profile, { recursive: true, force: true, maxRetries: 30, retryDelay: 200 }).catch((error) =>
      console.log(`left behind: ${profile} (${error.code})`),
    );
  }
  return posted;
}

/** Largest |got − want| in units of the largest |want|; NaN where anything is missing or none. */
function deviation(got, want) {
  if (got?.length !== want.length) return NaN;
  const scale = want.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
  let worst = 0;
  for (let i = 0; i < want.length; i++) {
    const d = Math.abs(got[i] - want[i]);
    if (!(d <= worst)) worst = d;
  }
  return scale > 0 ? worst / scale : worst;
}

requireNode();
await ensureInstalled();
const chromium = findChromium();
await build({ kernelsOnly: true });
// Only now: it needs what was installed above.
const { importSource } = await import('./bundle.mjs');
const fim = await importSource('index');
const ort = await import('onnxruntime-node');
const cases = await casesOf(fim, ort);
const posted = await runPage(chromium, cases);
let failed = 0;
for (const { name, dtype, want } of cases) {
  const got = posted.get(`/${name}/results`) ?? {};
  const bar = dtype === 'float64' ? 1e-12 : 1e-5;
  const worst = Object.entries(want).map(([key, values]) => ({ key, off: deviation(got[key], values) }));
  const over = worst.filter(({ off }) => !(off <= bar));
  const top = worst.reduce((a, b) => (b.off > a.off ? b : a));
  failed += over.length > 0 ? 1 : 0;
  console.log(
    `${over.length === 0 ? 'ok  ' : 'FAIL'}  ${name}: at most ${top.off.toExponential(1)} of the largest`,
  );
  for (const { key, off } of over) console.log(`      ${key}: ${off}`);
}
const { ort: version, agent } = posted.get('/done');
console.log(`onnxruntime-web ${version}, ${/Chrome\/[\d.]+/.exec(agent)?.[0] ?? agent}`);
console.log(`${cases.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
