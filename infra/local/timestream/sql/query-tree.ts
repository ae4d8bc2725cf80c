import { type Catalogue, STORE, type StoredTable, viewOf } from '../catalogue.ts';
import { invalid } from '../service-error.ts';
import { FUNCTIONS, INTERVAL_FUNCTIONS, OPERATORS } from './functions.ts';
import { MACRO_CATALOG } from './macros.ts';
import { isNode, type Node } from './syntax-tree.ts';
import { jodaFormat, mysqlFormat } from './time-format.ts';
import { spreadUnnest } from './unnest.ts';

/** Kinds of nodes that are neither an expression nor a table, and hold only others. */
const TABLE_KINDS = new Set(['BASE_TABLE', 'SUBQUERY', 'JOIN', 'TABLE_FUNCTION', 'EMPTY', 'EXPRESSION_LIST']);

/** Kinds of expressions that a query may hold. */
const EXPRESSION_CLASSES = new Set([
  'BETWEEN',
  'CASE',
  'CAST',
  'COLLATE',
  'COLUMN_REF',
  'COMPARISON',
  'CONJUNCTION',
  'CONSTANT',
  'FUNCTION',
  'LAMBDA',
  'OPERATOR',
  'STAR',
  'SUBQUERY',
  'WINDOW',
]);

const QUERY_NODES = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE', 'CTE_NODE']);

/** The types of Timestream that CAST knows, and DuckDB's names for them. */
const CAST_TYPES: ReadonlyMap<string, string> = new Map([
  ['VARCHAR', 'VARCHAR'],
  ['DOUBLE', 'DOUBLE'],
  ['FLOAT', 'DOUBLE'],
  ['BIGINT', 'BIGINT'],
  ['INTEGER', 'INTEGER'],
  ['BOOLEAN', 'BOOLEAN'],
  ['DATE', 'DATE'],
  ['TIME', 'TIME'],
  ['TIMESTAMP', 'TIMESTAMP_NS'],
  ['TIMESTAMP_NS', 'TIMESTAMP_NS'],
  ['INTERVAL', 'INTERVAL'],
]);

/** What the rewriting needs to know. */
export interface QueryScope {
  readonly catalogue: Catalogue;
  /** The present, in nanoseconds: what `now()` says. */
  readonly nowNs: bigint;
  /** `line 1:8` of a node's place. */
  readonly placeOf: (location: number) => string;
  /** The tables that the query reads; filled in while rewriting. */
  readonly tables: Set<StoredTable>;
}

/**
 * Turns the tree of a query in Timestream's dialect into one that DuckDB runs: tables become the views of the
 * store, functions what answers them. It is also the gate: a table, function, type or kind of node that is not
 * on a list is refused by name, so no file, setting or storage can be reached whatever the SQL says.
 */
export function rewriteQuery(statement: Node, scope: QueryScope): void {
  rewrite(statement, scope, new Set());
}

function rewrite(value: unknown, scope: QueryScope, outer: ReadonlySet<string>): void {
  if (Array.isArray(value)) {
    for (const entry of value) rewrite(entry, scope, outer);
    return;
  }
  if (!isNode(value)) return;
  const inner = withOwnNames(value, outer);
  if (typeof value.class === 'string') rewriteExpression(value, scope);
  else if (typeof value.type === 'string') rewriteTable(value, scope, inner);
  for (const field of Object.values(value)) rewrite(field, scope, inner);
}

/** The names of WITH that hold inside the node. */
function withOwnNames(node: Node, outer: ReadonlySet<string>): ReadonlySet<string> {
  const map = isNode(node.cte_map) ? node.cte_map.map : undefined;
  if (!Array.isArray(map) || map.length === 0) return outer;
  const names = map.filter(isNode).map((entry) => String(entry.key).toLowerCase());
  return new Set([...outer, ...names]);
}

function rewriteTable(node: Node, scope: QueryScope, names: ReadonlySet<string>): void {
  const type = String(node.type);
  if ('null_order' in node) return;
  if (QUERY_NODES.has(type) || type.endsWith('_MODIFIER')) {
    if (node.sample !== null && node.sample !== undefined) throw invalid('TABLESAMPLE is not supported');
    if (node.qualify !== null && node.qualify !== undefined) throw invalid('QUALIFY is not supported');
    nameColumns(node);
    return;
  }
  if (!TABLE_KINDS.has(type)) throw unsupported(type.toLowerCase().replaceAll('_', ' '), node, scope);
  if (node.sample !== null && node.sample !== undefined) throw invalid('TABLESAMPLE is not supported');
  if (type === 'BASE_TABLE') rewriteBaseTable(node, scope, names);
  if (type === 'JOIN') rewriteJoin(node, scope);
  if (type === 'TABLE_FUNCTION') {
    const call = isNode(node.function) ? node.function : {};
    if (call.function_name !== 'unnest')
      throw unsupported(`table function ${call.function_name}`, node, scope);
    spreadUnnest(node, call);
  }
}

