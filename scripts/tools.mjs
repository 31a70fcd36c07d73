// What the other scripts share: install what is missing, run a program, notice that inputs changed.
// Plain Node, no dependency: this runs before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Stops with one line where Node is older than package.json's `engines`. */
export function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    console.error(`fim needs Node 20 or newer; this is ${process.version}.`);
    process.exit(2);
  }
}

/**
 * Runs a program and resolves to `{ code, output, stdout, seconds }`. With `show`, its output goes straight to ours;
 * otherwise it is kept for the caller: both streams in order as `output`, standard output alone as `stdout`.
 */
export function run(command, args, { show = false, cwd = ROOT, env = {}, stdout = 'inherit' } = {}) {
  return new Promise((done) => {
    const began = performance.now();
    const child = spawn(command, args, {
      cwd,
      // Kept output is printed inside ours, where escapes would only disturb.
      env: { ...process.env, ...(show ? {} : { NO_COLOR: '1', FORCE_COLOR: undefined }), ...env },
      stdio: show ? ['inherit', stdout, 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let out = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      out += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
    const finish = (code) => done({ code, output, stdout: out, seconds: (performance.now() - began) / 1000 });
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`;
      finish(1);
    });
    child.on('close', (code, signal) => finish(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

/** Runs a script with this very Node. */
export function node(args, options) {
  return run(process.execPath, args, options);
}

/** Runs the npm that runs us, or the one on the path. */
export function npm(args, options) {
  const file = process.env.npm_execpath;
  if (file?.endsWith('.js')) return node([file, ...args], options);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options);
}

/** The file behind a dependency's command, e.g. `bin('prettier')`. */
export function bin(name, command = name) {
  const folder = join(ROOT, 'node_modules', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const entry = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[command];
  return join(folder, entry);
}

/**
 * What the lock file asks for and node_modules lacks. Packages of other platforms and optional ones are not missed.
 * Versions are compared, not dates: a checkout touches dates.
 */
export function missingPackages() {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const installedFile = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return Object.keys(lock).filter((name) => name !== '');
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  return Object.keys(lock).filter(
    (name) => name !== '' && !lock[name].optional && installed[name]?.version !== lock[name].version,
  );
}

/** Installs exactly what the lock file says, unless it is there already. Says so on stderr; ends the process on failure. */
export async function ensureInstalled() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const folder = lstatSync(join(ROOT, 'node_modules'), { throwIfNoEntry: false });
  if (folder?.isSymbolicLink()) {
    // npm ci would empty the folder that the link leads to, under whoever else uses it.
    console.error(`node_modules is a link and lacks ${missing.join(', ')}. hint: run npm ci where it leads`);
    process.exit(1);
  }
  console.error(`installing ${missing.length} packages (npm ci) …`);
  const { code, output } = await npm(['ci', '--no-audit', '--no-fund']);
  if (code !== 0) {
    console.error(output);
    console.error('npm ci failed. hint: is the npm registry reachable?  npm ping');
    process.exit(1);
  }
}

/** Every file under `folder` (or the file itself), as paths from the root, sorted. */
export function filesUnder(folder, keep = () => true) {
  const start = join(ROOT, folder);
  if (!existsSync(start)) return [];
  if (!statSync(start).isDirectory()) return [folder];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      relative(ROOT, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/'),
    )
    .filter(keep)
    .sort();
}

/** A digest of the names and contents of `files`: equal digests mean that nothing changed. */
export function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file}\0`);
    hash.update(readFileSync(join(ROOT, file)));
    hash.update('\0');
  }
  return hash.digest('hex');
}

/** `3.2 s` or `1 min 20 s`. */
export function duration(seconds) {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
