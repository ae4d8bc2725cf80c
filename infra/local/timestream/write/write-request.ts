import { COLUMN_TYPES, type StoredType } from '../catalogue.ts';
import { type Fields, objectOf, optionalObject, optionalText, textOf } from '../fields.ts';
import { LIMITS } from '../limits.ts';
import { invalid } from '../service-error.ts';
import type { RawMeasure, RawRecord } from './incoming-record.ts';
import { TIME_UNITS, type TimeUnit } from './time-unit.ts';

/** A WriteRecords request, its shape checked and its common attributes merged into each record. */
export interface WriteRequest {
  readonly database: string;
  readonly table: string;
  readonly records: readonly RawRecord[];
}

/** Reads the request, or throws the ValidationException that the whole call gets. */
export function writeRequest(body: Fields): WriteRequest {
  const records = body.Records;
  if (!Array.isArray(records) || records.length === 0) {
    throw invalid('Records must hold at least one record.');
  }
  if (records.length > LIMITS.recordsPerCall) {
    throw invalid(
      `Value '[${records.length} records]' at 'records' failed to satisfy constraint: ` +
        `Member must have length less than or equal to ${LIMITS.recordsPerCall}`,
    );
  }
  const common = optionalObject(body, 'CommonAttributes') ?? {};
  const commonDimensions = dimensionsOf(common);
  return {
    database: textOf(body, 'DatabaseName'),
    table: textOf(body, 'TableName'),
    records: records.map((record, index) =>
      merged(objectOf(record, `Records[${index}]`), common, commonDimensions, index),
    ),
  };
}

type Dimensions = readonly (readonly [string, string])[];

function merged(own: Fields, common: Fields, commonDimensions: Dimensions, index: number): RawRecord {
  const pick = (name: string): string | undefined => optionalText(own, name) ?? optionalText(common, name);
  const where = `Records[${index}]`;
  const dimensions = dimensionsOf(own);
  for (const [name] of dimensions) {
    if (commonDimensions.some(([other]) => other === name)) {
      throw invalid(`The dimension ${name} stands both in CommonAttributes and in ${where}.`);
    }
  }
  const measureName = pick('MeasureName');
  if (measureName === undefined || measureName === '') throw invalid(`${where} has no MeasureName.`);
  const time = pick('Time');
  if (time === undefined) throw invalid(`${where} has no Time.`);
  const type = pick('MeasureValueType') ?? 'DOUBLE';
  const isMulti = type === 'MULTI';
  return {
    dimensions: [...commonDimensions, ...dimensions],
    measureName,
    measures: isMulti
      ? multiMeasures(own, common, where)
      : [singleMeasure(pick('MeasureValue'), type, where)],
    isMulti,
    time,
    timeUnit: timeUnitOf(pick('TimeUnit')),
    version: versionOf(own.Version ?? common.Version),
  };
}

function dimensionsOf(fields: Fields): Dimensions {
  const list = fields.Dimensions;
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw invalid('Dimensions must be a list.');
  if (list.length > LIMITS.dimensionsPerTable) {
    throw invalid(`A record has at most ${LIMITS.dimensionsPerTable} dimensions.`);
  }
  return list.map((entry) => {
    const dimension = objectOf(entry, 'Dimensions');
    const name = textOf(dimension, 'Name');
    const value = textOf(dimension, 'Value');
    if (name === '' || value === '')
      throw invalid('A dimension needs a name and a value that are not empty.');
    return [name, value] as const;
  });
}

function multiMeasures(own: Fields, common: Fields, where: string): RawMeasure[] {
  const lists = [common.MeasureValues, own.MeasureValues].filter(
    (list) => list !== undefined && list !== null,
  );
  if (own.MeasureValue !== undefined && own.MeasureValue !== null) {
    throw invalid(`${where} is MULTI and has a MeasureValue.`);
  }
  const measures = lists.flatMap((list) => {
    if (!Array.isArray(list)) throw invalid('MeasureValues must be a list.');
    return list.map((entry) => {
      const measure = objectOf(entry, 'MeasureValues');
      const name = textOf(measure, 'Name');
      const value = textOf(measure, 'Value');
      if (name === '' || value === '') throw invalid(`${where} has a measure without a name or a value.`);
      return { name, type: typeOf(textOf(measure, 'Type'), where), value };
    });
  });
  if (measures.length === 0) throw invalid(`${where} is MULTI and has no MeasureValues.`);
  if (measures.length > LIMITS.measuresPerRecord) {
    throw invalid(`${where} has more than ${LIMITS.measuresPerRecord} measures.`);
  }
  return measures;
}

function singleMeasure(value: string | undefined, typeName: string, where: string): RawMeasure {
  if (value === undefined || value === '') throw invalid(`${where} has no MeasureValue.`);
  const type = typeOf(typeName, where);
  return { name: `measure_value::${type.toLowerCase()}`, type, value };
}

function typeOf(text: string, where: string): StoredType {
  const type = COLUMN_TYPES.find((known) => known === text);
  if (type === undefined) throw invalid(`${where} has the unknown measure value type ${text}.`);
  return type;
}

function timeUnitOf(text: string | undefined): TimeUnit {
  switch (text) {
    case undefined:
      return 'MILLISECONDS';
    case 'SECONDS':
    case 'MILLISECONDS':
    case 'MICROSECONDS':
    case 'NANOSECONDS':
      return text;
    default:
      throw invalid(`TimeUnit ${text} is none of ${Object.keys(TIME_UNITS).join(', ')}.`);
  }
}

/** Versions beyond 2^53 come as text: see the body's reader. */
function versionOf(value: unknown): bigint {
  if (value === undefined || value === null) return 1n;
  const isWhole =
    typeof value === 'number' ? Number.isSafeInteger(value) : /^-?\d{1,19}$/.test(String(value));
  if (!isWhole) throw invalid('Version must be a whole number.');
  const version = BigInt(String(value));
  if (version < 1n || version >= 2n ** 63n) throw invalid('Version must be from 1 to 2^63 - 1.');
  return version;
}
