/**
 * @module store/folder/event-file
 *
 * Scalars for TensorBoard, one record a step. The file's name is fixed: TensorBoard wants `tfevents` in it and nothing more, and a
 * resumed run must find its own file again. A file that was cut back and went on is one file to TensorBoard, whose records lie where
 * they lay, so one that watches through a kill sees no step twice.
 */
import { invariant } from '../../core/errors.js';
import { AppendFile } from './append-file.js';
import { type Scalars, scalarRecord, versionRecord } from './event-record.js';

export const EVENT_FILE = 'events.out.tfevents.0000000000.fim';

export class EventFile {
  private readonly file: AppendFile;

  /** Opens the file, cut to `offset` bytes; 0 makes it anew. Throws as `AppendFile` does. */
  constructor(path: string, offset = 0) {
    this.file = new AppendFile(path, offset);
  }

  get offset(): number {
    return this.file.offset;
  }

  /** Adds scalars at `step`; `wallTime` in seconds since 1970. The first also writes the file's version. */
  append(scalars: Scalars, step: number, wallTime: number): void {
    invariant(
      Number.isSafeInteger(step) && step >= 0,
      this.file.path,
      `a step is an integer ≥ 0, got ${step}`,
    );
    const record = scalarRecord(scalars, step, wallTime);
    if (this.offset > 0) this.file.append(record);
    else {
      const version = versionRecord(wallTime);
      const both = new Uint8Array(version.length + record.length);
      both.set(version);
      both.set(record, version.length);
      this.file.append(both);
    }
  }

  flush(): void {
    this.file.flush();
  }

  close(): void {
    this.file.close();
  }
}
