import { join } from 'node:path';
import { runQuery } from '../../functions/adapters/timestream/query.ts';
import { STORE_FOLDER } from '../../infra/local/data-folder/running-instance.ts';
import { localClients } from '../../infra/local/pipeline/local-clients.ts';
import { STORE } from '../../infra/local/timestream/catalogue.ts';
import { openDuck } from '../../infra/local/timestream/duck.ts';
import { startTimestream } from '../../infra/local/timestream/timestream-server.ts';
import { TABLE_SPECS } from '../../shared/tables.ts';

/** By table: every row as text, in one order whatever the rows' way there. */
export type StoredRows = Readonly<Record<string, readonly string[]>>;

/** Every column of every table of a folder that nothing runs on, by the query adapter. */
export async function storedRows(dir: string): Promise<StoredRows> {
  const { endpoint, close } = await startTimestream({ dir: join(dir, STORE_FOLDER), readOnly: true });
  const clients = localClients({
    dynamodb: endpoint,
    timestreamWrite: endpoint,
    timestreamQuery: endpoint,
  });
  try {
    const tables: Record<string, readonly string[]> = {};
    for (const { name } of TABLE_SPECS) {
      const { columns, rows } = await runQuery(clients.timestreamQuery, `SELECT * FROM "market"."${name}"`);
      const names = columns.map((column) => column.name);
      tables[name] = rows.map((row) => textOf(names.map((column, at) => [column, row[at]]))).sort();
    }
    return tables;
  } finally {
    clients.destroy();
    await close();
  }
}

/** 2⁴⁰: what stands below it in a version counts the symbol's events; above stands the epoch, a wall time. */
const EPOCH = 1_099_511_627_776n;

/** The rows once more as they are stored: with their versions, the epoch left out. */
export async function storedVersions(dir: string): Promise<StoredRows> {
  const duck = await openDuck(join(dir, STORE_FOLDER), true);
  try {
    const tables: Record<string, readonly string[]> = {};
    for (const [at, { name }] of TABLE_SPECS.entries()) {
      const found = await duck.writer.runAndReadAll(
        `SELECT * EXCLUDE (_series, _digest, _version), _version % ${EPOCH} AS version FROM ${STORE}.r${at + 1}`,
      );
      tables[name] = found
        .getRowObjectsJson()
        .map((row) => textOf(Object.entries(row)))
        .sort();
    }
    return tables;
  } finally {
    duck.close();
  }
}

/** A column without a value is no column. */
function textOf(columns: readonly (readonly [string, unknown])[]): string {
  return JSON.stringify(columns.filter(([, value]) => value != null).sort(([a], [b]) => (a < b ? -1 : 1)));
}
