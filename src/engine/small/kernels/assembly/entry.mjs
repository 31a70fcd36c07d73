/**
 * @module kernels/assembly/entry
 *
 * The list of exported kernels, from which the entry source is written. A row gives the exported name, the file and
 * the generic function with its type arguments (F is f32 or f64) and the parameters; a parameter is an unsigned
 * integer (byte pointer, count or stride) unless it says `:F`. `float32.add.same` is exported as `float32_add_same`.
 */

const GEMM = 'c a b m n k ldc lda ldb bias add';

const MAPS = ['Neg', 'Abs', 'Sqrt', 'Square', 'Reciprocal', 'Relu', 'Sign', 'Exp', 'Log', 'Tanh', 'Sigmoid', 'Softplus'];
MAPS.push('LogSigmoid', 'Erf');

const lower = (name) => name[0].toLowerCase() + name.slice(1);

/** Kernels that exist for float32 and for float64. */
const FLOAT = [
  ['gemmNN', 'gemm', 'gemmNN<F>', GEMM],
  ['gemmTN', 'gemm', 'gemmTN<F>', GEMM],
  ['gemmNT', 'gemm-dot', 'gemmNT<F>', GEMM],
  ...MAPS.map((f) => [`map.${lower(f)}`, 'map', `map<F, ${f}<F>>`, 'y x n']),
];

/** Kernels that exist once. */
const PLAIN = [['reservedBytes', 'vec', 'reservedBytes', '', 'usize']];

/** AssemblyScript source that exports every kernel. */
export function entrySource() {
  const imports = new Map();
  const used = (word) => `${word}_`;
  const lines = [];
  const declare = (name, file, call, params, result = 'void') => {
    for (const word of call.match(/[A-Za-z]\w*/g) ?? []) {
      if (word === 'f32' || word === 'f64') continue;
      imports.set(word, words.get(word) ?? file);
    }
    const list = params.split(' ').filter(Boolean);
    const typed = list.map((p) => (p.includes(':') ? p.replace(':', ': ') : `${p}: usize`)).join(', ');
    const given = list.map((p) => p.split(':')[0]).join(', ');
    const inner = call.replace(/[A-Za-z]\w*/g, (word) => (imports.has(word) ? used(word) : word));
    const body = result === 'void' ? `${inner}(${given});` : `return ${inner}(${given});`;
    lines.push(`export function ${name}(${typed}): ${result} { ${body} }`);
  };
  for (const [prefix, F] of [
    ['float32', 'f32'],
    ['float64', 'f64'],
  ]) {
    const fill = (text) => text.replace(/\bF\b/g, F);
    for (const [name, file, call, params, result = 'void'] of FLOAT) {
      declare(`${prefix}_${name.replaceAll('.', '_')}`, file, fill(call), fill(params), fill(result));
    }
  }
  for (const [name, file, call, params, result] of PLAIN) {
    declare(name.replaceAll('.', '_'), file, call, params, result);
  }
  const byFile = new Map();
  for (const [word, file] of imports) byFile.set(file, [...(byFile.get(file) ?? []), word]);
  const head = [...byFile].map(([file, list]) => `import { ${list.map((w) => `${w} as ${used(w)}`).join(', ')} } from './${file}';`);
  return [...head, ...lines, ''].join('\n');
}

/** Type arguments that live in a file other than the kernel's. */
const words = new Map();
