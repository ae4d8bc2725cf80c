/** What DuckDB's parser makes of `INTERVAL '1' DAY`. */
export const INTERVAL_FUNCTIONS: ReadonlySet<string> = new Set([
  'to_seconds',
  'to_minutes',
  'to_hours',
  'to_days',
  'to_weeks',
  'to_months',
  'to_years',
]);

/**
 * The functions of Timestream that queries may call, with what answers each in DuckDB: a function of DuckDB
 * of the same meaning and order of arguments, or a macro of ours (`ts_…`, see macros.ts). What is not here
 * cannot be called: this is also what keeps a query from files, settings and our storage.
 * Source of the names: https://docs.aws.amazon.com/timestream/latest/developerguide/sql-functions.html
 */
export const FUNCTIONS: ReadonlyMap<string, FunctionTarget> = new Map<string, FunctionTarget>([
  ...same(
    // Aggregates and windows.
    'count sum avg min max array_agg bool_and bool_or stddev stddev_pop stddev_samp variance var_pop var_samp ' +
      'corr covar_pop covar_samp regr_slope regr_intercept skewness row_number rank dense_rank percent_rank ' +
      'cume_dist ntile lag lead first_value last_value nth_value ' +
      // Conditions and numbers.
      'coalesce nullif abs ceil ceiling floor sqrt cbrt exp ln log10 log2 power pow sin cos tan asin acos atan ' +
      'atan2 degrees radians sign pi greatest least round mod ' +
      // Text.
      'concat lower upper trim ltrim rtrim length reverse replace lpad rpad substr substring starts_with chr ' +
      'regexp_replace split_part',
  ),
  ...renamed({
    approx_distinct: 'approx_count_distinct',
    approx_percentile: 'quantile_disc',
    arbitrary: 'any_value',
    any_value: 'any_value',
    array_distinct: 'list_distinct',
    array_join: 'array_to_string',
    array_max: 'list_max',
    array_min: 'list_min',
    array_position: 'ts_array_position',
    array_sort: 'list_sort',
    bitwise_and: 'ts_bitwise_and',
    bitwise_or: 'ts_bitwise_or',
    cardinality: 'len',
    codepoint: 'unicode',
    contains: 'list_contains',
    count_if: 'count_if',
    every: 'bool_and',
    filter: 'list_filter',
    flatten: 'flatten',
    format: 'printf',
    geometric_mean: 'geomean',
    is_finite: 'isfinite',
    is_infinite: 'isinf',
    is_nan: 'isnan',
    json_extract_scalar: 'json_extract_string',
    kurtosis: 'kurtosis',
    max_by: 'arg_max_null',
    min_by: 'arg_min_null',
    reduce: 'ts_reduce',
    regexp_extract: 'ts_regexp_extract',
    regexp_like: 'regexp_matches',
    slice: 'ts_slice',
    split: 'string_split',
    strpos: 'strpos',
    to_hex: 'hex',
    transform: 'list_transform',
    truncate: 'trunc',
    element_at: 'ts_element_at',
    // Time.
    bin: 'ts_bin',
    date: 'ts_date',
    date_add: 'ts_date_add',
    date_diff: 'ts_date_diff',
    date_format: 'strftime',
    date_trunc: 'ts_date_trunc',
    day: 'day',
    day_of_month: 'day',
    day_of_week: 'isodow',
    day_of_year: 'dayofyear',
    format_datetime: 'strftime',
    from_iso8601_timestamp: 'ts_from_iso8601_timestamp',
    from_iso8601_date: 'ts_date',
    from_milliseconds: 'ts_from_milliseconds',
    from_nanoseconds: 'ts_from_nanoseconds',
    from_unixtime: 'ts_from_unixtime',
    hour: 'hour',
    millisecond: 'ts_millisecond',
    minute: 'minute',
    month: 'month',
    quarter: 'quarter',
    second: 'second',
    to_iso8601: 'ts_to_iso8601',
    to_milliseconds: 'ts_to_milliseconds',
    to_nanoseconds: 'ts_to_nanoseconds',
    to_unixtime: 'ts_to_unixtime',
    week: 'week',
    week_of_year: 'week',
    year: 'year',
    // Time series.
    create_time_series: 'ts_create_time_series',
    interpolate_fill: 'ts_interpolate_fill',
    interpolate_linear: 'ts_interpolate_linear',
    interpolate_locf: 'ts_interpolate_locf',
    sequence: 'ts_sequence',
  }),
  // The present, told as a first argument so that one query sees one moment.
  ['ago', { target: 'ts_ago', withNow: true }],
  ['now', { target: 'ts_now', withNow: true }],
  ['current_timestamp', { target: 'ts_now', withNow: true }],
  ['get_current_timestamp', { target: 'ts_now', withNow: true }],
  ['current_date', { target: 'ts_today', withNow: true }],
  // What DuckDB's parser makes of syntax that Timestream has too.
  ['row', { target: 'struct_pack', withNow: false }],
  ['date_part', { target: 'date_part', withNow: false }],
  ['count_star', { target: 'count_star', withNow: false }],
  ['like_escape', { target: 'like_escape', withNow: false }],
  ['not_like_escape', { target: 'not_like_escape', withNow: false }],
  ['list_value', { target: 'list_value', withNow: false }],
  ['timezone', { target: 'timezone', withNow: false }],
  ...same(['trunc', ...INTERVAL_FUNCTIONS].join(' ')),
  ['unnest', { target: 'unnest', withNow: false }],
  ['ts_series_times', { target: 'ts_series_times', withNow: false }],
  ['ts_series_values', { target: 'ts_series_values', withNow: false }],
]);

/** The operators that appear as functions in DuckDB's syntax tree. */
export const OPERATORS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '||', '~~', '!~~']);

/** What answers a function. */
export interface FunctionTarget {
  readonly target: string;
  /** Whether the present is put before the arguments. */
  readonly withNow: boolean;
}

function same(names: string): [string, FunctionTarget][] {
  return names.split(' ').map((name) => [name, { target: name, withNow: false }]);
}

function renamed(names: Readonly<Record<string, string>>): [string, FunctionTarget][] {
  return Object.entries(names).map(([name, target]) => [name, { target, withNow: false }]);
}
