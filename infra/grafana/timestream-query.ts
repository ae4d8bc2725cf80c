import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { TABLE_SPECS, type TableName } from '../../shared/tables.ts';
import { TIMESTREAM } from './datasources.ts';

/** What the plugin makes of a result; it wants these numbers, their names fail. */
export const FORMAT = {
  /** One frame of rows. */
  table: 0,
  /** A long result made wide: one series for each combination of text columns. Needs `ORDER BY time ASC`. */
  timeSeries: 1,
} as const;

export type Format = (typeof FORMAT)[keyof typeof FORMAT];

/** What a query is made of. */
export interface TimestreamQueryOptions {
  readonly sql: string;
  readonly format: Format;
  /** What `$__table` stands for; the editor shows it as chosen. */
  readonly table: TableName;
  /** @default 'A' */
  readonly refId?: string;
  /** @default 'market' */
  readonly database?: string;
  /** The datasource's id; alert rules need one, dashboards take the variable. @default the variable */
  readonly datasourceUid?: string;
}

/**
 * A query in the JSON of the plugin `grafana-timestream-datasource`. Names of database, table and measure go
 * into the SQL as they stand, so the first two carry their own double quotes.
 * Source: https://github.com/grafana/timestream-datasource (pkg/models/query.go, pkg/timestream/macros.go)
 */
export class TimestreamQuery implements Dataquery {
  readonly refId: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly database: string;
  readonly table: string;
  readonly measure: string;
  readonly rawQuery: string;
  readonly format: Format;
  /** Read every page before drawing: half a result is a wrong picture, and alerts need it. */
  readonly waitForResult = true;

  constructor(options: TimestreamQueryOptions) {
    this.refId = options.refId ?? 'A';
    this.datasource = { type: TIMESTREAM.type, uid: options.datasourceUid ?? TIMESTREAM.reference };
    this.database = quoted(options.database ?? 'market');
    this.table = quoted(options.table);
    this.measure = TABLE_SPECS.find(({ name }) => name === options.table)?.measureName ?? '';
    this.rawQuery = options.sql;
    this.format = options.format;
  }

  _implementsDataqueryVariant(): void {}
}

/** The SDK's builder of a {@link TimestreamQuery}. */
export function timestreamQuery(options: TimestreamQueryOptions): Builder<Dataquery> {
  return { build: () => new TimestreamQuery(options) };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
