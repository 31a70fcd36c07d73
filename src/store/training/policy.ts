/**
 * @module store/training/policy
 *
 * The policy in a run's folder: its result says the SHA-256 of the file, so that one which was damaged or exchanged since is never taken for
 * what the run learned.
 */
import { join } from 'node:path';
import { FimError } from '../../core/errors.js';
import { quote } from '../../core/shell.js';
import { readBytes, sha256 } from '../../disk/files.js';
import { exists } from '../../disk/paths.js';
import { FILES, readResult } from '../folder/index.js';

/** Its name in the folder. */
export const POLICY_FILE = 'policy.onnx';

/** Holds the policy of a folder against what the folder's result says; one without a result, or of others, is let be. Throws `run/policy-damaged`. */
export function requirePolicy(folder: string, bytes?: Uint8Array): void {
  const want = readResult(folder)?.policySha256;
  if (want === undefined) return;
  const file = join(folder, POLICY_FILE);
  const found = bytes ?? (exists(file) ? readBytes(file) : null);
  if (found !== null && sha256(found) === want) return;
  throw new FimError({
    code: 'run/policy-damaged',
    where: file,
    rule: 'a policy in the folder of a run is the one that the run wrote',
    got: found === null ? 'none' : 'a file of another SHA-256 than result.json says',
    cause: 'the file was edited, damaged or exchanged',
    next: `rm ${quote(join(folder, FILES.result))}   # the same command then writes both again, from the last checkpoint`,
  });
}
