import type { DuckDBConnection } from '@duckdb/node-api';
import { type Fields, isObject } from '../fields.ts';
import { quoteText } from '../quoting.ts';
import { invalid } from '../service-error.ts';
import type { DuckText } from './duck-text.ts';
import { placeOf } from './tokenizer.ts';

/** A node of DuckDB's syntax tree, as its JSON gives it. */
export interface Node {
  [field: string]: unknown;
}

/** The offset that DuckDB gives to nodes without a place; a number of JSON cannot hold it. */
const NOWHERE = /"query_location":18446744073709551615/g;

/** Parses a SELECT into DuckDB's syntax tree. A syntax error is told in the caller's terms. */
export async function parse(connection: DuckDBConnection, source: string, text: DuckText): Promise<Node> {
  const answer = await oneText(
    connection,
    `SELECT json_serialize_sql(${quoteText(text.sql)}::VARCHAR)::VARCHAR`,
  );
  const tree: unknown = JSON.parse(answer.replace(NOWHERE, '"query_location":0'));
  if (!isObject(tree)) throw invalid('The query cannot be read.');
  if (tree.error === true) throw syntaxError(source, text, tree);
  const statements = tree.statements;
  const first: unknown = Array.isArray(statements) && statements.length === 1 ? statements[0] : undefined;
  if (!isNode(first)) throw invalid('A query is exactly one statement.');
  return first;
}

/** The statement as SQL text again. */
export async function unparse(connection: DuckDBConnection, statement: Node): Promise<string> {
  const json = JSON.stringify({ error: false, statements: [statement] });
  return oneText(connection, `SELECT json_deserialize_sql(${quoteText(json)}::JSON)::VARCHAR`);
}

/** True for objects of the tree. */
export function isNode(value: unknown): value is Node {
  return isObject(value);
}

async function oneText(connection: DuckDBConnection, sql: string): Promise<string> {
  const result = await connection.runAndReadAll(sql);
  return String(result.getRowsJS()[0]?.[0] ?? '');
}

function syntaxError(source: string, text: DuckText, error: Fields): Error {
  const message = String(error.error_message);
  const position = Number(error.position);
  if (message.startsWith('Only SELECT')) {
    return invalid('line 1:1: only SELECT, SHOW and DESCRIBE statements are supported');
  }
  const place = Number.isFinite(position) ? placeOf(source, text.originOf(position)) : 'line 1:1';
  return invalid(`${place}: ${message}`);
}
