// Every TypeScript block of README.md and docs/**/*.md, and of an `@example` in the docstrings of src, is type-checked against the built
// package, then run.
//   ```ts            checked and run on its own
//   ```ts continued  joined to the block before it on the same page
//   ```ts no-run     checked only
// A `sh` block after a line `<!-- run -->` is run too, command by command, with `fim` being this build.
// In a docstring, `console.log(x); // 12` says what is printed, and that is compared.
// Examples run in a scratch folder that holds copies of docs/files/. Nothing is printed but failures and a count.
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, bin, filesUnder, node, run } from './tools.mjs';

const OUT = join(ROOT, 'build', 'docs');

/** The fenced blocks of a page: `{ page, line, language, flags, marked, text }`. */
export function blocksOf(page, markdown) {
  const blocks = [];
  const lines = markdown.split('\n');
  let open = null;
  let marked = false;
  lines.forEach((text, index) => {
    const fence = /^(\s*)(```+)\s*(.*)$/.exec(text);
    if (open === null && fence) {
      const [language = '', ...flags] = fence[3].trim().split(/\s+/);
      open = {
        page,
        line: index + 1,
        language,
        flags,
        marked,
        fence: fence[2],
        indent: fence[1].length,
        body: [],
      };
    } else if (open !== null && fence && fence[3] === '' && fence[2].length >= open.fence.length) {
      const { body, indent, ...rest } = open;
      blocks.push({ ...rest, text: body.map((line) => line.slice(indent)).join('\n') });
      open = null;
      marked = false;
    } else if (open !== null) open.body.push(text);
    else if (text.trim() !== '') marked = text.trim() === '<!-- run -->';
  });
  return blocks;
}

/** TypeScript examples, continuations joined. */
export function examplesOf(blocks) {
  const examples = [];
  for (const block of blocks) {
    if (block.language !== 'ts' && block.language !== 'typescript') continue;
    const previous = examples.at(-1);
    if (block.flags.includes('continued') && previous?.page === block.page)
      previous.text += `\n${block.text}`;
    else examples.push({ ...block, run: !block.flags.includes('no-run') });
  }
  return examples;
}

/** Public names that have an example in their docstring. */
const MAIN = [
  'FimError',
  'Moments',
  'adam',
  'batches',
  'createEngine',
  'denseNetwork',
  'estimate',
  'estimateDense',
  'estimateDiagonal',
  'fit',
  'formatArrays',
  'formatEstimate',
  'getLikelihood',
  'gradient',
  'graph',
  'importModel',
  'interval',
  'labelled',
  'layersOf',
  'loadDataset',
  'loadNetwork',
  'make',
  'makeDataset',
  'networkToOnnx',
  'openDataset',
  'openNetwork',
  'parameterCount',
  'parseCsv',
  'readArrays',
  'split',
  'tensor',
  'writeArrays',
];

/** The TypeScript blocks of docstrings: as of a page, with `shown`: what each `console.log` prints. */
export function docstringExamples(path, source) {
  const examples = [];
  for (const match of source.matchAll(/\/\*\*(?:(?!\*\/)[\s\S])*?@example[\s\S]*?\*\//g)) {
    const line = source.slice(0, match.index).split('\n').length;
    const text = match[0].replace(/^[ \t]*\*(?: |$)/gm, '');
    const name = /^\s*export (?:async )?(?:function|class|const) (\w+)/.exec(
      source.slice(match.index + match[0].length),
    )?.[1];
    for (const block of examplesOf(blocksOf(path, text.slice(text.indexOf('@example'))))) {
      const shown = [];
      const checked = block.text.replace(
        /^(.*\b)console\.log\((.*)\); \/\/ (.*)$/gm,
        (_, before, what, expected) => {
          shown.push(expected);
          return `${before}console.log(${what});`;
        },
      );
      examples.push({ ...block, line: line + block.line - 1, name, text: checked, shown });
    }
  }
  return examples;
}

/** What is wrong with what an example printed. */
export function misprinted(example, stdout) {
  const printed = stdout.trimEnd().split('\n');
  return example.shown.flatMap((expected, i) =>
    printed[i] === expected ? [] : [`${example.page}:${example.line} prints ${printed[i]}, not ${expected}`],
  );
}

function scratch(name) {
  const folder = join(OUT, 'scratch', name);
  mkdirSync(folder, { recursive: true });
  if (existsSync(join(ROOT, 'docs', 'files')))
    cpSync(join(ROOT, 'docs', 'files'), folder, { recursive: true });
  return folder;
}

async function main() {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(join(OUT, 'bin'), { recursive: true });
  writeFileSync(
    join(OUT, 'bin', 'fim'),
    `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'dist/cli/main.js')}" "$@"\n`,
  );
  chmodSync(join(OUT, 'bin', 'fim'), 0o755);

  const pages = ['README.md', ...filesUnder('docs', (file) => file.endsWith('.md'))].filter((page) =>
    existsSync(join(ROOT, page)),
  );
  const blocks = pages.flatMap((page) => blocksOf(page, readFileSync(join(ROOT, page), 'utf8')));
  const sources = filesUnder('src', (file) => /(?<!\.test|\.d)\.ts$/.test(file));
  const inDocstrings = sources.flatMap((path) =>
    docstringExamples(path, readFileSync(join(ROOT, path), 'utf8')),
  );
  const examples = [...examplesOf(blocks), ...inDocstrings];
  const commands = blocks.filter((block) => block.marked && ['sh', 'bash', 'shell'].includes(block.language));
  const faults = MAIN.filter(
    (name) => !inDocstrings.some((one) => one.name === name && one.shown.length > 0),
  ).map((name) => `${name} has no example with a result in its docstring`);

  for (const example of examples) {
    example.name = `${example.page.replace(/\.(?:md|ts)$/, '').replaceAll(/[^A-Za-z0-9]+/g, '-')}-${example.line}`;
    writeFileSync(join(OUT, `${example.name}.ts`), `${example.text}\nexport {};\n`);
  }
  if (examples.length > 0) {
    const options = {
      noEmit: false,
      noUnusedLocals: false,
      declaration: false,
      sourceMap: false,
      outDir: 'js',
      rootDir: '.',
      // The built package, not its sources.
      paths: {},
    };
    const project = {
      extends: '../../tsconfig.json',
      compilerOptions: options,
      include: ['*.ts'],
      exclude: [],
    };
    writeFileSync(join(OUT, 'tsconfig.json'), JSON.stringify(project));
    const { code, output } = await node([bin('typescript', 'tsc'), '-p', join(OUT, 'tsconfig.json')], {
      cwd: OUT,
    });
    if (code !== 0) {
      const told = examples.reduce(
        (text, e) => text.replaceAll(`${e.name}.ts`, `${e.page}:${e.line} + `),
        output,
      );
      faults.push(`examples that do not compile:\n${told}`);
    }
  }

  for (const example of examples.filter((e) => e.run && existsSync(join(OUT, 'js', `${e.name}.js`)))) {
    const { code, output, stdout } = await node([join(OUT, 'js', `${example.name}.js`)], {
      cwd: scratch(example.name),
    });
    if (code !== 0) faults.push(`${example.page}:${example.line} ended with ${code}\n${output}`);
    else if (example.shown) faults.push(...misprinted(example, stdout));
  }
  for (const block of commands) {
    const folder = scratch(`${block.page.replaceAll(/[^A-Za-z0-9]+/g, '-')}-${block.line}`);
    const env = { PATH: `${join(OUT, 'bin')}${delimiter}${process.env.PATH}` };
    const { code, output } = await run('sh', ['-ec', block.text], { cwd: folder, env });
    if (code !== 0) faults.push(`${block.page}:${block.line} ended with ${code}\n${output}`);
  }

  for (const fault of faults) console.log(fault);
  console.log(`${examples.length} examples, ${commands.length} command blocks, ${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
