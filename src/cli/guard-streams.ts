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

/** Listens to both streams. */
export function guardStreams(process: Streaming): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') process.stderr.write(complaint(error));
    process.exit(error.code === 'EPIPE' ? 0 : 3);
  });
}

const complaint = ({ code, message }: NodeJS.ErrnoException): string =>
  `error: standard output: could not be written\n  got:   ${message}\n\nhint: ${
    code === 'ENOSPC' ? 'free some disk space, or write to another disk' : 'write to another file'
  }\n`;
