/**
 * @module rl/workers/resolve-hook
 *
 * The hook that resolves `fim` and `fim/…` to the fim that runs, wherever the importing module lies. Runs in the thread that Node
 * keeps for hooks, or in the thread itself; it knows the addresses by `initialize`.
 */
type Next = (specifier: string, context: unknown) => unknown;

let addresses: Readonly<Record<string, string>> = {};

/** Addresses by specifier. */
export function initialize(given: Readonly<Record<string, string>>): void {
  addresses = given;
}

export function resolve(specifier: string, context: unknown, next: Next): unknown {
  const url = Object.hasOwn(addresses, specifier) ? addresses[specifier] : undefined;
  return url === undefined ? next(specifier, context) : { url, format: 'module', shortCircuit: true };
}
