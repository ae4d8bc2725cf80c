import {
  DuckDBArrayType,
  DuckDBListType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';

/** The scalar types of an answer. */
export type ScalarType =
  | 'VARCHAR'
  | 'BOOLEAN'
  | 'BIGINT'
  | 'INTEGER'
  | 'DOUBLE'
  | 'TIMESTAMP'
  | 'DATE'
  | 'TIME'
  | 'INTERVAL_DAY_TO_SECOND'
  | 'UNKNOWN';

/** The type of a column or of a part of it, in the form of the API. */
export type ColumnType =
  | { readonly ScalarType: ScalarType }
  | { readonly ArrayColumnInfo: ColumnInfo }
  | { readonly TimeSeriesMeasureValueColumnInfo: ColumnInfo }
  | { readonly RowColumnInfo: readonly ColumnInfo[] };

/** A column of an answer. */
export interface ColumnInfo {
  readonly Name?: string;
  readonly Type: ColumnType;
}

/** The names of the fields by which a list is told to be a time series. */
export const SERIES_FIELDS = { time: '__time', value: '__value' } as const;

/** DuckDB's type in the terms of the API. */
export function columnType(type: DuckDBType): ColumnType {
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) {
    const value = seriesValueType(type.valueType);
    if (value !== undefined) return { TimeSeriesMeasureValueColumnInfo: { Type: columnType(value) } };
    return { ArrayColumnInfo: { Type: columnType(type.valueType) } };
  }
  if (type instanceof DuckDBStructType) {
    return {
      RowColumnInfo: type.entryNames.map((name, index) => ({
        ...(/^field\d+$/.test(name) ? {} : { Name: name }),
        Type: columnType(type.entryTypes[index] ?? type),
      })),
    };
  }
  return { ScalarType: scalarType(type.typeId) };
}

/** The type of the values where the element of a list is a point of a time series. */
export function seriesValueType(element: DuckDBType): DuckDBType | undefined {
  if (!(element instanceof DuckDBStructType) || element.entryCount !== 2) return undefined;
  const [time, value] = element.entryNames;
  return time === SERIES_FIELDS.time && value === SERIES_FIELDS.value ? element.entryTypes[1] : undefined;
}

function scalarType(typeId: DuckDBTypeId): ScalarType {
  switch (typeId) {
    case DuckDBTypeId.BOOLEAN:
      return 'BOOLEAN';
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
      return 'INTEGER';
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.UHUGEINT:
      return 'BIGINT';
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
    case DuckDBTypeId.DECIMAL:
      return 'DOUBLE';
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return 'TIMESTAMP';
    case DuckDBTypeId.DATE:
      return 'DATE';
    case DuckDBTypeId.TIME:
      return 'TIME';
    case DuckDBTypeId.INTERVAL:
      return 'INTERVAL_DAY_TO_SECOND';
    case DuckDBTypeId.SQLNULL:
      return 'UNKNOWN';
    default:
      return 'VARCHAR';
  }
}
