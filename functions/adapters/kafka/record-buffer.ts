import type { LogRecord } from '../../../shared/log/log.ts';

/** Records fetched from Kafka and not yet asked for, in order; bounded by whoever fills it. */
export class RecordBuffer {
  #records: LogRecord[] = [];
  #head = 0;
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#head === this.#records.length;
  }

  /** Bytes of keys and values that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  add(record: LogRecord): void {
    this.#records.push(record);
    this.#bytes += bytesOf(record);
  }

  /** Takes from the front within the limits; the first record whatever its size. */
  take(maxRecords: number, maxBytes: number): LogRecord[] {
    const taken: LogRecord[] = [];
    let bytes = 0;
    while (taken.length < maxRecords && this.#head < this.#records.length) {
      const record = this.#records[this.#head];
      if (record === undefined) break;
      bytes += bytesOf(record);
      if (taken.length > 0 && bytes > maxBytes) break;
      this.#bytes -= bytesOf(record);
      taken.push(record);
      this.#head += 1;
    }
    if (this.#head > 4096 || this.isEmpty) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  /** Forgets the records of a partition, or all. */
  drop(partition?: number): void {
    const kept =
      partition === undefined
        ? []
        : this.#records.slice(this.#head).filter((record) => record.partition !== partition);
    this.#records = kept;
    this.#head = 0;
    this.#bytes = kept.reduce((sum, record) => sum + bytesOf(record), 0);
  }
}

function bytesOf({ key, value }: LogRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}
