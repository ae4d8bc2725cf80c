import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The file in a data folder to which a run appends its lines; the one before it ends in `.1`. */
export const MONITOR_LOG = 'monitor.log';

const MAX_BYTES = 5_000_000;

/**
 * The lines of a run in its data folder: JSON, one a line, in two files of bounded size. A disk that takes no more
 * loses lines and never stops the run.
 */
export class MonitorLog {
  readonly #path: string;
  readonly #maxBytes: number;
  #file: number | undefined;
  #bytes = 0;
  /** Lines that could not be written. */
  lost = 0;

  constructor(dir: string, options: { readonly maxBytes?: number } = {}) {
    this.#path = join(dir, MONITOR_LOG);
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    mkdirSync(dir, { recursive: true });
  }

  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    try {
      if (this.#file === undefined) this.#open();
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#maxBytes) this.#rotate();
      if (this.#file !== undefined) writeSync(this.#file, bytes);
      this.#bytes += bytes.length;
    } catch {
      this.lost += 1;
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): void {
    this.#file = openSync(this.#path, 'a');
    this.#bytes = fstatSync(this.#file).size;
  }

  #rotate(): void {
    this.close();
    renameSync(this.#path, `${this.#path}.1`);
    this.#open();
  }
}
