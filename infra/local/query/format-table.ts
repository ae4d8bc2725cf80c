import type { QueryResult } from '../../../functions/adapters/timestream/query.ts';

/** The widest a column gets; longer values are cut. */
const WIDTH_MOST = 60;

/** A table for eyes: numbers to the right, a missing value as `-`, times without needless zeros. */
export function formatTable({ columns, rows }: QueryResult): string {
  const cells = rows.map((row) => row.map(cellText));
  const isRight = columns.map(({ type }) => ['DOUBLE', 'BIGINT', 'INTEGER'].includes(type));
  const widths = columns.map(({ name }, index) =>
    Math.max(name.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return isRight[index] === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const count = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`;
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return `${[line(columns.map(({ name }) => name)), rule, ...cells.map(line), '', count].join('\n')}\n`;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const short = text.replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.(\d*?)0*$/, (_, seconds, fraction) =>
    fraction === '' ? seconds : `${seconds}.${fraction}`,
  );
  const oneLine = short.replace(/[\p{Cc}]/gu, ' ');
  return oneLine.length > WIDTH_MOST ? `${oneLine.slice(0, WIDTH_MOST - 1)}…` : oneLine;
}
