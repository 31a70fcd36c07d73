/**
 * @module core/error-text
 *
 * The text of whatever was thrown, which need be no error, nor have a text: code of others throws null, and objects whose own words throw.
 */

/** Its message, or it as text. Never throws. */
export function errorText(error: unknown): string {
  return safely(() => String(error instanceof Error ? error.message : error));
}

/** Its stack, else its message. Never throws. */
export function errorStack(error: unknown): string {
  return safely(() => String(error instanceof Error ? (error.stack ?? error.message) : error));
}

function safely(text: () => string): string {
  try {
    return text();
  } catch {
    return 'something that has no text';
  }
}
