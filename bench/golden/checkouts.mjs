/**
 * Two commits side by side: each in a work tree of its own in a temporary folder, built by its own scripts. node_modules is shared
 * where package-lock.json is the same and everything in it is installed, else installed afresh. A folder is taken as it stands.
 */
import { existsSync, lstatSync, readFileSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT, missingPackages, node, npm, run } from '../../scripts/tools.mjs';

async function must(step, promise) {
  const { code, output } = await promise;
  if (code !== 0) throw new Error(`${step} failed\n${output}`);
  return output.trim();
}

const git = (...words) => must(`git ${words.join(' ')}`, run('git', words));
const lockOf = (folder) => readFileSync(join(folder, 'package-lock.json'), 'utf8');

async function install(folder, say) {
  const modules = join(folder, 'node_modules');
  if (lockOf(folder) === lockOf(ROOT) && missingPackages().length === 0) {
    symlinkSync(join(ROOT, 'node_modules'), modules, 'dir');
    return;
  }
  say(`installing the packages of ${folder} …`);
  await must('npm ci', npm(['ci', '--no-audit', '--no-fund'], { cwd: folder }));
}

/** Builds what `name` names: a folder with a package.json, else a commit. `{ name, folder, bin, release }`. */
export async function checkout(name, aside, say) {
  const given = existsSync(name) && statSync(name).isDirectory() && existsSync(join(name, 'package.json'));
  const folder = given ? resolve(name) : aside;
  const commit = given ? null : await git('rev-parse', '--short', `${name}^{commit}`);
  const release = async () => {
    if (given) return;
    const modules = join(folder, 'node_modules');
    // The link goes first: nothing may follow it into the shared packages.
    if (existsSync(modules) && lstatSync(modules).isSymbolicLink()) unlinkSync(modules);
    await git('worktree', 'remove', '--force', folder);
  };
  if (!given) await git('worktree', 'add', '--quiet', '--detach', folder, commit);
  try {
    if (!given) await install(folder, say);
    say(`building ${commit ?? folder} …`);
    await must('build', node(['scripts/build.mjs'], { cwd: folder }));
    const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { name: commit ? `${name} (${commit})` : name, folder, bin: join(folder, bin.fim), release };
  } catch (error) {
    await release();
    throw error;
  }
}
