import type { QueryResult } from '../../../functions/adapters/timestream/query.ts';
import { formatCsv } from './format-csv.ts';
import { formatJson } from './format-json.ts';
import { formatTable } from './format-table.ts';

/** The ways in which `query` prints a result. */
export const FORMATS = {
  json: formatJson,
  csv: formatCsv,
  table: formatTable,
} as const satisfies Record<string, (result: QueryResult) => string>;

export type Format = keyof typeof FORMATS;

/** The format of that name, or undefined. */
export function formatNamed(name: string): ((result: QueryResult) => string) | undefined {
  return name === 'json' || name === 'csv' || name === 'table' ? FORMATS[name] : undefined;
}
