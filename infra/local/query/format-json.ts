import type { QueryResult } from '../../../functions/adapters/timestream/query.ts';

/** One array of objects keyed by column, a row a line. Columns of the same name get `_2`, `_3`, … */
export function formatJson({ columns, rows }: QueryResult): string {
  const names = distinctNames(columns.map(({ name }) => name));
  if (rows.length === 0) return '[]\n';
  const lines = rows.map((row) =>
    JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))),
  );
  return `[\n${lines.join(',\n')}\n]\n`;
}

function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let distinct = name;
    for (let count = 2; taken.has(distinct); count += 1) distinct = `${name}_${count}`;
    taken.add(distinct);
    return distinct;
  });
}
