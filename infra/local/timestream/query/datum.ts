import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';
import { SERIES_FIELDS, seriesValueType } from './column-info.ts';

/** A value of an answer in the form of the API. */
export type Datum =
  | { readonly NullValue: true }
  | { readonly ScalarValue: string }
  | { readonly ArrayValue: readonly Datum[] }
  | { readonly RowValue: { readonly Data: readonly Datum[] } }
  | { readonly TimeSeriesValue: readonly { readonly Time: string; readonly Value: Datum }[] };

/** DuckDB's value in the form of the API: scalars as text, times with nine digits. */
export function datum(value: DuckDBValue, type: DuckDBType): Datum {
  if (value === null) return { NullValue: true };
  if (value instanceof DuckDBListValue) {
    const element = type instanceof DuckDBListType ? type.valueType : type;
    const seriesValue = seriesValueType(element);
    if (seriesValue !== undefined) {
      return { TimeSeriesValue: value.items.map((item) => seriesPoint(item, seriesValue)) };
    }
    return { ArrayValue: value.items.map((item) => datum(item, element)) };
  }
  if (value instanceof DuckDBStructValue) {
    const types = type instanceof DuckDBStructType ? type.entryTypes : [];
    const entries = Object.values(value.entries);
    return { RowValue: { Data: entries.map((entry, index) => datum(entry, types[index] ?? type)) } };
  }
  return { ScalarValue: scalarText(value, type) };
}

function seriesPoint(item: DuckDBValue, valueType: DuckDBType): { Time: string; Value: Datum } {
  const entries = item instanceof DuckDBStructValue ? item.entries : {};
  const time = entries[SERIES_FIELDS.time];
  return {
    Time: time instanceof DuckDBTimestampNanosecondsValue ? timestampText(time.nanos) : '',
    Value: datum(entries[SERIES_FIELDS.value] ?? null, valueType),
  };
}

function scalarText(value: DuckDBValue, type: DuckDBType): string {
  if (typeof value === 'number') {
    const isDouble = type.typeId === DuckDBTypeId.DOUBLE || type.typeId === DuckDBTypeId.FLOAT;
    return isDouble ? numberText(value) : String(value);
  }
  if (value instanceof DuckDBTimestampNanosecondsValue) return timestampText(value.nanos);
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) {
    return timestampText(value.micros * 1000n);
  }
  if (value instanceof DuckDBTimestampMillisecondsValue) return timestampText(value.millis * 1_000_000n);
  if (value instanceof DuckDBTimestampSecondsValue) return timestampText(value.seconds * 1_000_000_000n);
  if (value instanceof DuckDBDateValue) return timestampText(BigInt(value.days) * DAY_NS).slice(0, 10);
  if (value instanceof DuckDBTimeValue) return timestampText(value.micros * 1000n).slice(11);
  if (value instanceof DuckDBDecimalValue) return numberText(value.toDouble());
  if (value instanceof DuckDBIntervalValue) return intervalText(value);
  return String(value);
}

/** A double in the form that Java gives it: `1.0`, `1.0E10`, `NaN`, `Infinity`. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
  }
  const text = String(value);
  return Object.is(value, -0) ? '-0.0' : text.includes('.') ? text : `${text}.0`;
}

const DAY_NS = 86_400_000_000_000n;
const SECOND_NS = 1_000_000_000n;

/** Nanoseconds since 1970 as `2024-08-08 23:55:00.000000000`. */
export function timestampText(ns: bigint): string {
  const fraction = ((ns % SECOND_NS) + SECOND_NS) % SECOND_NS;
  const seconds = (ns - fraction) / SECOND_NS;
  const iso = new Date(Number(seconds) * 1000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${fraction.toString().padStart(9, '0')}`;
}

function intervalText(value: DuckDBIntervalValue): string {
  const micros = value.micros + BigInt(value.days + value.months * 30) * 86_400_000_000n;
  const size = micros < 0n ? -micros : micros;
  const days = size / 86_400_000_000n;
  const time = timestampText((size % 86_400_000_000n) * 1000n).slice(11);
  return `${micros < 0n ? '-' : ''}${days} ${time}`;
}
