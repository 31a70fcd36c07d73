/**
 * @module cli/guard-streams
 *
 * Streams that fail: whoever reads standard output may have seen enough (`fim … | head`), and the run ends as one that was done; a disk that
 * takes no more of it is a complaint. Standard error is for an audience, and a run needs none: it goes on without.
 */

/** The part of Node's process that is used. */
export interface Streaming {
  readonly stdout: { on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown };
  readonly stderr: {
    on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
    write(text: string): unknown;
  };
  exit(code: number): unknown;
}

/** How a run ends whose standard output failed, and what it says on standard error. */
export function streamEnd({ code, message }: NodeJS.ErrnoException): {
  readonly code: 0 | 3;
  readonly words: string;
} {
  if (code === 'EPIPE') return { code: 0, words: '' };
  const next = code === 'ENOSPC' ? 'free some disk space, or write to another disk' : 'write to another file';
  return {
    code: 3,
    words: `error: standard output: could not be written\n  got:   ${message}\n\nhint: ${next}\n`,
  };
}

/** Listens to both streams. */
export function guardStreams(process: Streaming): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error) => {
    const { code, words } = streamEnd(error);
    if (words !== '') process.stderr.write(words);
    process.exit(code);
  });
}
