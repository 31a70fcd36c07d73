/**
 * @module bench/linalg
 *
 * Dense float64 algebra of linalg/ against plain loops, interleaved in one run; medians of milliseconds of processor time, so that a
 * busy machine says much the same as an idle one.
 *
 *     npx vite-node bench/linalg.ts [rounds] [largest n]
 */
import {
  cholesky,
  choleskyInverse,
  choleskySolve,
  gram,
  multiply,
  symmetricEigen,
  symmetricEigenvalues,
} from '../src/linalg/index.js';
import { factorTile, solveLowerTile, solveUpperTile } from '../src/linalg/tiles.js';
import { positive, product } from '../src/linalg/testing.js';

const [rounds = 5, most = 2048] = process.argv.filter((a) => /^\d+$/.test(a)).map(Number);

type Task = () => unknown;

function once(task: Task): number {
  const before = process.cpuUsage();
  task();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Median milliseconds of a call; tasks take turns, small ones many calls a turn. */
function time(tasks: Task[]): number[] {
  const calls = tasks.map((task) => {
    once(task);
    return Math.max(1, Math.min(200, Math.round(20 / Math.max(0.05, once(task)))));
  });
  const seen: number[][] = tasks.map(() => []);
  for (let r = 0; r < rounds; r++) {
    tasks.forEach((task, i) => {
      const many = (): void => {
        for (let c = 0; c < calls[i]; c++) task();
      };
      seen[i].push(once(many) / calls[i]);
    });
  }
  return seen.map((s) => s.sort((a, b) => a - b)[s.length >> 1]);
}

function plainFactor(a: Float64Array, n: number): Float64Array {
  const L = a.slice();
  factorTile(L, 0, n, n, 0);
  return L;
}

function plainSolve(L: Float64Array, n: number, b: Float64Array, columns: number): Float64Array {
  const x = b.slice();
  solveLowerTile(x, 0, columns, columns, L, 0, n, n);
  solveUpperTile(x, 0, columns, columns, L, 0, n, n);
  return x;
}

/** Diagonally dominant: quick to make at any size. */
function dominant(n: number): Float64Array {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++)
      a[i * n + j] = a[j * n + i] = Math.sin(i * 7.1 + j * 3.3) + (i === j ? n : 0);
  }
  return a;
}

const row = (cells: (string | number)[]): void =>
  console.log(cells.map((c, i) => (i ? String(c).padStart(11) : String(c).padEnd(26))).join(''));
const rate = (operations: number, ms: number): string => (operations / ms / 1e6).toFixed(1);

console.log(`node ${process.version}, ${rounds} rounds, one thread, processor time`);

console.log('\nAgainst plain loops: ms, how many times faster, GFLOP/s');
row(['', 'n', 'plain', 'linalg', 'ratio', 'GFLOP/s']);
function against(name: string, n: number, operations: number, plain: Task, ours: Task): void {
  const [a, b] = time([plain, ours]);
  row([name, n, a.toFixed(2), b.toFixed(2), (a / b).toFixed(1), rate(operations, b)]);
}
for (const n of [16, 32, 63, 64, 128, 256, 512, 1024, 2048, 4096].filter((n) => n <= most)) {
  const a = dominant(n);
  against(
    'cholesky',
    n,
    n ** 3 / 3,
    () => plainFactor(a, n),
    () => cholesky(a, n),
  );
}
for (const n of [64, 400, 1024].filter((n) => n <= most)) {
  const a = dominant(n);
  const L = cholesky(a, n);
  for (const columns of [8, 64, n]) {
    const b = new Float64Array(n * columns).fill(1);
    against(
      `choleskySolve, ${columns} columns`,
      n,
      2 * n * n * columns,
      () => plainSolve(L, n, b, columns),
      () => choleskySolve(L, n, b, columns),
    );
  }
  against(
    'multiply',
    n,
    2 * n ** 3,
    () => product(a, a, n, n, n),
    () => multiply(a, a, n, n, n),
  );
}

console.log('\nAlone: ms, GFLOP/s');
row(['', 'n', 'ms', 'GFLOP/s']);
for (const n of [400, 1024, 2048].filter((n) => n <= most)) {
  const a = dominant(n);
  const L = cholesky(a, n);
  const b = new Float64Array(n).fill(1);
  const [solve, inverse, square] = time([
    () => choleskySolve(L, n, b),
    () => choleskyInverse(L, n),
    () => gram(a, n, n),
  ]);
  row(['choleskySolve, 1 column', n, solve.toFixed(2), rate(2 * n * n, solve)]);
  row(['choleskyInverse', n, inverse.toFixed(2), rate((2 * n ** 3) / 3, inverse)]);
  row(['gram', n, square.toFixed(2), rate(n ** 3, square)]);
}
for (const n of [50, 100, 200, 400, 512, 785].filter((n) => n <= most)) {
  const a = positive(n, 0.1, 'bench');
  const [all, values] = time([() => symmetricEigen(a, n), () => symmetricEigenvalues(a, n)]);
  row(['symmetricEigen', n, all.toFixed(2)]);
  row(['symmetricEigenvalues', n, values.toFixed(2)]);
}
