/** MySQL's letters in `date_format`, where they differ from those of DuckDB's strftime. */
const MYSQL: Readonly<Record<string, string>> = {
  a: '%a',
  b: '%b',
  d: '%d',
  e: '%-d',
  f: '%f',
  H: '%H',
  h: '%I',
  I: '%I',
  i: '%M',
  j: '%j',
  k: '%-H',
  l: '%-I',
  M: '%B',
  m: '%m',
  c: '%-m',
  p: '%p',
  r: '%I:%M:%S %p',
  S: '%S',
  s: '%S',
  T: '%H:%M:%S',
  W: '%A',
  Y: '%Y',
  y: '%y',
  '%': '%%',
};

/** Joda's patterns in `format_datetime`. */
const JODA: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  YYYY: '%Y',
  yy: '%y',
  MM: '%m',
  M: '%-m',
  dd: '%d',
  d: '%-d',
  HH: '%H',
  H: '%-H',
  hh: '%I',
  mm: '%M',
  ss: '%S',
  SSS: '%g',
  a: '%p',
  EEE: '%a',
  EEEE: '%A',
  MMM: '%b',
  MMMM: '%B',
};

/** A format of `date_format` in strftime's letters; undefined where it has one that is not known. */
export function mysqlFormat(format: string): string | undefined {
  let known = true;
  const text = format.replace(/%(.?)/gs, (_, letter: string) => {
    const replacement = MYSQL[letter];
    if (replacement === undefined) known = false;
    return replacement ?? '';
  });
  return known ? text : undefined;
}

/** A format of `format_datetime` in strftime's letters; undefined where it has one that is not known. */
export function jodaFormat(format: string): string | undefined {
  let known = true;
  const text = format.replace(/'([^']*)'|([A-Za-z])\2*|%/g, (part, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted.replaceAll('%', '%%');
    if (part === '%') return '%%';
    const replacement = JODA[part];
    if (replacement === undefined) known = false;
    return replacement ?? '';
  });
  return known ? text : undefined;
}
