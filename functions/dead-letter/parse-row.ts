import { isJsonObject } from '../../shared/binance/field-reader.ts';
import type { Column, ColumnType, Row } from '../../shared/row.ts';
import { TABLE_SPECS } from '../../shared/tables.ts';

const TYPES: readonly ColumnType[] = ['DOUBLE', 'BIGINT', 'BOOLEAN', 'VARCHAR'];

/** The row in a letter of a refused row; undefined where it is none. */
export function parseRow(payload: Uint8Array): Row | undefined {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(payload).toString());
  } catch {
    return undefined;
  }
  if (!isJsonObject(json)) return undefined;
  const table = TABLE_SPECS.find(({ name }) => isJsonObject(json) && name === json.table)?.name;
  const { timeNs, version } = json;
  const dimensions = listOf(json.dimensions, dimensionOf);
  const columns = listOf(json.columns, columnOf);
  if (table === undefined || dimensions === undefined || columns === undefined) return undefined;
  if (!isWhole(timeNs) || !isWhole(version)) return undefined;
  return { table, dimensions, timeNs, version, columns };
}

function isWhole(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,19}$/.test(value);
}

function listOf<Entry>(
  value: unknown,
  read: (entry: unknown) => Entry | undefined,
): readonly Entry[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const entries = value.map(read);
  const known = entries.filter((entry) => entry !== undefined);
  return known.length === entries.length ? known : undefined;
}

function dimensionOf(entry: unknown): readonly [string, string] | undefined {
  if (!Array.isArray(entry) || entry.length !== 2) return undefined;
  const [name, value]: unknown[] = entry;
  return typeof name === 'string' && typeof value === 'string' ? [name, value] : undefined;
}

function columnOf(entry: unknown): Column | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { name, value } = entry;
  const type = TYPES.find((known) => known === entry.type);
  if (typeof name !== 'string' || typeof value !== 'string' || type === undefined) return undefined;
  return { name, type, value };
}
