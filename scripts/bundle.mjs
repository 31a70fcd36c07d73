// The command line as bundles, by esbuild: dist/cli/main.js, and dist/command/ with the session, one chunk a command, and the package's
// doors over the same chunks, for modules of the user's that import fim inside a command: one fim and not two. All doors are one entry,
// for the chunks of a build are as many as the sets of entries that share code. What programs import, and what threads run, are tsc's
// files.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import ts from 'typescript';
import { ROOT } from './tools.mjs';

const MAIN = 'cli/main';
const BUNDLES = 'command';
/** The ES module of the thread that the command's entry, which is none, starts. */
const SESSION = 'session';
/** Stands in chunks for the way to dist/, until it is known where the chunk lies. */
const HOME = '__HOME_OF_DIST__';

/** Functions keep their names where two modules have the same; comments and maps stay with the sources. */
const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node20',
  packages: 'external',
  charset: 'ascii',
  minifyWhitespace: true,
  minifySyntax: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'silent',
  write: false,
};

const PURE = '/* @__PURE__ */ ';

const posix = (path) => path.split(sep).join('/');

/** Paths under src, without extension, of what Node finds behind package.json's exports. */
function doors() {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return Object.values(exports)
    .map((target) => /^\.\/dist\/(.*)\.js$/.exec(target.node ?? target.default ?? '')?.[1])
    .filter((path) => path !== undefined);
}

/** The doors' one entry, and the name of each in it. */
const DOORS = 'doors';
const nameOf = (door) => door.replace(/\W/g, '_');

/** `DOORS` as a module that is nowhere on disk. */
const allDoors = {
  name: 'all-doors',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^all-doors$/ }, () => ({ path: DOORS, namespace: DOORS }));
    onLoad({ filter: /.*/, namespace: DOORS }, () => ({
      contents: doors()
        .map((door) => `export * as ${nameOf(door)} from './src/${door}.ts';`)
        .join('\n'),
      resolveDir: ROOT,
    }));
  },
};

/** Each door by its path, from the one entry; its names are those of tsc's file in `folder`. */
async function writeDoors(folder) {
  for (const door of doors()) {
    const names = Object.keys(await import(pathToFileURL(join(folder, `${door}.js`)).href));
    const file = join(folder, BUNDLES, `${door}.js`);
    const home = posix(relative(dirname(file), join(folder, BUNDLES))) || '.';
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      `import { ${nameOf(door)} } from './${home}/${DOORS}.js';\nexport const { ${names.join(', ')} } = ${nameOf(door)};\n`,
    );
  }
}

/** `import.meta.url` keeps the value that it has in tsc's files: threads, and what the package ships, are found by it. */
const ownAddresses = {
  name: 'own-addresses',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!/import\.meta\.url/.test(text)) return undefined;
      const lies = posix(relative(join(ROOT, 'src'), path)).replace(/\.ts$/, '.js');
      const address = `import.meta.url.replace(/[^/]*$/, "${HOME}/${lies}")`;
      return { contents: text.replaceAll('import.meta.url', address), loader: 'ts' };
    });
  },
};

/** esbuild names every function again, also where its name is its own: those calls are taken out, for closures are made in loops. */
function withoutIdleNames(text) {
  const cuts = [];
  const visit = (node) => {
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node) || node.expression.getText(source) !== '__name') return;
    const [named, { text: name }] = node.arguments;
    const { parent } = node;
    const call = [node.getStart(source), named.getStart(source)];
    if (ts.isExpressionStatement(parent)) {
      const block = parent.parent?.parent;
      const own = block && ts.isClassStaticBlockDeclaration(block) ? block : parent;
      const called = own === block ? block.parent.name?.text : named.getText(source);
      if (called === name) cuts.push([own.getStart(source), own.getEnd()]);
    } else if (
      (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isBindingElement(parent)) &&
      (parent.name.text === name || parent.name.getText(source) === name) &&
      parent.initializer === node
    ) {
      if (text.slice(call[0] - PURE.length, call[0]) === PURE) call[0] -= PURE.length;
      cuts.push(call, [named.getEnd(), node.getEnd()]);
    }
  };
  const source = ts.createSourceFile('chunk.js', text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  visit(source);
  let kept = text;
  for (const [from, to] of cuts.sort((a, b) => b[0] - a[0])) kept = kept.slice(0, from) + kept.slice(to);
  return kept;
}

function write(folder, outputs) {
  for (const { path, text } of outputs) {
    const file = posix(relative(ROOT, path));
    const home = posix(relative(dirname(file), '.')) || '.';
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), withoutIdleNames(text).replaceAll(HOME, home));
  }
}

/** Writes the command line into `folder`, in place of its modules. */
export async function bundle(folder) {
  const shared = await esbuild.build({
    ...COMMON,
    entryPoints: {
      [`${BUNDLES}/${DOORS}`]: 'all-doors',
      [`${BUNDLES}/${SESSION}`]: `src/cli/thread/${SESSION}.ts`,
    },
    define: { FIM_BUNDLES: JSON.stringify(`./dist/${BUNDLES}/`) },
    format: 'esm',
    splitting: true,
    chunkNames: `${BUNDLES}/chunks/[name]-[hash]`,
    outdir: ROOT,
    plugins: [allDoors, ownAddresses],
  });
  write(folder, shared.outputFiles);
  await writeDoors(folder);
  // CommonJS, for Node starts that sooner than a first ES module.
  const main = await esbuild.build({
    ...COMMON,
    entryPoints: { [MAIN]: `src/${MAIN}.ts` },
    format: 'cjs',
    define: { 'import.meta.url': '__address', FIM_SESSION: JSON.stringify(`../${BUNDLES}/${SESSION}`) },
    banner: { js: "const __address = require('node:url').pathToFileURL(__filename).href;" },
    outdir: ROOT,
  });
  rmSync(join(folder, dirname(MAIN)), { recursive: true, force: true });
  write(folder, main.outputFiles);
  writeFileSync(join(folder, dirname(MAIN), 'package.json'), '{ "type": "commonjs" }\n');
}

/** A module of src, bundled into build/ and imported: for scripts that print what the sources know. */
export async function importSource(path) {
  const file = join(ROOT, 'build', `${path.replaceAll('/', '-')}.mjs`);
  await esbuild.build({
    ...COMMON,
    entryPoints: [`src/${path}.ts`],
    format: 'esm',
    outfile: file,
    write: true,
  });
  return import(pathToFileURL(file).href);
}
