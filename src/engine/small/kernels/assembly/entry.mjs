/**
 * @module kernels/assembly/entry
 *
 * The list of exported kernels, from which the entry source is written. A row gives the exported name, the file and
 * the generic function with its type arguments (F is f32 or f64) and the parameters; a parameter is an unsigned
 * integer (byte pointer, count or stride) unless it says `:F`. `float32.add.same` is exported as `float32_add_same`.
 */

const GEMM = 'c a b m n k ldc lda ldb bias add';
const BATCHED = 'c a b count sc sa sb m n k ldc lda ldb add';

const MAPS =
  'Neg Abs Sqrt Square Reciprocal Relu Sign Exp Log Tanh Sigmoid Softplus LogSigmoid Erf'.split(' ');
const ARITHMETIC = 'Add Sub Mul Div Max Min'.split(' ');
const COMPARISONS = 'Greater GreaterOrEqual Less LessOrEqual Equal'.split(' ');
const NUMBERS = { float32: 'f32', float64: 'f64', int64: 'i64', int32: 'i32', uint8: 'u8', int8: 'i8', bool: 'u8' };

const lower = (name) => name[0].toLowerCase() + name.slice(1);

/** The three forms of a function of two operands; K is its class of lines. */
const binary = (name, K) => [
  [`${name}.line`, 'binary', `line<${K}>`, 'y a b n as bs'],
  [`${name}.block`, 'binary', `block<${K}>`, 'y a b rows cols ar ac br bc'],
  [`${name}.strided`, 'binary', `strided<${K}>`, 'y a b d'],
];

const reduction = (name, F) => [
  [`${name}.rows`, 'reduce', `rows<F, ${F}<F>>`, 'y x m k xm add'],
  [`${name}.columns`, 'reduce', `columns<F, ${F}<F>>`, 'y x m k n xm xk xn add'],
];

/** Kernels that exist for float32 and for float64. */
const FLOAT = [
  ['gemmNN', 'gemm', 'gemmNN<F>', GEMM],
  ['gemmTN', 'gemm', 'gemmTN<F>', GEMM],
  ['gemmNT', 'gemm-dot', 'gemmNT<F>', GEMM],
  ['batchedNN', 'gemm-batched', 'batchedNN<F>', BATCHED],
  ['batchedTN', 'gemm-batched', 'batchedTN<F>', BATCHED],
  ['batchedNT', 'gemm-batched', 'batchedNT<F>', BATCHED],
  ...MAPS.map((f) => [`map.${lower(f)}`, 'map', `map<F, ${f}<F>>`, 'y x n']),
  ...ARITHMETIC.flatMap((f) => binary(`binary.${lower(f)}`, `Arithmetic<F, ${f}<F>>`)),
  ...binary('binary.pow', 'Powers<F>'),
  ...COMPARISONS.flatMap((f) => binary(`compare.${lower(f)}`, `Comparison<F, ${f}<F>>`)),
  ['where.line', 'where', 'whereLine<F>', 'y c a b n cs as bs'],
  ['where.block', 'where', 'whereBlock<F>', 'y c a b rows cols cr cc ar ac br bc'],
  ['where.strided', 'where', 'whereStrided<F>', 'y c a b d'],
  ...reduction('sum', 'Sum'),
  ...reduction('max', 'Greatest'),
  ['softmax', 'softmax', 'softmax<F>', 'y x m n'],
  ['logSoftmax', 'softmax', 'logSoftmax<F>', 'y x m n'],
  ['sgd', 'optim', 'sgd<F>', 'p u g n scale:F rate:F momentum:F'],
  ['rmsprop', 'optim', 'rmsprop<F>', 'p v g n scale:F rate:F alpha:F fresh:F epsilon:F inside'],
  ['adam', 'optim', 'adam<F>', 'p m v g n scale:F rate:F beta1:F fresh1:F beta2:F fresh2:F epsilon:F'],
];

/** Movers by bytes of an element. */
const MOVERS = Object.entries({ 1: 'u8', 4: 'u32', 8: 'u64' }).flatMap(([bytes, T]) => [
  [`move.${bytes}.copy`, 'move', `copy<${T}>`, 'y x n'],
  [`move.${bytes}.fill`, 'move', `fill<${T}>`, 'y x n'],
  [`move.${bytes}.transpose`, 'move', `transpose<${T}>`, 'y x rows cols'],
  [`move.${bytes}.block`, 'move', `block<${T}>`, 'y x rows cols yr yc xr xc'],
  [`move.${bytes}.strided`, 'move', `strided<${T}>`, 'y x d'],
]);

const CASTS = Object.entries(NUMBERS).flatMap(([from, A]) =>
  Object.entries(NUMBERS).map(([to, B]) =>
    to === 'bool'
      ? [`cast.${from}.${to}`, 'cast', `truth<${A}>`, 'y x n']
      : [`cast.${from}.${to}`, 'cast', `cast<${A}, ${B}>`, 'y x n'],
  ),
);

/** Kernels that exist once. */
const PLAIN = [['reservedBytes', 'vec', 'reservedBytes', '', 'usize'], ['not', 'cast', 'not', 'y x n'], ...MOVERS, ...CASTS];

/** Classes that live in a file other than the kernel's. */
const ELSEWHERE = new Map([...ARITHMETIC, ...COMPARISONS].map((name) => [name, 'operators']));

/** AssemblyScript source that exports every kernel. */
export function entrySource() {
  const imports = new Map();
  const lines = [];
  // Two files may export one name, so a name is imported under its file's.
  const local = (file, word) => `${file.replaceAll('-', '_')}_${word}`;
  const declare = (name, file, call, params, result = 'void') => {
    const inner = call.replace(/[A-Za-z]\w*/g, (word) => {
      if (/^[fiu]\d+$/.test(word)) return word;
      const from = ELSEWHERE.get(word) ?? file;
      imports.set(local(from, word), `import { ${word} as ${local(from, word)} } from './${from}';`);
      return local(from, word);
    });
    const list = params.split(' ').filter(Boolean);
    const typed = list.map((p) => (p.includes(':') ? p.replace(':', ': ') : `${p}: usize`)).join(', ');
    const given = list.map((p) => p.split(':')[0]).join(', ');
    const body = result === 'void' ? `${inner}(${given});` : `return ${inner}(${given});`;
    lines.push(`export function ${name.replaceAll('.', '_')}(${typed}): ${result} { ${body} }`);
  };
  for (const [prefix, F] of Object.entries({ float32: 'f32', float64: 'f64' })) {
    const fill = (text) => text.replace(/\bF\b/g, F);
    for (const [name, file, call, params] of FLOAT) declare(`${prefix}.${name}`, file, fill(call), fill(params));
  }
  for (const row of PLAIN) declare(...row);
  return [...imports.values(), ...lines, ''].join('\n');
}
