/**
 * @module cli/flags
 *
 * Flags of the command line, from the names of settings (settings/table).
 */

/** `targetError` → `--target-error`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
