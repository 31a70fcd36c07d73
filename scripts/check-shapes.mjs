// Shapes of arrays in public docstrings: whoever takes, gives or holds an array of numbers says its shape in brackets, `[N, K]`.
//   node scripts/check-shapes.mjs           fails where a public function takes or returns one, or a public member holds one, and the
//                                           docstring (its own or that of its interface) has no shape in brackets
// Arrays of numbers are typed arrays other than bytes, and `ArrayLike<number>`, `number[]` of a function.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { doorsOf } from './doors.mjs';
import { readSources } from './error-codes.mjs';
import { ROOT } from './tools.mjs';

/** Of any length or shape, which the docstring says in words. At most 20. */
const EXCEPTIONS = new Set([
  'FloatArray',
  'TypedArrayOf.float32',
  'TypedArrayOf.float64',
  'TypedArrayOf.int32',
]);

/** `[N, K]`, `[T·n, width]`, `[S·A + 1]`, `[m·n, m·n]`, `[]`, but no index like `a[i]`. */
const SHAPE = /(?<![\w\])])\[(?:[\p{L}\p{N}_·+−²…*/()'. ]+(?:, ?|(?=\])))*\]/u;

const ARRAYS =
  /\b(?:Float64Array|Float32Array|FloatArray|TypedArray|Int32Array|Uint32Array|Uint16Array|ArrayLike<number>)\b/;

/** Whether a type, as it is written, is an array of numbers and nothing around it. */
function isArray(node) {
  if (!node) return false;
  if (ts.isParenthesizedTypeNode(node)) return isArray(node.type);
  if (ts.isUnionTypeNode(node)) return node.types.some(isArray);
  if (ts.isTypeOperatorNode(node)) return isArray(node.type);
  if (ts.isTypeReferenceNode(node)) {
    if (/^(?:Promise|Readonly)$/.test(node.typeName.getText())) return isArray(node.typeArguments?.[0]);
    return (
      ARRAYS.test(node.getText()) && !/^(?:Map|ReadonlyMap|Record|Iterable)/.test(node.typeName.getText())
    );
  }
  return false;
}

const docOf = (symbol, checker) =>
  [
    ts.displayPartsToString(symbol.getDocumentationComment(checker)),
    ...symbol.getJsDocTags(checker).map((tag) => ts.displayPartsToString(tag.text)),
  ].join('\n');

const isInternal = (symbol, checker) => symbol.getJsDocTags(checker).some((tag) => tag.name === 'internal');

const hidden = (declaration) =>
  (ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;

/** Whether a declaration takes, returns or holds arrays. */
function hasArrays(declaration) {
  const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : declaration;
  if (value && ts.isFunctionLike(value))
    return value.parameters.some((parameter) => isArray(parameter.type)) || isArray(value.type);
  return isArray(declaration.type);
}

/** Public names with arrays whose docstring says no shape: `{ name, place }`. */
function shapeless({ checker, sources }, doors) {
  const found = new Map();
  const look = (name, symbol, documented = symbol) => {
    const declaration = symbol.declarations?.find(hasArrays);
    if (!declaration || hidden(declaration) || isInternal(symbol, checker)) return;
    if (!sources.includes(declaration.getSourceFile())) return;
    if (SHAPE.test(docOf(documented, checker))) return;
    const file = declaration.getSourceFile();
    const line = file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1;
    found.set(declaration, { name, place: `${relative(ROOT, file.fileName)}:${line}` });
  };
  for (const { file } of doors) {
    const source = sources.find((one) => one.fileName === file);
    for (let symbol of checker.getExportsOfModule(checker.getSymbolAtLocation(source))) {
      if (symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
      look(symbol.name, symbol);
      if (symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface))
        for (const table of [symbol.members, symbol.exports])
          table?.forEach((member) => look(`${symbol.name}.${member.name}`, member));
    }
  }
  return [...found.values()];
}

function main() {
  const right = ['`[N, K]`', '[n]', 'rows [T·n, width].', '[S·A + 1]', '[m·n, m·n]'];
  const wrong = ['a[i]', '[see below: x]', 'none', 'x(1)[0]'];
  for (const text of right) if (!SHAPE.test(text)) throw new Error(`check-shapes: ${text} is a shape`);
  for (const text of wrong) if (SHAPE.test(text)) throw new Error(`check-shapes: ${text} is none`);
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const all = shapeless(readSources(), doorsOf(manifest));
  const faults = all
    .filter(({ name }) => !EXCEPTIONS.has(name))
    .map(({ name, place }) => `${place}: ${name}: no shape in brackets in its docstring`);
  for (const name of EXCEPTIONS)
    if (!all.some((one) => one.name === name))
      faults.push(`${name} is an exception of check-shapes without need`);
  if (EXCEPTIONS.size > 20) faults.push('check-shapes has more than 20 exceptions');
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

main();
