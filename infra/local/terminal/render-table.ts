import type { SymbolView } from './monitor-view.ts';
import { fitText, type Line, type Span, span, textWidth } from './span.ts';
import { TABLE_COLUMNS, type TableColumn } from './table-columns.ts';

interface LaidOut {
  readonly column: TableColumn;
  readonly cells: readonly Span[];
  readonly width: number;
}

/** Spaces between columns where there is room, and where there is not. */
const GAPS = [3, 2, 1] as const;

/**
 * The table of symbols in at most `width` cells and `height` lines, its heading included. Columns that do not fit
 * go, the least important first; symbols that do not fit are counted in the last line.
 */
export function renderTable(symbols: readonly SymbolView[], width: number, height: number): readonly Line[] {
  const room = Math.max(1, height - 1);
  const isCut = symbols.length > room;
  const shown = isCut ? symbols.slice(0, Math.max(0, room - 1)) : symbols;
  const { columns, gap } = layOut(shown, width);
  const between = span(' '.repeat(gap));
  const line = (cellOf: (laid: LaidOut) => Span): Line =>
    columns.flatMap((laid, index) => {
      const cell = cellOf(laid);
      const fitted = { ...cell, text: fitText(cell.text, laid.width, laid.column.side) };
      return index === 0 ? [fitted] : [between, fitted];
    });
  const heading = line(({ column }) => span(column.title, 'dim'));
  const body = shown.map((_, row) => line(({ cells }) => cells[row] ?? span('')));
  const rest = symbols.length - shown.length;
  return [
    heading,
    ...body,
    ...(isCut ? [[span(`… and ${rest} more: a taller window shows them`, 'dim')]] : []),
  ];
}

function layOut(
  symbols: readonly SymbolView[],
  width: number,
): { readonly columns: readonly LaidOut[]; readonly gap: number } {
  let columns: readonly LaidOut[] = TABLE_COLUMNS.map((column) => {
    const cells = symbols.map((symbol) => column.cell(symbol));
    return {
      column,
      cells,
      width: Math.max(column.least, textWidth(column.title), ...cells.map(({ text }) => textWidth(text))),
    };
  });
  for (;;) {
    const total = columns.reduce((sum, column) => sum + column.width, 0);
    const gap = GAPS.find((spaces) => total + spaces * (columns.length - 1) <= width);
    if (gap !== undefined) return { columns, gap };
    const least = Math.max(...columns.map(({ column }) => column.rank));
    if (least <= 1) return { columns, gap: 1 };
    columns = columns.filter(({ column }) => column.rank < least);
  }
}
