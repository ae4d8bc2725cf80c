import type { ColumnRole, StoredColumn, StoredType } from '../catalogue.ts';
import { bytesOf } from '../limits.ts';

/** What the rules ask of a name, worked out once. */
export interface NameFacts {
  readonly lower: string;
  readonly bytes: number;
  /** Whether Timestream, or our storage, keeps the name for itself. */
  readonly isReserved: boolean;
}

/** Names and columns that are remembered; the memory starts anew beyond that. */
const REMEMBERED_MOST = 20_000;

const facts = new Map<string, NameFacts>();
const columns = new Map<string, StoredColumn>();

/** The facts of a dimension's or measure's name. Records repeat their names, so they are remembered. */
export function nameFacts(name: string): NameFacts {
  const known = facts.get(name);
  if (known !== undefined) return known;
  if (facts.size >= REMEMBERED_MOST) facts.clear();
  const lower = name.toLowerCase();
  const fresh = { lower, bytes: bytesOf(name), isReserved: isReserved(lower) };
  facts.set(name, fresh);
  return fresh;
}

/** The column of that name, type and role; mostly the same object each time, so that it compares fast. */
export function columnOf(name: string, type: StoredType, role: ColumnRole): StoredColumn {
  const key = `${role}${type}${name}`;
  const known = columns.get(key);
  if (known !== undefined) return known;
  if (columns.size >= REMEMBERED_MOST) columns.clear();
  const fresh = { name, type, role };
  columns.set(key, fresh);
  return fresh;
}

function isReserved(lower: string): boolean {
  return (
    ['time', 'measure_name', '_series', '_version', '_digest'].includes(lower) ||
    lower.startsWith('measure_value') ||
    lower.startsWith('ts_') ||
    lower.includes('::')
  );
}
