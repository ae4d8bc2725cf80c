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
    const measure = measureColumn(tokens, index);
    marks.push({ at: sql.length, origin: token.offset });
    if (measure !== undefined) index += 2;
    sql += `${measure ?? textOf(source, token, tokens[index + 1])} `;
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
      return isPlainName(token, next) ? quoteIdentifier(token.value) : token.value;
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
