/**
 * @module cli/commands/solve
 *
 * `fim solve FISHER --rhs V`: (F + λI)⁻¹v for vectors of a file.
 */
import { FimError } from '../../core/errors.js';
import { readArrays, writeArrays } from '../../disk/index.js';
import { fisherOfFile, usualDamping } from '../../jobs/matrix/file.js';
import { rightHandSides } from '../../jobs/matrix/right-hand-sides.js';
import { turn } from '../../jobs/yielding.js';
import { isFailure } from '../../matrix/index.js';
import { formatCount, formatNumber } from '../../report/format.js';
import type { Run } from '../command.js';
import { jsonLine } from '../mentions.js';
import { checkOutputs } from '../outputs.js';
import { wrap } from '../terminal/style.js';

/** Where nothing is said. */
const OUT = 'solution.npz';

/** Throws `usage/rhs` without right-hand sides, `matrix/singular` where there is no solution. */
export const run: Run<'solve'> = async ({ positionals, options, io, version, manifest, signal }) => {
  const { fisher: path } = positionals;
  const { rhs, out = OUT } = options;
  if (rhs === undefined) {
    throw new FimError({
      code: 'usage/rhs',
      kind: 'usage',
      where: 'fim solve',
      rule: 'needs the right-hand sides',
      next: `fim solve ${path} --rhs V.npz`,
    });
  }
  checkOutputs({ '--out': out }, { FISHER: path, '--rhs': rhs });
  const { fisher, facts } = fisherOfFile(readArrays(path));
  const { whole } = fisher;
  const damping = options.damping ?? (await usualDamping(fisher));
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
        next: `--damping ${damping > 0 ? 10 * damping : 1e-3}`,
      });
    }
    solutions.push(solved.solution);
  }
  writeArrays(out, back(solutions), {
    fim: version,
    form: whole.form,
    damping,
    parametersHash: facts.parametersHash,
    command: manifest,
  });
  const said = { form: whole.form, parameters: whole.size, damping, vectors: vectors.length, out };
  if (options.json) return void io.stdout.write(jsonLine(said));
  const words = `${out}: ${formatCount(vectors.length)} ${vectors.length === 1 ? 'solution' : 'solutions'} of (F + λI) u = v by the ${whole.form} Fisher of ${formatCount(whole.size)} parameters, λ = ${formatNumber(damping)}`;
  io.stdout.write(`${wrap(words, io.stdout.columns)}\n`);
};
