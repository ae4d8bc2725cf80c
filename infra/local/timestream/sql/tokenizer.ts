import { invalid } from '../service-error.ts';

/** What a token is. `name` is a bare word, `quotedName` a word in double quotes, `text` one in single quotes. */
export type TokenKind = 'name' | 'quotedName' | 'text' | 'number' | 'duration' | 'symbol';

/** A piece of SQL; `value` is unquoted for names and texts, lower case for nothing. */
export interface Token {
  readonly kind: TokenKind;
  readonly value: string;
  /** Where it begins in the SQL. */
  readonly offset: number;
  /** Where the next character after it stands. */
  readonly end: number;
}

const SYMBOLS = ['<>', '!=', '<=', '>=', '||', '->', '=>', '::'];
const SINGLE = '()[],.+-*/%<>=?:;';
const WORD_START = /[A-Za-z_]/;
const WORD_PART = /[A-Za-z0-9_]/;
const DIGIT = /[0-9]/;

/**
 * Cuts Timestream SQL into tokens; blanks and comments fall away. Anything that is no token of the language
 * is a ValidationException with its place: dollar quotes, braces, backquotes, unclosed quotes and comments.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const next = skipBlank(sql, at);
    if (next > at) {
      at = next;
      continue;
    }
    const token = tokenAt(sql, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

/** `line 3:14`, as Timestream and Trino tell a place. */
export function placeOf(sql: string, offset: number): string {
  const before = sql.slice(0, offset);
  const line = before.split('\n').length;
  return `line ${line}:${offset - before.lastIndexOf('\n')}`;
}

function tokenAt(sql: string, at: number): Token {
  const char = sql[at] ?? '';
  if (char === "'") return quoted(sql, at, 'text');
  if (char === '"') return quoted(sql, at, 'quotedName');
  if (WORD_START.test(char)) {
    const end = runOf(sql, at, WORD_PART);
    return { kind: 'name', value: sql.slice(at, end), offset: at, end };
  }
  if (DIGIT.test(char) || (char === '.' && DIGIT.test(sql[at + 1] ?? ''))) return numberAt(sql, at);
  const pair = sql.slice(at, at + 2);
  if (SYMBOLS.includes(pair)) return { kind: 'symbol', value: pair, offset: at, end: at + 2 };
  if (SINGLE.includes(char)) return { kind: 'symbol', value: char, offset: at, end: at + 1 };
  throw invalid(
    `${placeOf(sql, at)}: unexpected character '${String.fromCodePoint(sql.codePointAt(at) ?? 0)}'`,
  );
}

function skipBlank(sql: string, at: number): number {
  if (/\s/.test(sql[at] ?? '')) return at + 1;
  if (sql.startsWith('--', at)) {
    const end = sql.indexOf('\n', at);
    return end < 0 ? sql.length : end + 1;
  }
  if (sql.startsWith('/*', at)) {
    const end = sql.indexOf('*/', at + 2);
    if (end < 0) throw invalid(`${placeOf(sql, at)}: the comment is not closed`);
    return end + 2;
  }
  return at;
}

function quoted(sql: string, at: number, kind: 'text' | 'quotedName'): Token {
  const quote = sql[at] ?? '';
  let value = '';
  let from = at + 1;
  for (;;) {
    const close = sql.indexOf(quote, from);
    if (close < 0) throw invalid(`${placeOf(sql, at)}: the quote is not closed`);
    value += sql.slice(from, close);
    if (sql[close + 1] !== quote) {
      if (kind === 'quotedName' && value === '') throw invalid(`${placeOf(sql, at)}: an empty name`);
      if (value.includes('\u0000')) throw invalid(`${placeOf(sql, at)}: a null character`);
      return { kind, value, offset: at, end: close + 1 };
    }
    value += quote;
    from = close + 2;
  }
}

function numberAt(sql: string, at: number): Token {
  let end = runOf(sql, at, DIGIT);
  let isWhole = true;
  if (sql[end] === '.') {
    isWhole = false;
    end = runOf(sql, end + 1, DIGIT);
  }
  const exponent = /^[eE][+-]?[0-9]+/.exec(sql.slice(end, end + 12))?.[0];
  if (exponent !== undefined) {
    isWhole = false;
    end += exponent.length;
  }
  if (isWhole && WORD_START.test(sql[end] ?? '')) {
    end = runOf(sql, end, WORD_PART);
    return { kind: 'duration', value: sql.slice(at, end), offset: at, end };
  }
  if (WORD_PART.test(sql[end] ?? '')) {
    throw invalid(`${placeOf(sql, at)}: '${sql.slice(at, runOf(sql, end, WORD_PART))}' is no number`);
  }
  return { kind: 'number', value: sql.slice(at, end), offset: at, end };
}

function runOf(sql: string, from: number, part: RegExp): number {
  let end = from;
  while (part.test(sql[end] ?? '')) end += 1;
  return end;
}
