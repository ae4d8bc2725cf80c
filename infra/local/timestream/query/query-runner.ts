import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import type { Catalogue } from '../catalogue.ts';
import { bytesOf, LIMITS } from '../limits.ts';
import { invalid } from '../service-error.ts';
import { duckText } from '../sql/duck-text.ts';
import { rewriteQuery, UNNAMED } from '../sql/query-tree.ts';
import { showStatement, type TextTable } from '../sql/show-statement.ts';
import { parse, unparse } from '../sql/syntax-tree.ts';
import { placeOf, type Token, tokenize } from '../sql/tokenizer.ts';
import { type ColumnInfo, columnType } from './column-info.ts';
import { type Datum, datum } from './datum.ts';
import { queryError } from './query-error.ts';

/** A row in the form of the API. */
export interface AnswerRow {
  readonly Data: readonly Datum[];
}

/** The rows of a query, read piece by piece so that a large answer never stands in memory whole. */
export interface Answer {
  readonly columns: readonly ColumnInfo[];
  /** The next rows; empty at the end. */
  next(): Promise<readonly AnswerRow[]>;
  close(): void;
}

/** Runs one query on a connection that is the query's own. */
export async function runQuery(
  connection: DuckDBConnection,
  catalogue: Catalogue,
  sql: string,
  nowNs: bigint,
): Promise<Answer> {
  if (bytesOf(sql) > LIMITS.queryBytes) throw invalid(`The query exceeds ${LIMITS.queryBytes} bytes.`);
  const tokens = withoutEnd(tokenize(sql));
  if (tokens.length === 0) throw invalid('The query is empty.');
  const shown = showStatement(sql, tokens, catalogue);
  if (shown !== undefined) return textAnswer(shown);
  requireSelect(sql, tokens);
  try {
    const translated = await translate(connection, catalogue, sql, tokens, nowNs);
    return streamAnswer(await connection.stream(translated), sql, tokens);
  } catch (error) {
    throw queryError(error, placeOfName(sql, tokens));
  }
}

/** The columns that a query would give, without running it. */
export async function describeQuery(
  connection: DuckDBConnection,
  catalogue: Catalogue,
  sql: string,
  nowNs: bigint,
): Promise<readonly ColumnInfo[]> {
  const tokens = withoutEnd(tokenize(sql));
  const shown = showStatement(sql, tokens, catalogue);
  if (shown !== undefined) return textAnswer(shown).columns;
  requireSelect(sql, tokens);
  try {
    const prepared = await connection.prepare(await translate(connection, catalogue, sql, tokens, nowNs));
    const columns = Array.from({ length: prepared.columnCount }, (_, index) => ({
      Name: columnName(prepared.columnName(index), index),
      Type: columnType(prepared.columnType(index)),
    }));
    prepared.destroySync();
    return columns;
  } catch (error) {
    throw queryError(error, placeOfName(sql, tokens));
  }
}

/** The query as DuckDB runs it. */
async function translate(
  connection: DuckDBConnection,
  catalogue: Catalogue,
  sql: string,
  tokens: readonly Token[],
  nowNs: bigint,
): Promise<string> {
  const text = duckText(sql, tokens);
  const statement = await parse(connection, sql, text);
  const place = (location: number): string => placeOf(sql, text.originOf(location));
  rewriteQuery(statement, { catalogue, nowNs, placeOf: place, tables: new Set() });
  return unparse(connection, statement);
}

/** Refuses every other statement by its name: UNLOAD, INSERT, COPY, SET and whatever DuckDB knows besides. */
function requireSelect(sql: string, tokens: readonly Token[]): void {
  const [first] = tokens;
  const word = first?.value.toLowerCase() ?? '';
  if (first?.kind === 'name' ? ['select', 'with', 'values', 'table'].includes(word) : word === '(') return;
  const place = placeOf(sql, first?.offset ?? 0);
  throw invalid(
    `${place}: only SELECT, SHOW and DESCRIBE statements are supported, not ${first?.value.slice(0, 40)}`,
  );
}

/** One `;` may end a statement. */
function withoutEnd(tokens: readonly Token[]): readonly Token[] {
  const last = tokens.at(-1);
  return last?.kind === 'symbol' && last.value === ';' ? tokens.slice(0, -1) : tokens;
}

function placeOfName(sql: string, tokens: readonly Token[]): (name: string) => string {
  return (name) => {
    const found = tokens.find((token) => token.value.toLowerCase() === name.toLowerCase());
    return placeOf(sql, found?.offset ?? 0);
  };
}

function streamAnswer(result: DuckDBResult, sql: string, tokens: readonly Token[]): Answer {
  const types = result.columnTypes();
  const names = result.columnNames();
  const columns = types.map((type, index) => ({
    Name: columnName(names[index] ?? '', index),
    Type: columnType(type),
  }));
  return {
    columns,
    async next() {
      try {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return [];
        return chunk.getRows().map((row) => ({
          Data: row.map((value, index) => {
            const type = types[index];
            return type === undefined ? { NullValue: true } : datum(value, type);
          }),
        }));
      } catch (error) {
        throw queryError(error, placeOfName(sql, tokens));
      }
    },
    close() {},
  };
}

/** Columns without an alias are `_col0`, `_col1`, … as in Trino; a plain column keeps its name. */
function columnName(name: string, index: number): string {
  return name.startsWith(UNNAMED) ? `_col${index}` : name;
}

function textAnswer(table: TextTable): Answer {
  let rows: readonly AnswerRow[] = table.rows.map((row) => ({
    Data: row.map((text) => ({ ScalarValue: text })),
  }));
  return {
    columns: table.columns.map((name) => ({ Name: name, Type: { ScalarType: 'VARCHAR' } })),
    async next() {
      const all = rows;
      rows = [];
      return all;
    },
    close() {},
  };
}
