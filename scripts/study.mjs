// `npm run study -- NAME [options]`: installs what is missing, builds what changed, runs a study of studies/.
// The studies are compiled file by file into build/studies; their 'fim' is this checkout.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from './build.mjs';
import { ROOT, digest, ensureInstalled, filesUnder, node, requireNode } from './tools.mjs';

const OUT = join(ROOT, 'build', 'studies');
const STAMP = join(OUT, 'stamp');

/** build/studies, compiled aside and swapped in whole. Types are the check of `npm test`. */
async function compileStudies() {
  const sources = filesUnder('studies', (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const key = digest([...sources, 'tsconfig.json', 'scripts/study.mjs']);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === key) return;
  const { default: ts } = await import('typescript');
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'));
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...compilerOptions, module: 'ES2022', sourceMap: false, declaration: false, noEmit: false, paths: {} },
    ROOT,
  );
  const aside = `${OUT}-${process.pid}`;
  for (const file of sources) {
    const path = join(aside, file.replace(/^studies\//, '').replace(/\.ts$/, '.js'));
    mkdirSync(dirname(path), { recursive: true });
    const source = readFileSync(join(ROOT, file), 'utf8');
    writeFileSync(path, ts.transpileModule(source, { compilerOptions: options, fileName: file }).outputText);
  }
  writeFileSync(join(aside, 'stamp'), key);
  rmSync(OUT, { recursive: true, force: true });
  renameSync(aside, OUT);
}

requireNode();
await ensureInstalled();
try {
  await build();
  await compileStudies();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
// The study deals with Ctrl-C itself; this process only waits for it.
process.on('SIGINT', () => {});
const { code } = await node([join('build', 'studies', 'main.js'), ...process.argv.slice(2)], { show: true });
process.exitCode = code;
