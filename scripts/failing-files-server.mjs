// A process that runs one command after another by `runCli` of the modules that tsc made in `.dist-plain`, for trials of failing-files.mjs:
// started once, with the hook before it, where a process for each command would start a thousand times. Told by a message what to run.
import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [plain] = process.argv.slice(2);
const { runCli } = await import(pathToFileURL(`${plain}/cli/cli.js`).href);
const { memoryIo } = await import(pathToFileURL(`${plain}/cli/io.js`).href);
const { packageVersion } = await import(pathToFileURL(`${plain}/disk/version.js`).href);

process.on('message', async ({ folder, words, env }) => {
  process.chdir(folder);
  for (const name of ['FAULT', 'FAULT_AT', 'FAULT_COUNT', 'FAULT_ROOT']) delete process.env[name];
  Object.assign(process.env, env);
  if (env.FAULT_COUNT) mkdirSync(env.FAULT_COUNT, { recursive: true });
  const io = memoryIo();
  const code = await runCli(words, { io, version: packageVersion(), signal: new AbortController().signal });
  process.send({ code, said: io.err() });
});
process.send({ ready: true });
