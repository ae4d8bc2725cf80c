import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier, quoteText } from './quoting.ts';
import { ServiceError } from './service-error.ts';

/** The types that a column of a table can have. */
export const COLUMN_TYPES = ['VARCHAR', 'DOUBLE', 'BIGINT', 'BOOLEAN', 'TIMESTAMP'] as const;
export type StoredType = (typeof COLUMN_TYPES)[number];

/** What DESCRIBE calls the attribute type of a column. */
export type ColumnRole = 'DIMENSION' | 'MEASURE_NAME' | 'TIMESTAMP' | 'MEASURE_VALUE' | 'MULTI';

/** A column as queries see it. */
export interface StoredColumn {
  readonly name: string;
  readonly type: StoredType;
  readonly role: ColumnRole;
}

/** What a caller may set on a table. */
export interface TableSettings {
  readonly memoryHours: number;
  readonly magneticDays: number;
  readonly magneticWrites: boolean;
  /** As given: echoed by DescribeTable, otherwise without effect here. */
  readonly rejectedDataLocation?: unknown;
  readonly schema?: unknown;
}

/** A table with its columns; `id` names its storage in DuckDB. */
export interface StoredTable {
  readonly id: number;
  readonly database: string;
  readonly name: string;
  readonly settings: TableSettings;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly columns: readonly StoredColumn[];
  /** Which measure names were written, and the types seen with each (`multi` or a scalar type). */
  readonly measures: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What the records of a write add to a table. */
export interface TableChange {
  readonly columns: readonly StoredColumn[];
  readonly measures: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A database and its tables by name. */
export interface StoredDatabase {
  readonly name: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tables: ReadonlyMap<string, StoredTable>;
}

/** The schema that holds the storage; no user SQL reaches it by name. */
export const STORE = '_store';

/** The view that queries of a table read. */
export function viewOf(table: StoredTable): string {
  return `v${table.id}`;
}

/** The DuckDB table that keeps the rows. */
export function rowsOf(table: StoredTable): string {
  return `r${table.id}`;
}

/** Databases and tables: kept in memory, written through to DuckDB, one change at a time. */
export class Catalogue {
  readonly #writer: DuckDBConnection;
  readonly databases: Map<string, StoredDatabase> = new Map();
  #nextId = 1;

  private constructor(writer: DuckDBConnection) {
    this.#writer = writer;
  }

  /** Reads what an earlier run left, or lays the empty catalogue. */
  static async open(writer: DuckDBConnection, readOnly: boolean): Promise<Catalogue> {
    const catalogue = new Catalogue(writer);
    if (!readOnly) {
      await writer.run(`CREATE SCHEMA IF NOT EXISTS ${STORE}`);
      await writer.run(`CREATE TABLE IF NOT EXISTS ${STORE}.catalogue (name VARCHAR, entry VARCHAR)`);
    }
    const rows = await writer.runAndReadAll(`SELECT entry FROM ${STORE}.catalogue`);
    for (const [entry] of rows.getRowsJS()) {
      if (typeof entry === 'string') catalogue.#restore(JSON.parse(entry));
    }
    return catalogue;
  }

  /** The database, or ResourceNotFoundException. */
  database(name: string): StoredDatabase {
    const found = this.databases.get(name);
    if (found === undefined) {
      throw new ServiceError('ResourceNotFoundException', `The database ${name} does not exist.`);
    }
    return found;
  }

  /** The table, or ResourceNotFoundException. */
  table(database: string, name: string): StoredTable {
    const found = this.database(database).tables.get(name);
    if (found === undefined) {
      throw new ServiceError('ResourceNotFoundException', `The table ${name} does not exist.`);
    }
    return found;
  }

  /** Adds an empty database. The name must be free. */
  async createDatabase(name: string, nowMs: number): Promise<StoredDatabase> {
    const database = { name, createdMs: nowMs, updatedMs: nowMs, tables: new Map<string, StoredTable>() };
    await this.#transaction(() => this.#save(database));
    this.databases.set(name, database);
    return database;
  }

  /** Removes a database that has no tables. */
  async deleteDatabase(name: string): Promise<void> {
    await this.#writer.run(`DELETE FROM ${STORE}.catalogue WHERE name = ${quoteText(name)}`);
    this.databases.delete(name);
  }

