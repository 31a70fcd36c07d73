// Every subpath that package.json promises is in dist/, has its types, can be imported by the package's own name,
// and exports something; the command runs and knows its version.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, node } from './tools.mjs';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const faults = [];

for (const [subpath, target] of Object.entries(manifest.exports)) {
  if (typeof target === 'string') continue;
  const absent = Object.values(target).filter((file) => !existsSync(join(ROOT, file)));
  if (absent.length > 0) {
    faults.push(`${subpath}: ${absent.join(', ')} not built`);
    continue;
  }
  const name = manifest.name + subpath.slice(1);
  try {
    const names = Object.keys(await import(name));
    if (names.length === 0) faults.push(`${name}: exports nothing`);
  } catch (error) {
    faults.push(`${name}: ${error.message}`);
  }
}

const command = join(ROOT, manifest.bin.fim);
if (!existsSync(command)) faults.push(`bin: ${manifest.bin.fim} not built`);
else {
  const { code, output } = await node([command, '--version']);
  if (code !== 0 || output.trim() !== manifest.version) faults.push(`fim --version: ${output.trim()}`);
}

for (const fault of faults) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
