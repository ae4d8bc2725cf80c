import { duration, perSecond, price, short, sparkline } from './figures.ts';
import type { SymbolView } from './monitor-view.ts';
import { type Span, span, type Tone } from './span.ts';

/** A column of the table. */
export interface TableColumn {
  readonly title: string;
  readonly side: 'left' | 'right';
  /** From 1; a screen that is too narrow loses the columns of the highest rank first. */
  readonly rank: number;
  /** The fewest cells it takes, so that figures that grow and shrink do not move the table. */
  readonly least: number;
  readonly cell: (symbol: SymbolView) => Span;
}

const NOTHING = span('–', 'dim');

/** The columns, from left to right. */
export const TABLE_COLUMNS: readonly TableColumn[] = [
  { title: 'SYMBOL', side: 'left', rank: 1, least: 8, cell: ({ symbol }) => span(symbol, 'strong') },
  { title: 'LAST', side: 'right', rank: 1, least: 8, cell: lastPrice },
  { title: 'VWAP 1m', side: 'right', rank: 2, least: 8, cell: (symbol) => priceCell(symbol, symbol.vwap) },
  {
    title: 'VOL 1m',
    side: 'right',
    rank: 3,
    least: 6,
    cell: ({ volume }) => (volume === null ? NOTHING : span(short(volume))),
  },
  { title: 'TRADES 1m', side: 'right', rank: 12, least: 9, cell: tradeCount },
  {
    title: 'TRD/S',
    side: 'right',
    rank: 4,
    least: 5,
    cell: ({ tradesPerSecond }) => span(perSecond(tradesPerSecond), tradesPerSecond === 0 ? 'dim' : 'plain'),
  },
  { title: 'BID', side: 'right', rank: 13, least: 8, cell: (symbol) => priceCell(symbol, symbol.bid) },
  { title: 'ASK', side: 'right', rank: 13, least: 8, cell: (symbol) => priceCell(symbol, symbol.ask) },
  { title: 'SPREAD', side: 'right', rank: 5, least: 6, cell: spreadCell },
  { title: 'BP', side: 'right', rank: 7, least: 5, cell: basisPoints },
  { title: 'COVERAGE', side: 'left', rank: 2, least: 8, cell: coverageCell },
  {
    title: 'LATENCY',
    side: 'right',
    rank: 6,
    least: 7,
    cell: ({ latencyMs }) =>
      latencyMs === null ? NOTHING : span(duration(latencyMs), latencyMs > 2_000 ? 'warn' : 'plain'),
  },
  {
    title: 'LAST 5 MIN',
    side: 'left',
    rank: 11,
    least: 30,
    cell: ({ closes }) => (closes.length < 2 ? NOTHING : span(sparkline(closes), 'accent')),
  },
];

/** How the table says a coverage: the long names would cost a column on a narrow screen. */
const COVERAGE: Readonly<Record<string, readonly [string, Tone]>> = {
  complete: ['complete', 'good'],
  repaired: ['repaired', 'good'],
  'repaired-aggregate': ['rep-agg', 'warn'],
  partial: ['partial', 'warn'],
  gap: ['gap', 'bad'],
};

const ARROWS = { up: '▲', down: '▼' } as const;

function lastPrice({ price: last, priceDecimals, direction }: SymbolView): Span {
  if (last === null) return NOTHING;
  const figure = price(last, priceDecimals);
  if (direction === null) return span(`${figure}  `);
  return span(`${figure} ${ARROWS[direction]}`, direction === 'up' ? 'good' : 'bad');
}

function priceCell({ priceDecimals }: SymbolView, value: number | null): Span {
  return value === null ? NOTHING : span(price(value, priceDecimals));
}

function tradeCount({ tradeCount: trades }: SymbolView): Span {
  return trades === null ? NOTHING : span(short(trades));
}

function spreadCell({ bid, ask, priceDecimals }: SymbolView): Span {
  return bid === null || ask === null ? NOTHING : span(price(ask - bid, priceDecimals));
}

/** The spread in basis points of the middle, so that symbols can be compared. */
function basisPoints({ bid, ask }: SymbolView): Span {
  if (bid === null || ask === null || bid + ask <= 0) return NOTHING;
  const bps = ((ask - bid) / ((ask + bid) / 2)) * 10_000;
  return span(bps < 10 ? bps.toFixed(2) : bps.toFixed(1), bps > 50 ? 'warn' : 'plain');
}

function coverageCell({ coverage }: SymbolView): Span {
  if (coverage === null) return NOTHING;
  const [text, tone] = COVERAGE[coverage] ?? [coverage, 'plain'];
  return span(text, tone);
}
