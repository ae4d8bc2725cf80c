import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { CodedError } from '../../../shared/coded-error.ts';

/** The name of the database file in the service's folder. */
export const DATABASE_FILE = 'timestream.duckdb';

/** An open DuckDB; one connection writes, the others only read. */
export interface Duck {
  readonly writer: DuckDBConnection;
  /** A new connection for a query; close it when the query is done. */
  connect(): Promise<DuckDBConnection>;
  /** After this no configuration can change and no file can be reached from SQL. */
  lock(): Promise<void>;
  close(): void;
}

/**
 * Opens the database of a folder, or one in memory for `null`.
 *
 * Fails with `TIMESTREAM_FOLDER_IN_USE` where another process has it open, with `TIMESTREAM_NO_DATABASE`
 * where it is to be read only and is not there, and with `TIMESTREAM_OPEN_FAILED` for anything else.
 */
export async function openDuck(dir: string | null, readOnly: boolean): Promise<Duck> {
  const instance = await open(dir, readOnly);
  const writer = await instance.connect();
  await writer.run("SET GLOBAL TimeZone = 'UTC'");
  return {
    writer,
    connect: () => instance.connect(),
    async lock() {
      await writer.run('SET enable_external_access = false');
      await writer.run('SET lock_configuration = true');
    },
    close() {
      writer.closeSync();
      instance.closeSync();
    },
  };
}

async function open(dir: string | null, readOnly: boolean): Promise<DuckDBInstance> {
  const path = dir === null ? ':memory:' : join(dir, DATABASE_FILE);
  try {
    if (dir !== null && !readOnly) mkdirSync(dir, { recursive: true });
    return await DuckDBInstance.create(path, {
      memory_limit: dir === null ? '1GB' : '256MB',
      threads: '2',
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      integer_division: 'true',
      wal_autocheckpoint: '64MB',
      ...(readOnly && dir !== null ? { access_mode: 'READ_ONLY' } : {}),
      ...(dir === null
        ? { temp_directory: '' }
        : { temp_directory: `${path}.tmp`, max_temp_directory_size: '2GB' }),
    });
  } catch (error) {
    throw openError(dir, error);
  }
}

function openError(dir: string | null, cause: unknown): CodedError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const where = dir ?? 'memory';
  const data = { dir };
  if (text.includes('lock on file')) {
    return new CodedError(
      'TIMESTREAM_FOLDER_IN_USE',
      `The Timestream data in ${where} is open in another process. Stop that one, or ask it over HTTP.`,
      { cause, data, canRetry: true },
    );
  }
  if (text.includes('does not exist')) {
    return new CodedError('TIMESTREAM_NO_DATABASE', `There is no Timestream data in ${where}.`, {
      cause,
      data,
    });
  }
  return new CodedError('TIMESTREAM_OPEN_FAILED', `Cannot open the Timestream data in ${where}: ${text}`, {
    cause,
    data,
  });
}
