// Loaded before commands by `--import`: each operation that changes files below FAULT_ROOT takes the next number, in any thread, by a file
// of that name in FAULT_COUNT; number FAULT_AT is killed half-way, or told the error FAULT. These may be others for the next command.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

const { env } = process;
const raw = { ...fs };
const opened = new Map();
let [next, folder] = [0, ''];

/** The number of this operation among those of all threads. */
function takeNumber(text) {
  if (folder !== env.FAULT_COUNT) [next, folder] = [0, env.FAULT_COUNT];
  for (; ; next++) {
    try {
      raw.writeFileSync(`${folder}/${next}`, text, { flag: 'wx' });
      return next++;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}

/** Fails here where it is time; `half` does what a half-done operation has done. */
function meet(operation, path, half) {
  const number = takeNumber(`${operation} ${basename(path)}`);
  if (String(number) !== env.FAULT_AT) return;
  half?.();
  const { FAULT: code } = env;
  if (code === 'kill') process.kill(process.pid, 'SIGKILL');
  throw Object.assign(new Error(`${code}: injected, ${operation}`), { code, syscall: operation });
}

const ours = (path) =>
  env.FAULT_ROOT !== undefined &&
  typeof path === 'string' &&
  (path.startsWith(env.FAULT_ROOT) || !path.startsWith('/'));

fs.openSync = (path, flags = 'r', ...rest) => {
  const writes = ours(path) && /[wa+]/.test(String(flags));
  if (writes) meet('open', path);
  const handle = raw.openSync(path, flags, ...rest);
  if (writes) opened.set(handle, path);
  else opened.delete(handle);
  return handle;
};
fs.writeSync = (handle, data, ...rest) => {
  if (opened.has(handle) && typeof data !== 'string') {
    const [from = 0, length = data.length - from, position = null] = rest;
    meet('write', opened.get(handle), () => raw.writeSync(handle, data, from, length >> 1, position));
  }
  return raw.writeSync(handle, data, ...rest);
};
for (const name of ['fsyncSync', 'ftruncateSync']) {
  fs[name] = (handle, ...rest) => {
    if (opened.has(handle)) meet(name, opened.get(handle));
    return raw[name](handle, ...rest);
  };
}
for (const name of [
  'renameSync',
  'linkSync',
  'copyFileSync',
  'cpSync',
  'unlinkSync',
  'mkdirSync',
  'rmSync',
  'rmdirSync',
]) {
  fs[name] = (path, ...rest) => {
    if (ours(path)) meet(name, path);
    return raw[name](path, ...rest);
  };
}
for (const name of ['writeFileSync', 'appendFileSync']) {
  fs[name] = (path, text, ...rest) => {
    const half = String(text).slice(0, String(text).length >> 1);
    if (ours(path)) meet(name, path, () => raw[name](path, half, ...rest));
    return raw[name](path, text, ...rest);
  };
}
syncBuiltinESMExports();
