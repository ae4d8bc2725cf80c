import { quoteIdentifier, quoteText } from '../quoting.ts';
import { invalid } from '../service-error.ts';
import { parseDuration } from './duration.ts';
import { placeOf, type Token } from './tokenizer.ts';

/** SQL that DuckDB's parser reads, and where its pieces stood in the caller's SQL. */
export interface DuckText {
  readonly sql: string;
  /** The place in the caller's SQL of an offset in `sql`. */
  readonly originOf: (offset: number) => number;
}

/** Measure columns of single-measure records: `measure_value::double` is one name. */
const MEASURE_TYPES = new Set(['double', 'bigint', 'boolean', 'varchar', 'timestamp']);

/** Words that are reserved in DuckDB and plain names in Timestream. */
const PLAIN_NAMES = new Set(
  (
    'analyse asymmetric at column default deferrable do initially placing references returning some symmetric ' +
    'variadic'
  ).split(' '),
);

/** Words for the present, as the functions that the syntax tree knows. */
const PRESENT: ReadonlyMap<string, string> = new Map([
  ['current_timestamp', 'now()'],
  ['localtimestamp', 'now()'],
  ['current_date', 'current_date()'],
]);

/**
 * Writes tokens as DuckDB text: durations become intervals, decimals become doubles, `measure_value::double`
 * one quoted name. What the two dialects spell alike stays as it is; meaning is the syntax tree's affair.
 */
export function duckText(source: string, tokens: readonly Token[]): DuckText {
  const marks: { readonly at: number; readonly origin: number }[] = [];
  let sql = '';
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    marks.push({ at: sql.length, origin: token.offset });
    const joined = measureColumn(tokens, index) ?? windowNulls(tokens, index);
    if (joined !== undefined) index += 2;
    sql += `${joined ?? textOf(source, token, tokens[index + 1])} `;
  }
  return {
    sql,
    originOf: (offset) => marks.findLast((mark) => mark.at <= offset)?.origin ?? 0,
  };
}

function measureColumn(tokens: readonly Token[], index: number): string | undefined {
  const [word, colons, type] = tokens.slice(index, index + 3);
  if (word?.kind !== 'name' || word.value.toLowerCase() !== 'measure_value') return undefined;
  if (colons?.value !== '::' || colons.kind !== 'symbol' || type?.kind !== 'name') return undefined;
  const name = type.value.toLowerCase();
  return MEASURE_TYPES.has(name) ? quoteIdentifier(`measure_value::${name}`) : undefined;
}

/** `first_value(x) IGNORE NULLS OVER`: DuckDB wants the words inside the parentheses. */
function windowNulls(tokens: readonly Token[], index: number): string | undefined {
  const [close, treatment, nulls] = tokens.slice(index, index + 3);
  if (close?.kind !== 'symbol' || close.value !== ')') return undefined;
  if (treatment?.kind !== 'name' || nulls?.kind !== 'name' || nulls.value.toLowerCase() !== 'nulls')
    return undefined;
  const word = treatment.value.toUpperCase();
  return word === 'IGNORE' || word === 'RESPECT' ? `${word} NULLS )` : undefined;
}

function textOf(source: string, token: Token, next: Token | undefined): string {
  switch (token.kind) {
    case 'text':
      return quoteText(token.value);
    case 'quotedName':
      return quoteIdentifier(token.value);
    case 'duration':
      return intervalOf(source, token);
    case 'number':
      return numberOf(token.value);
    case 'name':
      if (isPlainName(token, next)) return quoteIdentifier(token.value);
      return next?.value === '(' ? token.value : (PRESENT.get(token.value.toLowerCase()) ?? token.value);
    case 'symbol':
      if (['::', ':', ';', '?', '=>'].includes(token.value)) {
        throw invalid(`${placeOf(source, token.offset)}: mismatched input '${token.value}'`);
      }
      return token.value;
  }
}

function intervalOf(source: string, token: Token): string {
  const duration = parseDuration(token.value);
  if (duration === undefined) {
    throw invalid(`${placeOf(source, token.offset)}: '${token.value}' is no duration`);
  }
  if (duration.kind === 'months') return `INTERVAL '${duration.months} months'`;
  if (duration.ns % 1000n !== 0n) {
    throw invalid(
      `${placeOf(source, token.offset)}: durations below a microsecond are not supported by the local Timestream`,
    );
  }
  return `INTERVAL '${duration.ns / 1000n} microseconds'`;
}

/** `at` is a name unless `AT TIME ZONE` is meant. */
function isPlainName(token: Token, next: Token | undefined): boolean {
  const word = token.value.toLowerCase();
  return PLAIN_NAMES.has(word) && !(word === 'at' && next?.value.toLowerCase() === 'time');
}

/**
 * Small whole numbers stay. The others become casts of their text, since the syntax tree is JSON, whose numbers
 * would lose digits; with a point or an exponent they are DOUBLE, as in Timestream.
 */
function numberOf(text: string): string {
  if (!/^\d+$/.test(text)) return `CAST('${text}' AS DOUBLE)`;
  return text.length > 9 ? `CAST('${text}' AS BIGINT)` : text;
}
