// Theses of modules: the first words after `@module` name the thing, or say what it does; they do not ask.
//   node scripts/check-theses.mjs   fails where a thesis begins with a question word, or a file of src has none
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, filesUnder } from './tools.mjs';

const QUESTIONS = /^(?:What|Where|How|Which|From|When|Whether|Who|Whose|Why)\b/;

/** The thesis of a source, on one line; null without one. */
function thesisOf(source) {
  const comment = /\/\*\*([\s\S]*?)\*\//.exec(source)?.[1];
  if (!comment?.includes('@module')) return null;
  return comment
    .replace(/^\s*\* ?/gm, ' ')
    .replace(/@module\s+\S+(?:\s+—)?/, '')
    .replace(/\s+/g, ' ')
    .trim();
}

const asks = (source) => QUESTIONS.test(thesisOf(source) ?? '');

function main() {
  if (
    !asks('/**\n * @module a\n *\n * What is\n * this.\n */') ||
    asks('/** @module a — Whatever this is. */')
  )
    throw new Error('check-theses: its own check fails');
  const folders = ['src', 'studies'];
  const files = [
    ...new Set(folders.flatMap((folder) => filesUnder(folder, (file) => /(?<!\.test|\.d)\.ts$/.test(file)))),
  ];
  const faults = files
    .filter((path) => !path.includes('node_modules') && asks(readFileSync(join(ROOT, path), 'utf8')))
    .map(
      (path) =>
        `${path}: its thesis begins with a question: ${thesisOf(readFileSync(join(ROOT, path), 'utf8')).slice(0, 60)} …`,
    );
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

main();
