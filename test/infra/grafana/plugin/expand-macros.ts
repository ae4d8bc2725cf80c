/** What the plugin knows of a query when it expands its macros. */
export interface MacroContext {
  readonly fromMs: number;
  readonly toMs: number;
  readonly intervalMs: number;
  readonly nowMs?: number;
  readonly refId?: string;
  /** The query's own; empty, or a variable that is not set, takes the datasource's. */
  readonly database?: string;
  readonly table?: string;
  readonly measure?: string;
  readonly defaults?: { readonly database?: string; readonly table?: string; readonly measure?: string };
}

/**
 * Expands the macros of the Timestream plugin as its backend does: plain replacement of text, names first, then
 * the range, then intervals, the longer names before those that they begin with. What has no value stays.
 * Source: https://github.com/grafana/timestream-datasource/blob/main/pkg/timestream/macros.go
 */
export function expandMacros(sql: string, context: MacroContext): string {
  if (sql.includes('$__intervalStr')) throw new Error('$__intervalStr removed... use $__interval_ms');
  const { defaults = {} } = context;
  let text = replaceOrDefault(sql, '$__database', context.database, defaults.database);
  text = replaceOrDefault(text, '$__table', context.table, defaults.table);
  text = replaceOrDefault(text, '$__measure', context.measure, defaults.measure);
  const from = Math.trunc(context.fromMs);
  const to = Math.trunc(context.toMs);
  const interval = Math.trunc(context.intervalMs);
  const literal = interval === 0 ? '{!invalid interval=0s!}' : `${interval}ms`;
  return text
    .replaceAll('$__timeFilter', `time BETWEEN from_milliseconds(${from}) AND from_milliseconds(${to})`)
    .replaceAll('$__timeFrom', String(from))
    .replaceAll('$__timeTo', String(to))
    .replaceAll('$__interval_raw_ms', String(interval))
    .replaceAll('$__interval_ms', literal)
    .replaceAll('$__interval', literal)
    .replaceAll('$__now_ms', String(context.nowMs ?? 0));
}

function replaceOrDefault(sql: string, macro: string, own = '', standard = ''): string {
  const value = own === '' || own.startsWith('${') ? standard : own;
  return value === '' ? sql : sql.replaceAll(macro, value);
}
