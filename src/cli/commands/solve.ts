/**
 * @module cli/commands/solve
 *
 * `fim solve FISHER --rhs V` and `fim solve MODEL DATA --rhs V`: (F + λI)⁻¹v for vectors of a file.
 */
import { type ExitCode, FimError } from '../../core/errors.js';
import { quote } from '../../core/shell.js';
import { readArrays, writeArrays } from '../../disk/index.js';
import { exactDiagonal, usualOf } from '../../jobs/matrix/exact-diagonal.js';
import { usualDamping } from '../../jobs/matrix/file.js';
import { rightHandSides } from '../../jobs/matrix/right-hand-sides.js';
import { turn } from '../../jobs/yielding.js';
import { networkDigests } from '../../fisher/sums/digests.js';
import { type FisherMatrix, isFailure } from '../../matrix/index.js';
import { formatCount, formatNumber } from '../../report/format.js';
import type { Context, Run } from '../command.js';
import { openFisher } from '../matrix/fisher-file.js';
import { openProducts } from '../matrix/products.js';
import { sayUnused } from '../matrix/unused.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf } from '../terminal/messages.js';
import { jsonLine } from '../mentions.js';
import { checkOutputs } from '../outputs.js';
import { wrap } from '../terminal/style.js';

/** Where nothing is said. */
const OUT = 'solution.npz';

/** Throws `usage/rhs` without right-hand sides, `matrix/singular` where there is no solution. */
export const run: Run<'solve'> = async (context) => {
  const { positionals, options } = context;
  const { fisher: path, data } = positionals;
  const { rhs, out = OUT } = options;
  if (rhs === undefined) {
    throw new FimError({
      code: 'usage/rhs',
      kind: 'usage',
      where: 'fim solve',
      rule: 'needs the right-hand sides',
      next: `fim solve ${[path, ...(data === undefined ? [] : [data])].map(quote).join(' ')} --rhs V.npz`,
    });
  }
  checkOutputs(
    { '--out': out },
    { FISHER: path, '--rhs': rhs, ...(data === undefined ? {} : { DATA: data }) },
  );
  const solver = data === undefined ? await solverOfFile(context) : await solverOfModel(context, data);
  try {
    return await solveAll(solver, context, { rhs, out });
  } finally {
    solver.dispose();
  }
};

/** What solves, and at which λ. */
interface Solver {
  readonly whole: Pick<FisherMatrix, 'solve' | 'layout' | 'size' | 'form'>;
  readonly damping: number;
  /** Digest of θ; null: not said. */
  readonly parametersHash: string | null;
  /** Whether products are in float32, whose rounding ends a solve early. */
  readonly single: boolean;
  dispose(): void;
}

async function solverOfFile({ positionals, options, io, given }: Context<'solve'>): Promise<Solver> {
  const path = positionals.fisher;
  const meant = `fim solve ${quote(path)} DATA.npz --rhs ${quote(options.rhs as string)}`;
  const { fisher, facts } = openFisher(path, meant);
  const damping = options.damping ?? (await usualDamping(fisher));
  sayUnused(messagesOf(io, options), given, ['rhs', 'out']);
  const { parametersHash } = facts;
  return { whole: fisher.whole, damping, parametersHash, single: false, dispose: () => undefined };
}

async function solverOfModel(
  { positionals, options, io, signal }: Context<'solve'>,
  data: string,
): Promise<Solver> {
  const messages = messagesOf(io, options);
  const progress = startProgress(io, 'solve', options.quiet);
  const opened = await openProducts(positionals.fisher, data, options, {
    ...{ messages, signal },
    hear: (passes) => progress.update(0, `${passes} passes`),
  });
  const { fisher, subject, visits, network } = opened;
  const request = { ...visits, memory: options.memory, signal };
  const damping =
    options.damping ??
    usualOf(await exactDiagonal(subject, request, () => progress.update(0, 'diagonal')), fisher.size);
  return {
    ...{ whole: fisher, damping, parametersHash: networkDigests(network).parameters },
    single: network.h.dtype === 'float32',
    dispose() {
      progress.end();
      opened.dispose();
    },
  };
}

/** Solves for all right-hand sides, and writes. Throws `matrix/singular`. */
async function solveAll(
  { whole, damping, parametersHash, single }: Solver,
  { positionals: { fisher: path }, options, io, version, manifest, signal }: Context<'solve'>,
  { rhs, out }: { readonly rhs: string; readonly out: string },
): Promise<ExitCode | void> {
  const { vectors, back } = rightHandSides(readArrays(rhs), whole.layout);
  const solutions: Float64Array[] = [];
  for (const v of vectors) {
    await turn();
    if (signal.aborted) {
      io.stderr.write(
        `interrupted after ${solutions.length} of ${vectors.length} solutions: nothing was written\n`,
      );
      return 130;
    }
    const solved = await whole.solve(v, damping);
    if (isFailure(solved)) {
      throw new FimError({
        code: 'matrix/singular',
        kind: 'answer-no',
        where: path,
        rule: 'F + λI is to have an inverse',
        got: solved.failed,
        next: `${single ? '--dtype float64, or ' : ''}--damping ${damping > 0 ? 10 * damping : 1e-3}`,
      });
    }
    solutions.push(solved.solution);
  }
  writeArrays(out, back(solutions), {
    fim: version,
    form: whole.form,
    damping,
    parametersHash,
    command: manifest,
  });
  const said = { form: whole.form, parameters: whole.size, damping, vectors: vectors.length, out };
  if (options.json) return void io.stdout.write(jsonLine(said));
  const words = `${out}: ${formatCount(vectors.length)} ${vectors.length === 1 ? 'solution' : 'solutions'} of (F + λI) u = v by the ${whole.form} Fisher of ${formatCount(whole.size)} parameters, λ = ${formatNumber(damping)}`;
  io.stdout.write(`${wrap(words, io.stdout.columns)}\n`);
}