/** The alias of an expression that has none: its column is called by its position, as in Trino. */
export const UNNAMED = '_col?';

function nameColumns(select: Node): void {
  if (!Array.isArray(select.select_list)) return;
  for (const item of select.select_list) {
    if (!isNode(item) || item.class === 'STAR' || item.class === 'COLUMN_REF') continue;
    if (String(item.alias ?? '') === '') item.alias = UNNAMED;
  }
}

function rewriteBaseTable(node: Node, scope: QueryScope, names: ReadonlySet<string>): void {
  const schema = String(node.schema_name ?? '');
  const name = String(node.table_name ?? '');
  if (String(node.catalog_name ?? '') !== '') throw unsupported(`table ${name} of a catalogue`, node, scope);
  if (node.at_clause !== null && node.at_clause !== undefined) throw unsupported('AT', node, scope);
  if (schema === '') {
    if (names.has(name.toLowerCase())) return;
    throw invalid(
      `${placeIn(node, scope)}: Schema must be specified when session schema is not set: ${name}`,
    );
  }
  const database = find(scope.catalogue.databases, schema);
  const table = database === undefined ? undefined : find(database.tables, name);
  if (database === undefined) throw invalid(`${placeIn(node, scope)}: Schema ${schema} does not exist`);
  if (table === undefined) throw invalid(`${placeIn(node, scope)}: Table ${schema}.${name} does not exist`);
  scope.tables.add(table);
  if (String(node.alias ?? '') === '') node.alias = name;
  node.schema_name = STORE;
  node.table_name = viewOf(table);
}

function find<Value>(map: ReadonlyMap<string, Value>, name: string): Value | undefined {
  const exact = map.get(name);
  if (exact !== undefined) return exact;
  for (const [key, value] of map) if (key.toLowerCase() === name.toLowerCase()) return value;
  return undefined;
}

function rewriteJoin(node: Node, scope: QueryScope): void {
  const kind = String(node.ref_type ?? 'REGULAR');
  if (!['REGULAR', 'CROSS', 'NATURAL', 'DEPENDENT'].includes(kind)) {
    throw unsupported(`${kind.toLowerCase()} join`, node, scope);
  }
}

function rewriteExpression(node: Node, scope: QueryScope): void {
  const kind = String(node.class);
  if (!EXPRESSION_CLASSES.has(kind)) throw unsupported(kind.toLowerCase(), node, scope);
  if (kind === 'FUNCTION' || kind === 'WINDOW') rewriteCall(node, scope);
  if (kind === 'CAST') rewriteCast(node, scope);
  if (kind === 'STAR') rewriteStar(node, scope);
  if (kind === 'COLUMN_REF') rewriteColumn(node, scope);
}

function rewriteCall(node: Node, scope: QueryScope): void {
  const name = String(node.function_name).toLowerCase();
  const schema = String(node.schema ?? '');
  if ((schema !== '' && schema !== 'main') || String(node.catalog ?? '') !== '') {
    throw invalid(`${placeIn(node, scope)}: Function ${schema}.${name} not registered`);
  }
  const operands = Array.isArray(node.children) ? node.children : [];
  if (node.is_operator === true && OPERATORS.has(name)) {
    const isShift = (name === '+' || name === '-') && operands.some(isInterval) && operands.length === 2;
    if (isShift) rewriteShift(node, name, operands);
    if (name === '/') callTarget(node, 'ts_divide');
    if (name === '%') callTarget(node, 'ts_remainder');
    return;
  }
  const found = FUNCTIONS.get(name);
  if (found === undefined) throw invalid(`${placeIn(node, scope)}: Function ${name} not registered`);
  if (name === 'row') nameFields(node, operands);
  else if (name === 'date_format' || name === 'format_datetime') rewriteFormat(node, name, operands, scope);
  else callTarget(node, name === 'sequence' && isInterval(operands[2]) ? 'ts_time_sequence' : found.target);
  if (found.withNow) node.children = [bigintConstant(scope.nowNs), ...operands];
}

