import { isNode, type Node } from './syntax-tree.ts';

/**
 * `UNNEST(a, b) AS t(x, y)` and the UNNEST of a time series `AS t(time, value)` have several columns, which
 * DuckDB's table function has not: they become a subquery that unnests side by side.
 */
export function spreadUnnest(table: Node, call: Node): void {
  const lists = Array.isArray(call.children) ? call.children.filter(isNode) : [];
  const aliases = Array.isArray(table.column_name_alias) ? table.column_name_alias : [];
  if (table.with_ordinality === 'WITH_ORDINALITY') return;
  const [first] = lists;
  if (lists.length === 1 && aliases.length === 2 && first !== undefined) {
    const copy: Node = structuredClone(first);
    becomeSubquery(table, [seriesPart('ts_series_times', first), seriesPart('ts_series_values', copy)]);
  } else if (lists.length > 1) becomeSubquery(table, lists);
}

function becomeSubquery(table: Node, lists: readonly Node[]): void {
  const select = {
    type: 'SELECT_NODE',
    modifiers: [],
    cte_map: { map: [] },
    select_list: lists.map((list) => callOf('unnest', [list])),
    from_table: { type: 'EMPTY', alias: '', sample: null, query_location: 0 },
    where_clause: null,
    group_expressions: [],
    group_sets: [],
    aggregate_handling: 'STANDARD_HANDLING',
    having: null,
    sample: null,
    qualify: null,
  };
  delete table.function;
  delete table.with_ordinality;
  table.type = 'SUBQUERY';
  table.subquery = { node: select, named_param_map: [] };
}

function seriesPart(name: string, series: Node): Node {
  return callOf(name, [series]);
}

function callOf(name: string, children: readonly Node[]): Node {
  return {
    class: 'FUNCTION',
    type: 'FUNCTION',
    alias: '',
    query_location: 0,
    function_name: name,
    schema: '',
    children,
    filter: null,
    order_bys: { type: 'ORDER_MODIFIER', orders: [] },
    distinct: false,
    is_operator: false,
    export_state: false,
    catalog: '',
  };
}
