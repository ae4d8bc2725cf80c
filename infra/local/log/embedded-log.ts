import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { Log, LogReader } from '../../../shared/log/log.ts';
import { LOG_ERRORS, unknownPartition, unknownTopic } from '../../../shared/log/log-errors.ts';
import { openLogDatabase } from './log-database.ts';
import { SqliteStore } from './sqlite-store.ts';
import { StoredLog } from './stored-log.ts';

/** Retention and compaction look once a minute. */
const UPKEEP_MS = 60_000;
const READ_BYTES = 8 * 1024 * 1024;

/** Where the log lies, and its clock. */
export interface EmbeddedLogOptions {
  /** A folder of its own; created where it is missing. */
  readonly dir: string;
  /** Wall time: record timestamps and retention follow it, also in a replay. */
  readonly clock: Clock;
  /** How often retention and compaction look. @default 60000 */
  readonly upkeepMs?: number;
}

/**
 * Opens the embedded log for this process to write: topics, groups and offsets in one SQLite file. An
 * acknowledged send survives SIGKILL. Sends of one turn of the event loop share a transaction.
 *
 * @throws CodedError `LOG_IN_USE` where another process writes this folder.
 */
export function openEmbeddedLog(options: EmbeddedLogOptions): Log {
  return new StoredLog({
    store: new SqliteStore(openLogDatabase(options.dir, 'write')),
    clock: options.clock,
    schedule: setImmediate,
    upkeepMs: options.upkeepMs ?? UPKEEP_MS,
  });
}

/**
 * Opens an embedded log to read it, also while another process writes it: for the operator's commands.
 * `ensureTopics`, `producer` and `consumer` fail with `LOG_READ_ONLY`.
 */
export function openEmbeddedLogReadOnly(options: { readonly dir: string }): Log {
  const store = new SqliteStore(openLogDatabase(options.dir, 'read'));
  const refuse = async () => {
    throw new CodedError(
      LOG_ERRORS.readOnly,
      `The log in ${options.dir} is open for reading only; the process that runs it must do the writing.`,
      { data: { dir: options.dir } },
    );
  };
  return {
    ensureTopics: refuse,
    producer: refuse,
    consumer: refuse,
    reader: async () => readerOf(store),
    close: async () => store.close(),
  };
}

function readerOf(store: SqliteStore): LogReader {
  const partitionsOf = (topic: string): number => {
    store.refresh();
    const spec = store.topic(topic);
    if (spec === undefined) throw unknownTopic(topic);
    return spec.partitions;
  };
  const check = (topic: string, partition: number) => {
    if (partition < 0 || partition >= partitionsOf(topic)) throw unknownPartition(topic, partition);
  };
  return {
    partitions: async (topic) => partitionsOf(topic),
    bounds: async (topic, partition) => {
      check(topic, partition);
      return store.bounds(topic, partition);
    },
    read: async ({ topic, partition, offset }, maxRecords) => {
      check(topic, partition);
      return store.read(topic, partition, offset, { maxRecords, maxBytes: READ_BYTES });
    },
  };
}
