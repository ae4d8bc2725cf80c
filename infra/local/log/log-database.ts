import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CodedError } from '../../../shared/coded-error.ts';
import { LOG_ERRORS } from '../../../shared/log/log-errors.ts';
import { LOG_SCHEMA, SCHEMA_VERSION } from './log-schema.ts';

const RECORDS_FILE = 'log.sqlite';
const LOCK_FILE = 'log.lock';

/** An open folder of the embedded log. */
export interface LogDatabase {
  readonly database: DatabaseSync;
  /** Lets go of the folder; the operating system does the same when the process dies. */
  close(): void;
}

/**
 * Opens the folder of an embedded log. One process may write: it holds a lock beside the records, so that
 * readers are not shut out by it.
 *
 * With WAL and `synchronous = NORMAL` a committed transaction survives the death of the process at any
 * moment; after a power cut the last ones may be missing, but the file is whole.
 *
 * @throws CodedError `LOG_IN_USE` where another process writes, `LOG_NOT_FOUND` where a reader finds no log,
 *   `LOG_FORMAT` where another version wrote it.
 */
export function openLogDatabase(dir: string, mode: 'write' | 'read'): LogDatabase {
  if (mode === 'read') return openForReading(dir);
  mkdirSync(dir, { recursive: true });
  const lock = takeLock(dir);
  try {
    const database = new DatabaseSync(join(dir, RECORDS_FILE), { timeout: 5000 });
    database.exec('PRAGMA page_size = 8192');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = NORMAL');
    // Checkpoints at 4,000 pages of 8 KB: rarer, longer ones cost less than many small.
    database.exec('PRAGMA wal_autocheckpoint = 4000');
    const version = userVersion(database);
    if (version !== 0) checkVersion(dir, version);
    database.exec(LOG_SCHEMA);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    return {
      database,
      close: () => {
        database.close();
        lock.close();
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

function openForReading(dir: string): LogDatabase {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(dir, RECORDS_FILE), { readOnly: true, timeout: 5000 });
    checkVersion(dir, userVersion(database));
    const open = database;
    return { database: open, close: () => open.close() };
  } catch (cause) {
    database?.close();
    if (cause instanceof CodedError) throw cause;
    throw new CodedError(
      'LOG_NOT_FOUND',
      `There is no log to read in ${dir}. Name the data folder of a run.`,
      {
        cause,
        data: { dir },
      },
    );
  }
}

function takeLock(dir: string): DatabaseSync {
  const lock = new DatabaseSync(join(dir, LOCK_FILE), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    throw new CodedError(
      LOG_ERRORS.inUse,
      `The log in ${dir} is written by another process. Stop that process, or name another data folder.`,
      { cause, data: { dir } },
    );
  }
}

function userVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

function checkVersion(dir: string, version: number): void {
  if (version === SCHEMA_VERSION) return;
  throw new CodedError(
    'LOG_FORMAT',
    `The log in ${dir} has format ${version}; this version reads format ${SCHEMA_VERSION}. Use a new folder.`,
    { data: { dir, version } },
  );
}
