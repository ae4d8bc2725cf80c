import { hash } from 'node:crypto';
import type { StoredColumn, StoredType } from '../catalogue.ts';
import { bytesOf, LIMITS } from '../limits.ts';
import { columnOf, nameFacts } from './column-name.ts';
import { type StoredValue, storedValue } from './stored-value.ts';
import { TIME_UNITS, type TimeUnit } from './time-unit.ts';

/** A measure or dimension of a record, its value in the form that is stored. */
export interface IncomingValue {
  readonly column: StoredColumn;
  readonly value: StoredValue;
}

/** A record that passed the rules of its own; those that look at the table or the clock come later. */
export interface IncomingRecord {
  readonly index: number;
  /** Hash of dimensions and measure name: with the time, the identity of a record. */
  readonly series: bigint;
  readonly timeNs: bigint;
  readonly version: bigint;
  /** Hash of the measures, to tell equal from different ones. */
  readonly digest: bigint;
  readonly measureName: string;
  /** `multi`, or the type of the single measure. */
  readonly measureKind: string;
  readonly values: readonly IncomingValue[];
}

/** A record as it came, common attributes merged in; the shape is checked, the content is not. */
export interface RawRecord {
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  readonly measureName: string;
  /** The measures: exactly one with `measure_value::<type>` as its name for a single-measure record. */
  readonly measures: readonly RawMeasure[];
  readonly isMulti: boolean;
  readonly time: string;
  readonly timeUnit: TimeUnit;
  readonly version: bigint;
}

/** A measure value in its text form. */
export interface RawMeasure {
  readonly name: string;
  readonly type: StoredType;
  readonly value: string;
}

const MAX_INT64 = 2n ** 63n - 1n;

/** The record in the form that is stored, or the reason for which it is rejected. */
export function incomingRecord(raw: RawRecord, index: number): IncomingRecord | { readonly reason: string } {
  const reason = brokenRule(raw);
  if (reason !== undefined) return { reason };
  const timeNs = BigInt(raw.time) * TIME_UNITS[raw.timeUnit];
  if (timeNs > MAX_INT64) return { reason: 'The record timestamp is beyond what can be stored.' };
  const values: IncomingValue[] = [];
  for (const [name, value] of raw.dimensions) {
    values.push({ column: columnOf(name, 'VARCHAR', 'DIMENSION'), value });
  }
  const role = raw.isMulti ? 'MULTI' : 'MEASURE_VALUE';
  let text = '';
  for (const measure of raw.measures) {
    const value = storedValue(measure, raw.timeUnit);
    if (value === undefined) {
      return { reason: `The value of measure ${measure.name} is not a valid ${measure.type}.` };
    }
    values.push({ column: columnOf(measure.name, measure.type, role), value });
    text += `${measure.name}\u0000${measure.type}\u0000${value}\u0001`;
  }
  return {
    index,
    series: seriesOf(raw),
    timeNs,
    version: raw.version,
    digest: hash64(text),
    measureName: raw.measureName,
    measureKind: raw.isMulti ? 'multi' : (raw.measures[0]?.type.toLowerCase() ?? 'multi'),
    values,
  };
}

function seriesOf(raw: RawRecord): bigint {
  const sorted = raw.dimensions.map(([name, value]) => `${name}\u0000${value}`).sort();
  return hash64(`${raw.measureName}\u0001${sorted.join('\u0001')}`);
}

function hash64(text: string): bigint {
  return hash('sha1', text, 'buffer').readBigInt64LE(0);
}

function brokenRule(raw: RawRecord): string | undefined {
  if (!/^\d{1,19}$/.test(raw.time)) return `The record time ${raw.time} is not a whole number.`;
  if (bytesOf(raw.measureName) > LIMITS.measureNameBytes) {
    return `The measure name exceeds ${LIMITS.measureNameBytes} bytes.`;
  }
  const names = new Set<string>();
  let pairs = 0;
  let bytes = 8 + bytesOf(raw.measureName);
  for (const [name, value] of raw.dimensions) {
    const facts = nameFacts(name);
    if (facts.bytes > LIMITS.dimensionNameBytes) {
      return `The dimension name ${name} exceeds ${LIMITS.dimensionNameBytes} bytes.`;
    }
    if (facts.isReserved) return `The dimension name ${name} is reserved.`;
    if (names.has(facts.lower)) return `The dimension ${name} stands more than once in the record.`;
    names.add(facts.lower);
    pairs += facts.bytes + bytesOf(value);
  }
  if (pairs > LIMITS.dimensionPairsBytes) {
    return `The dimension names and values exceed ${LIMITS.dimensionPairsBytes} bytes.`;
  }
  bytes += pairs;
  for (const measure of raw.measures) {
    if (raw.isMulti) {
      const facts = nameFacts(measure.name);
      if (facts.bytes > LIMITS.measureNameBytes) {
        return `The measure name ${measure.name} exceeds ${LIMITS.measureNameBytes} bytes.`;
      }
      if (facts.isReserved) return `The measure name ${measure.name} is reserved.`;
      if (names.has(facts.lower)) return `The name ${measure.name} stands more than once in the record.`;
      names.add(facts.lower);
      bytes += facts.bytes;
    }
    bytes += measure.type === 'VARCHAR' ? bytesOf(measure.value) : measure.type === 'BOOLEAN' ? 1 : 8;
  }
  if (bytes > LIMITS.recordBytes) return `The record exceeds ${LIMITS.recordBytes} bytes.`;
  return undefined;
}
