import type { Catalogue, StoredDatabase, StoredTable } from '../catalogue.ts';
import { invalid } from '../service-error.ts';
import { placeOf, type Token } from './tokenizer.ts';

/** A finished answer whose every value is a text. */
export interface TextTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Answers `SHOW DATABASES`, `SHOW TABLES FROM db`, `SHOW MEASURES FROM db.table` (each with `LIKE`) and
 * `DESCRIBE db.table`; undefined where the statement is none of these.
 */
export function showStatement(
  sql: string,
  tokens: readonly Token[],
  catalogue: Catalogue,
): TextTable | undefined {
  const reader = new TokenReader(sql, tokens);
  const first = reader.word();
  if (first === 'describe' || first === 'desc') {
    const table = tableOf(reader, catalogue);
    reader.end();
    return describe(table);
  }
  if (first !== 'show') return undefined;
  const what = reader.word();
  switch (what) {
    case 'databases':
      return listed('Database', [...catalogue.databases.keys()], reader);
    case 'tables': {
      reader.expect('from');
      const database = databaseOf(reader, catalogue);
      return listed('Table', [...database.tables.keys()], reader);
    }
    case 'measures': {
      reader.expect('from');
      return measures(tableOf(reader, catalogue), reader.like());
    }
    default:
      throw invalid(`line 1:1: SHOW ${what?.toUpperCase() ?? ''} is not supported by the local Timestream`);
  }
}

function listed(column: string, names: readonly string[], reader: TokenReader): TextTable {
  const like = reader.like();
  return {
    columns: [column],
    rows: names
      .filter(like)
      .toSorted()
      .map((name) => [name]),
  };
}

function describe(table: StoredTable): TextTable {
  return {
    columns: ['Column', 'Type', 'Timestream attribute type'],
    rows: table.columns.map((column) => [column.name, column.type.toLowerCase(), column.role]),
  };
}

function measures(table: StoredTable, like: (name: string) => boolean): TextTable {
  const dimensions = table.columns.filter((column) => column.role === 'DIMENSION');
  const list = `[${dimensions.map(({ name }) => `{"dimension_name":"${name}","data_type":"varchar"}`).join(',')}]`;
  const rows = [...table.measures].flatMap(([name, kinds]) => [...kinds].map((kind) => [name, kind, list]));
  return {
    columns: ['measure_name', 'data_type', 'dimensions'],
    rows: rows.filter(([name]) => like(name ?? '')),
  };
}

function databaseOf(reader: TokenReader, catalogue: Catalogue): StoredDatabase {
  const name = reader.name();
  const database = catalogue.databases.get(name);
  if (database === undefined) throw invalid(`line 1:1: Schema ${name} does not exist`);
  return database;
}

function tableOf(reader: TokenReader, catalogue: Catalogue): StoredTable {
  const database = databaseOf(reader, catalogue);
  reader.expect('.');
  const name = reader.name();
  const table = database.tables.get(name);
  if (table === undefined) throw invalid(`line 1:1: Table ${database.name}.${name} does not exist`);
  return table;
}

/** Reads the few tokens of such a statement one after another. */
class TokenReader {
  readonly #sql: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(sql: string, tokens: readonly Token[]) {
    this.#sql = sql;
    this.#tokens = tokens;
  }

  word(): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'name') return undefined;
    this.#at += 1;
    return token.value.toLowerCase();
  }

  name(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'name' && token?.kind !== 'quotedName') throw this.#mismatch();
    this.#at += 1;
    return token.value;
  }

  expect(word: string): void {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.value.toLowerCase() !== word) throw this.#mismatch();
    this.#at += 1;
  }

  /** An optional `LIKE 'pattern'` up to the end of the statement. */
  like(): (name: string) => boolean {
    if (this.#tokens[this.#at] === undefined) return () => true;
    this.expect('like');
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'text') throw this.#mismatch();
    this.#at += 1;
    this.end();
    const escaped = token.value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const pattern = new RegExp(`^${escaped.replaceAll('%', '.*').replaceAll('_', '.')}$`, 's');
    return (name) => pattern.test(name);
  }

  end(): void {
    if (this.#tokens[this.#at] !== undefined) throw this.#mismatch();
  }

  #mismatch(): Error {
    const token = this.#tokens[this.#at];
    const place = placeOf(this.#sql, token?.offset ?? this.#sql.length);
    return invalid(`${place}: mismatched input '${token?.value ?? '<EOF>'}'`);
  }
}