  /** Adds an empty table. The name must be free. */
  async createTable(
    database: StoredDatabase,
    name: string,
    settings: TableSettings,
    nowMs: number,
  ): Promise<StoredTable> {
    const table: StoredTable = {
      id: this.#nextId,
      database: database.name,
      name,
      settings,
      createdMs: nowMs,
      updatedMs: nowMs,
      columns: [
        { name: 'measure_name', type: 'VARCHAR', role: 'MEASURE_NAME' },
        { name: 'time', type: 'TIMESTAMP', role: 'TIMESTAMP' },
      ],
      measures: new Map(),
    };
    this.#nextId += 1;
    const changed = { ...database, updatedMs: nowMs, tables: new Map(database.tables).set(name, table) };
    await this.#transaction(async () => {
      await this.#writer.run(
        `CREATE TABLE ${STORE}.${rowsOf(table)} (_series BIGINT NOT NULL, _version BIGINT NOT NULL, ` +
          `_digest BIGINT NOT NULL, measure_name VARCHAR NOT NULL, "time" TIMESTAMP_NS NOT NULL)`,
      );
      await this.#replaceView(table, table.columns);
      await this.#save(changed);
    });
    this.databases.set(database.name, changed);
    return table;
  }

  /** Removes a table with its rows. */
  async deleteTable(table: StoredTable): Promise<void> {
    const database = this.database(table.database);
    const changed = { ...database, tables: new Map(database.tables) };
    changed.tables.delete(table.name);
    await this.#transaction(async () => {
      await this.#writer.run(`DROP VIEW ${STORE}.${viewOf(table)}`);
      await this.#writer.run(`DROP TABLE ${STORE}.${rowsOf(table)}`);
      await this.#save(changed);
    });
    this.databases.set(database.name, changed);
  }

  /**
   * Takes over what records brought: new columns (dimensions stand before `measure_name`, measures at the
   * end) and new measure names with their types.
   */
  async extend(table: StoredTable, change: TableChange): Promise<void> {
    const columns = [...table.columns];
    for (const column of change.columns) {
      const measureName = columns.findIndex((other) => other.role === 'MEASURE_NAME');
      columns.splice(column.role === 'DIMENSION' ? measureName : columns.length, 0, column);
    }
    const extended: StoredTable = { ...table, columns, measures: change.measures };
    const database = this.database(table.database);
    const changed = { ...database, tables: new Map(database.tables).set(table.name, extended) };
    await this.#transaction(async () => {
      for (const column of change.columns) {
        const type = column.type === 'TIMESTAMP' ? 'TIMESTAMP_NS' : column.type;
        await this.#writer.run(
          `ALTER TABLE ${STORE}.${rowsOf(table)} ADD COLUMN ${quoteIdentifier(column.name)} ${type}`,
        );
      }
      if (change.columns.length > 0) await this.#replaceView(table, columns);
      await this.#save(changed);
    });
    this.databases.set(database.name, changed);
  }

  /** Changes a table's settings. */
  async updateTable(table: StoredTable, settings: TableSettings, nowMs: number): Promise<StoredTable> {
    const database = this.database(table.database);
    const updated = { ...table, settings, updatedMs: nowMs };
    const changed = { ...database, tables: new Map(database.tables).set(table.name, updated) };
    await this.#transaction(() => this.#save(changed));
    this.databases.set(database.name, changed);
    return updated;
  }

  async #transaction(change: () => Promise<unknown>): Promise<void> {
    await this.#writer.run('BEGIN');
    try {
      await change();
      await this.#writer.run('COMMIT');
    } catch (error) {
      await this.#writer.run('ROLLBACK');
      throw error;
    }
  }

  async #replaceView(table: StoredTable, columns: readonly StoredColumn[]): Promise<void> {
    const names = columns.map((column) => quoteIdentifier(column.name)).join(', ');
    await this.#writer.run(
      `CREATE OR REPLACE VIEW ${STORE}.${viewOf(table)} AS SELECT ${names} FROM ${STORE}.${rowsOf(table)}`,
    );
  }

  async #save(database: StoredDatabase): Promise<void> {
    const entry = JSON.stringify({
      ...database,
      tables: [...database.tables.values()].map((table) => ({
        ...table,
        measures: [...table.measures].map(([name, types]) => [name, [...types]]),
      })),
    });
    await this.#writer.run(`DELETE FROM ${STORE}.catalogue WHERE name = ${quoteText(database.name)}`);
    await this.#writer.run(
      `INSERT INTO ${STORE}.catalogue VALUES (${quoteText(database.name)}, ${quoteText(entry)})`,
    );
  }

  #restore(entry: SavedDatabase): void {
    const tables = new Map<string, StoredTable>();
    for (const saved of entry.tables) {
      const measures = new Map(saved.measures.map(([name, types]) => [name, new Set(types)]));
      tables.set(saved.name, { ...saved, measures });
      this.#nextId = Math.max(this.#nextId, saved.id + 1);
    }
    this.databases.set(entry.name, { ...entry, tables });
  }
}

/** The form in which a database is kept: our own JSON, read back as it was written. */
interface SavedDatabase extends Omit<StoredDatabase, 'tables'> {
  readonly tables: readonly (Omit<StoredTable, 'measures'> & {
    readonly measures: readonly (readonly [string, readonly string[]])[];
  })[];
}
