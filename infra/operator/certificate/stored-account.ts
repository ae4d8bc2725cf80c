import { createHash } from 'node:crypto';
import type { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { runQuery } from '../../../functions/adapters/timestream/query.ts';
import { nanosecondsOf, storedCandles } from '../../../functions/adapters/timestream/stored-candles.ts';
import type { CandleTotals } from '../../../shared/certificate/certificate.ts';
import { checkKline } from '../../../shared/certificate/check-kline.ts';
import type { TimeRange } from '../../../shared/certificate/id-account.ts';
import type { Kline } from '../../../shared/events/kline.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';

const DAY_US = 86_400_000_000;
/** Rows of this table and their columns tell how a candle came about, not what the market did. */
const PROVENANCE: ReadonlySet<string> = new Set(['coverage', 'final', 'revision', 'reason', 'audit']);
const JUDGED: ReadonlySet<unknown> = new Set(['complete', 'repaired', 'repaired-aggregate']);

/** What the store's candles of one symbol say. */
export interface StoredTotals {
  readonly counted: number;
  readonly candles: CandleTotals;
}

/** What the store says, with the digests of its rows. */
export interface StoredAccount {
  readonly totals: ReadonlyMap<MarketSymbol, StoredTotals>;
  readonly digest: { readonly market: string; readonly rows: string };
}

interface Tally {
  counted: number;
  closed: number;
  readonly verdicts: Record<string, number>;
  readonly coverage: Record<string, number>;
  rechecked: number;
  recheckDiffers: number;
}

/** Reads candles, spreads and signals day by day, in the order of symbol, kind and time. */
export async function readStoredAccount(options: {
  readonly client: Pick<TimestreamQueryClient, 'send'>;
  readonly database: string;
  readonly range?: TimeRange;
  readonly klines: ReadonlyMap<MarketSymbol, ReadonlyMap<Micros, Kline>>;
}): Promise<StoredAccount> {
  const { client, database } = options;
  const market = createHash('sha256');
  const rows = createHash('sha256');
  const totals = new Map<MarketSymbol, StoredTotals>();
  const span = await spanOf(client, database, options.range);
  if (span !== undefined) {
    const symbols = await runQuery(
      client,
      `SELECT DISTINCT symbol FROM "${database}"."candles" WHERE ${within(span.fromUs, span.toUs)}`,
    );
    for (const symbol of symbols.rows.map(([name]) => String(name)).sort()) {
      const tally = newTally();
      for (let fromUs = span.fromUs; fromUs < span.toUs; fromUs += DAY_US) {
        const toUs = Math.min(span.toUs, fromUs + DAY_US);
        for (const candle of await storedCandles(client, database, { symbol, fromUs, toUs })) {
          const { resolution, timeNs, values } = candle;
          const named = Object.entries(values).filter(([, value]) => value !== null);
          named.sort(([a], [b]) => (a < b ? -1 : 1));
          const line = (kept: typeof named): string =>
            `${JSON.stringify([symbol, resolution, timeNs, kept])}\n`;
          rows.update(line(named));
          market.update(line(named.filter(([name]) => !PROVENANCE.has(name))));
          const kline = options.klines.get(symbol)?.get(Number(timeNs) / 1_000);
          note(tally, resolution, values, kline);
        }
      }
      if (tally.counted > 0) totals.set(symbol, totalsOf(tally));
    }
    for (const table of ['spreads', 'signals']) {
      for await (const row of rowsOf(client, database, table, span)) rows.update(`${JSON.stringify(row)}\n`);
    }
  }
  return { totals, digest: { market: market.digest('hex'), rows: rows.digest('hex') } };
}

function newTally(): Tally {
  return { counted: 0, closed: 0, verdicts: {}, coverage: {}, rechecked: 0, recheckDiffers: 0 };
}

function note(
  tally: Tally,
  resolution: string,
  values: Readonly<Record<string, unknown>>,
  kline: Kline | undefined,
): void {
  if (resolution === '10s') tally.counted += Number(values.trade_count);
  if (resolution !== '1m' || values.final !== true) return;
  tally.closed += 1;
  const audit = String(values.audit);
  const coverage = String(values.coverage);
  tally.verdicts[audit] = (tally.verdicts[audit] ?? 0) + 1;
  tally.coverage[coverage] = (tally.coverage[coverage] ?? 0) + 1;
  if (kline === undefined || !JUDGED.has(coverage)) return;
  tally.rechecked += 1;
  if (checkKline(values, kline) === 'differs') tally.recheckDiffers += 1;
}

function totalsOf(tally: Tally): StoredTotals {
  const { equal = 0, rounding = 0, differs = 0, unwitnessed = 0 } = tally.verdicts;
  return {
    counted: tally.counted,
    candles: {
      closed: tally.closed,
      checked: equal + rounding + differs,
      equal,
      rounding,
      differs,
      unwitnessed,
      coverage: tally.coverage,
      rechecked: tally.rechecked,
      recheck_differs: tally.recheckDiffers,
    },
  };
}

/** The whole days that hold candles; undefined where there are none. */
async function spanOf(
  client: Pick<TimestreamQueryClient, 'send'>,
  database: string,
  range: TimeRange | undefined,
): Promise<TimeRange | undefined> {
  if (range !== undefined) return range;
  const { rows } = await runQuery(client, `SELECT min(time), max(time) FROM "${database}"."candles"`);
  const [first, last] = rows[0] ?? [];
  if (typeof first !== 'string' || typeof last !== 'string') return undefined;
  const us = (time: string): Micros => Number(nanosecondsOf(time)) / 1_000;
  const fromUs = Math.floor(us(first) / DAY_US) * DAY_US;
  return { fromUs, toUs: (Math.floor(us(last) / DAY_US) + 1) * DAY_US };
}

function within(fromUs: Micros, toUs: Micros): string {
  return `time >= from_milliseconds(${fromUs / 1_000}) AND time < from_milliseconds(${toUs / 1_000})`;
}

async function* rowsOf(
  client: Pick<TimestreamQueryClient, 'send'>,
  database: string,
  table: string,
  span: TimeRange,
): AsyncGenerator<readonly unknown[]> {
  for (let fromUs = span.fromUs; fromUs < span.toUs; fromUs += DAY_US) {
    const { columns, rows } = await runQuery(
      client,
      `SELECT * FROM "${database}"."${table}" WHERE ${within(fromUs, Math.min(span.toUs, fromUs + DAY_US))}`,
    );
    const order = columns.map(({ name }, at) => ({ name, at })).sort((a, b) => (a.name < b.name ? -1 : 1));
    const named = rows.map((row) => [table, ...order.map(({ name, at }) => [name, row[at]])]);
    const texts = named.map((row) => ({ row, text: JSON.stringify(row) }));
    for (const { row } of texts.sort((a, b) => (a.text < b.text ? -1 : 1))) yield row;
  }
}
