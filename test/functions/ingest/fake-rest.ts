import type { Fetch } from '../../../functions/ingest/rest-client.ts';

/** A trade that the made-up exchange has: one a second by default. */
export interface FakeTrade {
  readonly id: number;
  readonly timeMs: number;
}

/** REST of a made-up exchange. */
export interface FakeRest {
  readonly fetch: Fetch;
  /** The addresses that were asked for. */
  readonly asked: URL[];
  /** Answers that come first, in turn, whatever is asked. */
  readonly next: Response[];
  /** Hosts that answer HTTP 451. */
  readonly restricted: Set<string>;
}

/** Serves these trades of every symbol in `symbols` by id, each also as an aggregate of its own or of `together`. */
export function fakeRest(options: {
  readonly trades: () => readonly FakeTrade[];
  readonly nowMs: () => number;
  readonly symbols: readonly string[];
  /** Trades of one aggregate. @default 1 */
  readonly together?: number;
  /** Times in microseconds, as some answers are. @default false */
  readonly micros?: boolean;
}): FakeRest {
  const asked: URL[] = [];
  const next: Response[] = [];
  const restricted = new Set<string>();
  const together = options.together ?? 1;
  const unit = options.micros ? 1_000 : 1;
  let used = 0;
  const json = (value: unknown, status = 200): Response =>
    new Response(JSON.stringify(value), { status, headers: { 'x-mbx-used-weight-1m': String(used) } });

  const fetch: Fetch = async (text) => {
    const url = new URL(text);
    asked.push(url);
    const given = next.shift();
    if (given !== undefined) return given;
    if (restricted.has(url.host)) return json({ code: 0, msg: 'restricted location' }, 451);
    const number = (name: string): number | undefined => {
      const value = url.searchParams.get(name);
      return value === null ? undefined : Number(value);
    };
    const limit = number('limit') ?? 500;
    const trades = options.trades().filter((trade) => trade.timeMs <= options.nowMs());
    switch (url.pathname) {
      case '/api/v3/time':
        return json({ serverTime: options.nowMs() });
      case '/api/v3/exchangeInfo': {
        const wanted: string[] = JSON.parse(url.searchParams.get('symbols') ?? '[]');
        if (wanted.some((symbol) => !options.symbols.includes(symbol)))
          return json({ code: -1121, msg: 'Invalid symbol.' }, 400);
        return json({ symbols: wanted.map((symbol) => ({ symbol, status: 'TRADING' })) });
      }
      case '/api/v3/historicalTrades': {
        used += 25;
        const from = number('fromId') ?? 0;
        const page = trades.filter((trade) => trade.id >= from).slice(0, limit);
        return json(page.map((trade) => restTrade(trade, unit)));
      }
      case '/api/v3/aggTrades': {
        used += 4;
        const fromId = number('fromId');
        const startTime = number('startTime') ?? 0;
        const aggregates = aggregate(trades, together).filter((agg) =>
          fromId === undefined ? (agg.trades[0]?.timeMs ?? 0) >= startTime : agg.id >= fromId,
        );
        return json(aggregates.slice(0, limit).map((agg) => restAggregate(agg, unit)));
      }
      case '/api/v3/klines':
        return json([
          [
            number('startTime'),
            '1',
            '1',
            '1',
            '1',
            '1',
            (number('startTime') ?? 0) + 59_999,
            '1',
            1,
            '1',
            '1',
            '0',
          ],
        ]);
      default:
        return json({ code: 0 }, 404);
    }
  };
  return { fetch, asked, next, restricted };
}

interface FakeAggregate {
  readonly id: number;
  readonly trades: readonly FakeTrade[];
}

function aggregate(trades: readonly FakeTrade[], together: number): readonly FakeAggregate[] {
  const groups = new Map<number, FakeTrade[]>();
  for (const trade of trades) {
    const id = Math.floor(trade.id / together);
    groups.set(id, [...(groups.get(id) ?? []), trade]);
  }
  return [...groups].map(([id, members]) => ({ id, trades: members }));
}

function restTrade(trade: FakeTrade, unit: number): object {
  return {
    id: trade.id,
    price: '100.50000000',
    qty: '0.50000000',
    quoteQty: '50.25000000',
    time: trade.timeMs * unit,
    isBuyerMaker: true,
    isBestMatch: true,
  };
}

function restAggregate(agg: FakeAggregate, unit: number): object {
  const ids = agg.trades.map((trade) => trade.id);
  return {
    a: agg.id,
    p: '100.50000000',
    q: `${0.5 * ids.length}`,
    f: Math.min(...ids),
    l: Math.max(...ids),
    T: (agg.trades[0]?.timeMs ?? 0) * unit,
    m: true,
    M: true,
  };
}