/** DuckDB wants the format as a constant in its own letters. */
function rewriteFormat(node: Node, name: string, operands: readonly unknown[], scope: QueryScope): void {
  const [, format] = operands;
  const constant =
    isNode(format) && format.class === 'CONSTANT' && isNode(format.value) ? format.value : undefined;
  const text = typeof constant?.value === 'string' ? constant.value : undefined;
  const translated =
    text === undefined ? undefined : name === 'date_format' ? mysqlFormat(text) : jodaFormat(text);
  if (constant === undefined || translated === undefined) {
    throw unsupported(`this format of ${name}`, node, scope);
  }
  constant.value = translated;
  callTarget(node, 'strftime');
}

/** The fields of a ROW get names, since DuckDB's unnamed ones all read the same. */
function nameFields(node: Node, operands: readonly unknown[]): void {
  node.function_name = 'struct_pack';
  node.schema = '';
  for (const [index, operand] of operands.entries()) if (isNode(operand)) operand.alias = `field${index}`;
}

function callTarget(node: Node, target: string): void {
  node.function_name = target;
  node.is_operator = false;
  if (!target.startsWith('ts_')) return;
  node.schema = 'main';
  node.catalog = MACRO_CATALOG;
}

/** `time - 1m` keeps its nanoseconds: DuckDB's own operator would round to microseconds. */
function rewriteShift(node: Node, operator: string, operands: readonly unknown[]): void {
  const [left, right] = operands;
  if (isInterval(left) && isInterval(right)) return;
  if (isInterval(right)) {
    callTarget(node, operator === '+' ? 'ts_plus' : 'ts_minus');
  } else if (operator === '+') {
    callTarget(node, 'ts_plus');
    node.children = [right, left];
  }
}

/** An interval by its spelling: a cast to INTERVAL, or `INTERVAL '1' DAY`. */
function isInterval(value: unknown): boolean {
  if (!isNode(value)) return false;
  if (value.class === 'CAST') return isNode(value.cast_type) && value.cast_type.id === 'INTERVAL';
  return value.class === 'FUNCTION' && INTERVAL_FUNCTIONS.has(String(value.function_name));
}

function rewriteCast(node: Node, scope: QueryScope): void {
  const type = isNode(node.cast_type) ? node.cast_type : undefined;
  const id = String(type?.id ?? '');
  const name = id === 'UNBOUND' ? unboundName(type) : id;
  const target = CAST_TYPES.get(name);
  if (type === undefined || target === undefined)
    throw invalid(`${placeIn(node, scope)}: Unknown type: ${name}`);
  node.cast_type = { id: target, type_info: null };
}

function unboundName(type: Node | undefined): string {
  const info = isNode(type?.type_info) ? type.type_info : undefined;
  return String(info?.name ?? 'unknown').toUpperCase();
}

function rewriteStar(node: Node, scope: QueryScope): void {
  const lists = [node.exclude_list, node.replace_list, node.qualified_exclude_list, node.rename_list];
  const isPlain = lists.every((list) => list === undefined || (Array.isArray(list) && list.length === 0));
  if (!isPlain || node.columns === true || (node.expr !== null && node.expr !== undefined)) {
    throw unsupported('a star with options', node, scope);
  }
}

/** `"db"."table".column` is `table.column` here: the database is the store's schema by now. */
function rewriteColumn(node: Node, scope: QueryScope): void {
  const path = node.column_names;
  if (!Array.isArray(path) || path.length < 3) return;
  const database = find(scope.catalogue.databases, String(path[0]));
  if (database !== undefined && find(database.tables, String(path[1])) !== undefined) {
    node.column_names = path.slice(1);
  }
}

function bigintConstant(value: bigint): Node {
  const text = { type: { id: 'VARCHAR', type_info: null }, is_null: false, value: value.toString() };
  return {
    class: 'CAST',
    type: 'OPERATOR_CAST',
    alias: '',
    query_location: 0,
    child: { class: 'CONSTANT', type: 'VALUE_CONSTANT', alias: '', query_location: 0, value: text },
    cast_type: { id: 'BIGINT', type_info: null },
    try_cast: false,
  };
}

function placeIn(node: Node, scope: QueryScope): string {
  return scope.placeOf(Number(node.query_location ?? 0));
}

function unsupported(what: string, node: Node, scope: QueryScope): Error {
  return invalid(`${placeIn(node, scope)}: ${what} is not supported by the local Timestream`);
}
