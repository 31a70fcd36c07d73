// Type-aware linting: the compiler's facts, plus the house rules that a reader would otherwise have to enforce.
import tseslint from 'typescript-eslint';

/** Inner loops, whose numbers stay on the stack: a record a call would cost more than what it holds. */
const LOOPS = [
  'src/core/random-keyed.ts',
  'src/core/random-philox.ts',
  'src/engine/small/**/*.ts',
  'src/linalg/tiles.ts',
  'src/linalg/tridiagonal.ts',
];

const TESTS = ['src/**/*.test.ts', 'test/**/*.ts', 'studies/**/*.test.ts'];

/** Every source file opens with its thesis: a comment that says `@module folder/name`. */
const moduleHeader = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { missing: "open the file with a comment '@module {{name}}'" },
  },
  create(context) {
    return {
      Program(node) {
        const first = context.sourceCode.getAllComments().find((comment) => comment.type !== 'Shebang');
        const name = context.filename
          .replaceAll('\\', '/')
          .replace(/^.*\/(?:src\/|(?=studies\/))/, '')
          .replace(/\.ts$/, '');
        if (first?.type !== 'Block' || !first.value.includes('@module')) {
          context.report({ node, messageId: 'missing', data: { name } });
        }
      },
    };
  },
};

const CLOCK = [
  { object: 'Math', property: 'random', message: 'Randomness is seeded and counter-based: use core/random.' },
  {
    object: 'Date',
    property: 'now',
    message: 'The library never reads the clock: take the time as an argument.',
  },
  {
    object: 'performance',
    property: 'now',
    message: 'The library never reads the clock: take the time as an argument.',
  },
];

const THROWS = [
  {
    selector: 'ThrowStatement > NewExpression[callee.name=/^(Error|TypeError|RangeError)$/]',
    message: 'Throw a FimError: where, which rule, what was got, the likely cause, the next step.',
  },
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
];

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'dist/',
      '.dist-*/',
      'build/',
      'coverage/',
      'runs/',
      'test/fixtures/',
      'src/engine/small/kernels/assembly/',
      'src/engine/small/kernels/generated.ts',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { fim: { rules: { 'module-header': moduleHeader } } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: false },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/require-await': 'off',
      // Operators and families are records of functions that never use `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      eqeqeq: ['error', 'always'],
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      'max-lines': ['error', 700],
    },
  },
  {
    files: ['src/**/*.ts', 'studies/**/*.ts'],
    ignores: TESTS,
    rules: {
      'fim/module-header': 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...THROWS],
      'no-restricted-properties': ['error', ...CLOCK],
    },
  },
  {
    files: ['src/**/*.ts', 'studies/**/*.ts'],
    ignores: [...TESTS, ...LOOPS],
    rules: { 'max-params': ['error', 6] },
  },
  // An operator's file is its docstring and a few lines.
  { files: ['src/graph/ops/**/*.ts'], rules: { 'fim/module-header': 'off' } },
  {
    // The command line and the run folder live in real time; randomness stays seeded there too.
    files: ['src/cli/**/*.ts', 'src/jobs/**/*.ts', 'src/store/**/*.ts', 'studies/**/*.ts'],
    rules: { 'no-restricted-properties': ['error', CLOCK[0]] },
  },
  { files: ['src/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: TESTS,
    rules: {
      'no-restricted-properties': ['error', ...CLOCK],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(skip|only|todo)$/]',
          message: 'No test is skipped, and none runs alone.',
        },
      ],
    },
  },
  {
    files: ['scripts/**/*.mjs', '*.js', '*.cjs', 'bench/**/*.mjs'],
    rules: {
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
);
