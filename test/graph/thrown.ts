/** The error that a function ends in. */
import { FimError } from '../../src/core/errors.js';

export function thrown(f: () => unknown): FimError {
  try {
    f();
  } catch (e) {
    if (e instanceof FimError) return e;
    throw e;
  }
  throw new FimError({ code: 'test/nothing-thrown', where: 'the test', rule: 'an error was expected' });
}
