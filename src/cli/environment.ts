/**
 * @module cli/environment
 *
 * ENV on a command line: the name of an environment, or a module of the user's.
 */
export {
  changedSince,
  checkedEnvironment,
  environmentId,
  isModule,
  moduleOf,
} from '../store/training/environment-id.js';
