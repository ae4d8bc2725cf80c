/** The attached database that holds the macros: every connection sees it, and a read-only store can have it. */
export const MACRO_CATALOG = '_functions';

/**
 * The functions of Timestream that DuckDB lacks or means otherwise, as DuckDB macros. Times are
 * TIMESTAMP_NS throughout, so that nanoseconds survive; a time series is a list of `__time` and `__value`.
 */
const DEFINITIONS: readonly string[] = [
  // Whole numbers must not divide by zero; doubles give infinity or NaN. DuckDB gives null for both.
  `ts_divide(a, b) AS CASE WHEN b <> 0 OR b IS NULL THEN a / b
     WHEN typeof(a / b) = 'DOUBLE' THEN cast_to_type(CASE WHEN a > 0 THEN 'Infinity' WHEN a < 0 THEN '-Infinity'
       WHEN a IS NOT NULL THEN 'NaN' END, a / b)
     ELSE error('Division by zero') END`,
  `ts_remainder(a, b) AS CASE WHEN b <> 0 OR b IS NULL THEN a % b
     WHEN typeof(a % b) = 'DOUBLE' THEN cast_to_type('NaN', a % b) ELSE error('Division by zero') END`,
  // The length of an interval in nanoseconds. DuckDB's intervals hold microseconds.
  `ts_interval_ns(i) AS epoch_ns(i)`,
  `ts_shift(t, i) AS CASE WHEN datepart('year', i) = 0 AND datepart('month', i) = 0
     THEN make_timestamp_ns(epoch_ns(t::TIMESTAMP_NS) + ts_interval_ns(i))
     ELSE (t::TIMESTAMP + i)::TIMESTAMP_NS END`,
  // DuckDB's own operators on a time and an interval would round to microseconds.
  `ts_plus(t, i) AS ts_shift(t, i)`,
  `ts_minus(t, i) AS ts_shift(t, -i)`,
  `ts_now(now_ns) AS make_timestamp_ns(now_ns)`,
  `ts_today(now_ns) AS make_timestamp_ns(now_ns)::DATE`,
  `ts_ago(now_ns, i) AS ts_shift(make_timestamp_ns(now_ns), -i)`,
  `ts_floor_to(ns, step) AS ns - (((ns % step) + step) % step)`,
  `ts_bin(t, i) AS CASE WHEN datepart('year', i) = 0 AND datepart('month', i) = 0
     THEN make_timestamp_ns(ts_floor_to(epoch_ns(t::TIMESTAMP_NS), ts_interval_ns(i)))
     ELSE time_bucket(i, t::TIMESTAMP, TIMESTAMP '1970-01-01 00:00:00')::TIMESTAMP_NS END`,
  `ts_from_milliseconds(x) AS make_timestamp_ns(x::BIGINT * 1000000)`,
  `ts_from_nanoseconds(x) AS make_timestamp_ns(x::BIGINT)`,
  `ts_from_unixtime(x) AS make_timestamp_ns(round(x::DOUBLE * 1000)::BIGINT * 1000000)`,
  `ts_to_milliseconds(t) AS epoch_ns(t) // 1000000`,
  `ts_to_nanoseconds(t) AS epoch_ns(t)`,
  `ts_to_unixtime(t) AS epoch_ns(t::TIMESTAMP_NS)::DOUBLE / 1e9`,
  `ts_from_iso8601_timestamp(s) AS CASE WHEN regexp_matches(s, '(Z|[+-]\\d\\d:?\\d\\d)$')
     THEN timezone('UTC', s::TIMESTAMPTZ)::TIMESTAMP_NS ELSE replace(s, 'T', ' ')::TIMESTAMP_NS END`,
  `ts_to_iso8601(t) AS strftime(t::TIMESTAMP_NS, '%Y-%m-%dT%H:%M:%S.%n') || 'Z'`,
  `ts_date(t) AS t::DATE`,
  `ts_millisecond(t) AS (epoch_ns(t::TIMESTAMP_NS) // 1000000) % 1000`,
  `ts_date_trunc(unit, t) AS date_trunc(unit, t::TIMESTAMP_NS)::TIMESTAMP_NS`,
  `ts_unit_ns(unit) AS CASE lower(unit) WHEN 'nanosecond' THEN 1 WHEN 'microsecond' THEN 1000
     WHEN 'millisecond' THEN 1000000 WHEN 'second' THEN 1000000000 WHEN 'minute' THEN 60000000000
     WHEN 'hour' THEN 3600000000000 WHEN 'day' THEN 86400000000000 WHEN 'week' THEN 604800000000000 END::BIGINT`,
  `ts_unit_months(unit) AS CASE lower(unit) WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'year' THEN 12
     ELSE error('''' || unit || ''' is not a valid Timestamp field') END`,
  `ts_date_add(unit, n, t) AS CASE WHEN ts_unit_ns(unit) IS NOT NULL
     THEN make_timestamp_ns(epoch_ns(t::TIMESTAMP_NS) + n::BIGINT * ts_unit_ns(unit))
     ELSE (t::TIMESTAMP + to_months((n * ts_unit_months(unit))::INTEGER))::TIMESTAMP_NS END`,
  `ts_date_diff(unit, a, b) AS CASE WHEN ts_unit_ns(unit) IS NOT NULL
     THEN (epoch_ns(b::TIMESTAMP_NS) - epoch_ns(a::TIMESTAMP_NS)) // ts_unit_ns(unit)
     ELSE date_sub('month', a::TIMESTAMP, b::TIMESTAMP) // ts_unit_months(unit) END`,
  // Lists. Trino's negative indexes count from the end, as DuckDB's do.
  `ts_element_at(l, i) AS l[i]`,
  `ts_slice(l, first, n) AS CASE WHEN first > 0 THEN l[first:first + n - 1]
     ELSE l[len(l) + first + 1:len(l) + first + n] END`,
  `ts_array_position(l, x) AS coalesce(list_position(l, x), 0)`,
  `ts_bitwise_and(a, b) AS (a & b)`,
  `ts_bitwise_or(a, b) AS (a | b)`,
  `ts_regexp_extract(s, p) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p) END,
     (s, p, g) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END`,
  `ts_sequence(a, b) AS generate_series(a, b), (a, b, step) AS generate_series(a, b, step)`,
  `ts_time_sequence(a, b, i) AS CASE WHEN datepart('year', i) = 0 AND datepart('month', i) = 0
     THEN list_transform(generate_series(epoch_ns(a), epoch_ns(b), ts_interval_ns(i)), lambda x: make_timestamp_ns(x))
     ELSE generate_series(a::TIMESTAMP, b::TIMESTAMP, i)::TIMESTAMP_NS[] END`,
  // Time series.
  `ts_series_times(s) AS list_transform(s, lambda p: p.__time)`,
  `ts_series_values(s) AS list_transform(s, lambda p: p.__value)`,
  `ts_create_time_series(t, v) AS list({'__time': t::TIMESTAMP_NS, '__value': v} ORDER BY t) FILTER (t IS NOT NULL)`,
  `ts_times(s) AS CASE WHEN typeof(s) LIKE '%[]' THEN s::VARCHAR::TIMESTAMP_NS[] ELSE [s::VARCHAR::TIMESTAMP_NS] END`,
  `ts_interpolate_locf(series, moments) AS list_filter(list_transform(ts_times(moments), lambda x: {'__time': x,
     '__value': list_filter(series, lambda p: p.__time <= x)[-1].__value}), lambda q: q.__time >= series[1].__time)`,
  `ts_interpolate_fill(series, moments, fill) AS list_transform(ts_times(moments), lambda x: {'__time': x,
     '__value': coalesce(list_filter(series, lambda p: p.__time = x)[1].__value, fill)})`,
  `ts_between(x, a, b) AS CASE WHEN a.__time = b.__time OR b IS NULL THEN a.__value::DOUBLE
     ELSE a.__value + (b.__value - a.__value) * ((epoch_ns(x) - epoch_ns(a.__time))::DOUBLE
       / (epoch_ns(b.__time) - epoch_ns(a.__time))) END`,
  // The neighbours are looked up once per moment, then used several times.
  `ts_interpolate_linear(series, moments) AS list_transform(list_transform(
     list_filter(ts_times(moments), lambda x: x >= series[1].__time AND x <= series[-1].__time),
     lambda x: {'at': x, 'below': list_filter(series, lambda p: p.__time <= x)[-1],
       'above': list_filter(series, lambda p: p.__time >= x)[1]}),
     lambda q: {'__time': q."at", '__value': ts_between(q."at", q.below, q.above)})`,
];

/** The statements that lay the macros, once per DuckDB instance. */
export const MACRO_STATEMENTS: readonly string[] = [
  `ATTACH ':memory:' AS ${MACRO_CATALOG} (READ_WRITE)`,
  ...DEFINITIONS.map((definition) => `CREATE MACRO ${qualified(definition)}`),
];

/** Macros call each other by their full name, since no search path leads to them. */
function qualified(definition: string): string {
  return definition.replace(/\bts_\w+(?=\()/g, (name) => `${MACRO_CATALOG}.main.${name}`);
}
