import type { RawMeasure } from './incoming-record.ts';
import { TIME_UNITS, type TimeUnit } from './time-unit.ts';

/** A value as DuckDB gets it: BIGINT and TIMESTAMP (nanoseconds) as bigint. */
export type StoredValue = string | number | bigint | boolean;

const DOUBLE = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d{1,19}$/;
const INT64 = 2n ** 63n;

/** The measure's value in stored form; undefined where the text is none of its type. */
export function storedValue(measure: RawMeasure, timeUnit: TimeUnit): StoredValue | undefined {
  const text = measure.value;
  switch (measure.type) {
    case 'VARCHAR':
      return text;
    case 'BOOLEAN': {
      const lower = text.toLowerCase();
      return lower === 'true' ? true : lower === 'false' ? false : undefined;
    }
    case 'DOUBLE': {
      const value = DOUBLE.test(text) ? Number(text) : Number.NaN;
      return Number.isFinite(value) ? value : undefined;
    }
    case 'BIGINT':
      return int64(text);
    case 'TIMESTAMP': {
      const value = int64(text);
      return value === undefined ? undefined : int64((value * TIME_UNITS[timeUnit]).toString());
    }
  }
}

function int64(text: string): bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const value = BigInt(text);
  return value >= -INT64 && value < INT64 ? value : undefined;
}
