import assert from 'node:assert/strict';
import { aggregateOptions } from '../../../functions/aggregate/aggregate-options.ts';
import { createAggregateHandler } from '../../../functions/aggregate/handler.ts';
import { EventBuilder } from '../../../infra/local/event-source-mapping/event-builder.ts';
import type { LogRecord } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { MemoryRowStore } from '../../../shared/memory-row-store.ts';
import type { Row } from '../../../shared/row.ts';
import { thresholdsFor } from '../../../shared/signals/thresholds.ts';
import { MemoryStateStore } from '../../../shared/state/memory-state-store.ts';
import type { MarketSymbol } from '../../../shared/units.ts';
import { CandleWriter } from '../../../shared/window/candle-writer.ts';
import { DEFAULT_RESOLUTIONS } from '../../../shared/window/resolution.ts';
import { TradeWindows } from '../../../shared/window/trade-windows.ts';
import { columnsOf, tick } from '../../shared/window/window-fixtures.ts';
import { checkSpreads } from './check-spreads.ts';
import { type RawHistory, readRawLog, recordsOf } from './raw-history.ts';
import { profileOf, type SimulationResult } from './simulation.ts';

const topics = DEFAULT_TOPIC_NAMES;
const PROVENANCE = new Set(['coverage', 'final', 'revision', 'reason', 'audit']);
/** What a window of aggregates leaves out, and what it cannot know. */
const PER_TRADE = new Set(['largest_trade', 'whale_count']);
const SIZES_MS: Readonly<Record<string, number>> = {
  '10s': 10_000,
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '2m/10s': 120_000,
};

/** Holds a simulation to the promises of the monitor; what is broken is told by an AssertionError. */
export async function checkSimulation(result: SimulationResult): Promise<void> {
  assert.deepEqual(result.errors, []);
  const raw = await readRawLog(result.log);
  for (const symbol of result.scenario.symbols) {
    const history = raw.bySymbol.get(symbol);
    assert.ok(history !== undefined, `${symbol} never came`);
    const missing = checkIds(result, symbol, history);
    checkCandles(result, symbol, history, missing);
  }
  checkFinality(result);
  checkDeadLetters(result, raw.refused);
  checkQuotes(result);
  checkSpreads(result);
  await checkOtherBatches(result);
}

/** Every id that the exchange issued in the watch is there exactly once, or in a gap that was told. */
function checkIds(result: SimulationResult, symbol: MarketSymbol, history: RawHistory): ReadonlySet<number> {
  const { market, rows, lastUs } = result;
  const profile = profileOf(market, symbol);
  const had = [...history.trades.keys(), ...history.aggregated];
  const missing = new Set<number>();
  if (had.length > 0) {
    const first = Math.min(...had);
    const last = market.lastTradeId(profile, lastUs - 50_000);
    const seen = new Set(had);
    for (let id = first; id <= last; id += 1) if (!seen.has(id)) missing.add(id);
    const began = Math.min(...history.began);
    // The bound of a watch is told in milliseconds.
    const before = market.lastTradeId(profile, began + 999) + 1;
    for (let id = before; id < first; id += 1) missing.add(id);
  }
  for (const id of missing) {
    const told = [...history.gaps.values()].some(
      ({ change, states }) => change.from <= id && id <= change.to && !states.has('filled'),
    );
    assert.ok(told, `${symbol}: trade ${id} is missing and no gap tells of it`);
  }
  const inTable = rows
    .table('trades')
    .filter((row) => isOf(row, symbol))
    .map((row) => Number(columnsOf(row).trade_id))
    .sort((a, b) => a - b);
  assert.deepEqual(
    inTable,
    [...history.trades.keys()].sort((a, b) => a - b),
    `${symbol}: the rows of trades`,
  );
  const counted = candlesOf(result, symbol)
    .filter((row) => resolutionOf(row) === '10s')
    .reduce((sum, row) => sum + Number(columnsOf(row).trade_count), 0);
  assert.equal(counted, had.length, `${symbol}: the trades in the windows`);
  return missing;
}

/** Market columns are those of a fold without faults of what was had; coverage says what was not. */
function checkCandles(
  result: SimulationResult,
  symbol: MarketSymbol,
  history: RawHistory,
  missing: ReadonlySet<number>,
): void {
  const { market } = result;
  const profile = profileOf(market, symbol);
  const expected = new Map(undisturbed(result, symbol, history).map((row) => [keyOf(row), row]));
  const found = new Map(candlesOf(result, symbol).map((row) => [keyOf(row), row]));
  assert.deepEqual([...found.keys()].sort(), [...expected.keys()].sort(), `${symbol}: the windows`);
  const first = Math.min(...history.trades.keys(), ...history.aggregated);
  const missingMs = [...missing].map((id) => {
    const [trade] = market.trades(profile, id, id);
    return Math.floor((trade?.timeUs ?? 0) / 1_000);
  });
  for (const [key, row] of found) {
    const columns = columnsOf(row);
    const name = `${symbol} ${key}`;
    assert.equal(columns.final, 'true', `${name} is not final`);
    const isByAggregates = columns.coverage === 'repaired-aggregate' || result.scenario.byAggregates;
    assert.deepEqual(
      marketOf(row, isByAggregates),
      marketOf(expected.get(key) ?? row, isByAggregates),
      `${name}: market columns`,
    );
    const startMs = Number(row.timeNs) / 1e6;
    const endMs = startMs + (SIZES_MS[resolutionOf(row)] ?? 0);
    const holdsMissing = missingMs.some((ms) => ms >= startMs && ms < endMs);
    if (holdsMissing) assert.equal(columns.coverage, 'gap', `${name} lacks a trade and does not say so`);
    if (missing.size === 0)
      assert.notEqual(columns.coverage, 'gap', `${name} is told as a gap and lacks nothing`);
    assert.notEqual(columns.audit, 'differs', `${name} differs from the exchange’s kline`);
    const beganMs = Math.min(...history.began) / 1_000;
    const isCut = startMs < beganMs || endMs * 1_000 > Math.max(...history.ended);
    if (columns.coverage === 'partial')
      assert.ok(isCut || history.began.length > 1, `${name} is no partial window`);
    if (isCut) assert.match(String(columns.coverage), /^(partial|gap)$/, `${name} was not watched whole`);
    if (columns.coverage === 'complete' || columns.coverage === 'repaired') {
      const ids = [Number(columns.first_trade_id), Number(columns.last_trade_id)] as const;
      assert.equal(Number(columns.trade_count), ids[1] - ids[0] + 1, `${name} lacks a trade`);
      const sources = Array.from(
        { length: ids[1] - ids[0] + 1 },
        (_, at) => history.trades.get(ids[0] + at)?.source,
      );
      const isRepaired = sources.includes('backfill');
      assert.equal(columns.coverage, isRepaired ? 'repaired' : 'complete', `${name}: coverage`);
    }
    assert.ok(Number(columns.first_trade_id) >= first);
  }
}

/** Windows become final while the feed runs, those of quiet symbols by ticks alone. */
function checkFinality({ whileLive, lastUs }: SimulationResult): void {
  for (const row of whileLive) {
    const endMs = Number(row.timeNs.slice(0, -6)) + (SIZES_MS[resolutionOf(row)] ?? 0);
    // A socket may be silent for 30 s before the exchange is asked for its time; the watermark stays 10 s behind,
    // ticks come every 5 s, and a function that failed is called again within 10 s.
    if (endMs > lastUs / 1_000 - 60_000) continue;
    assert.equal(columnsOf(row).final, 'true', `${keyOf(row)} waits for another trade to become final`);
  }
}

/** One row per refused record of the raw log, with its reason, and none for anything else. */
function checkDeadLetters({ rows }: SimulationResult, refused: readonly string[]): void {
  const found = rows.table('dead_letters').map((row) => {
    const dimensions = Object.fromEntries(row.dimensions);
    const columns = columnsOf(row);
    return `${dimensions.topic}/${dimensions.partition}/${columns.offset} ${columns.reason}`;
  });
  assert.deepEqual(found.sort(), [...refused].sort(), 'dead letters');
}

/** Each update id once. */
function checkQuotes({ rows, scenario }: SimulationResult): void {
  for (const symbol of scenario.symbols) {
    const ids = rows
      .table('quotes')
      .filter((row) => isOf(row, symbol))
      .map((row) => columnsOf(row).update_id);
    assert.equal(new Set(ids).size, ids.length, `${symbol}: a quote stands twice`);
  }
}

/** The same validated log in other batches, without a fault, gives the same rows in every column and version. */
async function checkOtherBatches(result: SimulationResult): Promise<void> {
  const rows = new MemoryRowStore();
  const handler = createAggregateHandler(
    {
      store: new MemoryStateStore(),
      rows,
      producer: { send: async () => [], close: async () => {} },
      nowMs: () => result.epochMs,
    },
    aggregateOptions({ topics, watermarkDelayMs: 10_000, keepEvents: true }),
  );
  const builder = new EventBuilder({ arn: 'arn', bootstrapServers: 'none' });
  const size = 1 + ((result.scenario.seed * 37) % 150);
  for (const topic of [topics.trades, topics.quotes]) {
    const records = await recordsOf(result.log, topic);
    for (const partition of [0, 1]) {
      const own = records.filter((record: LogRecord) => record.partition === partition);
      for (let at = 0; at < own.length; at += size) {
        await handler(builder.build(own.slice(at, at + size)), {
          functionName: 'aggregate',
          invokedFunctionArn: 'arn',
          awsRequestId: 'id',
          getRemainingTimeInMillis: () => 1,
        });
      }
    }
  }
  for (const table of ['candles', 'spreads', 'trades', 'quotes'] as const) {
    const text = (row: Row): string =>
      JSON.stringify([row.timeNs, row.dimensions, sequenceOf(row.version), columnsOf(row)]);
    assert.deepEqual(
      result.rows.table(table).map(text),
      rows.table(table).map(text),
      `${table} in other batches`,
    );
  }
}

/** The version without its epoch, which is the minute in which the state was made. */
function sequenceOf(version: string): string {
  return String(BigInt(version) % 2n ** 40n);
}

/** The rows of all trades that were had, folded once, in order, without a fault. */
function undisturbed(result: SimulationResult, symbol: MarketSymbol, history: RawHistory): readonly Row[] {
  const thresholds = thresholdsFor(symbol);
  const windows = new TradeWindows(
    symbol,
    {
      resolutions: DEFAULT_RESOLUTIONS,
      delayUs: 10_000_000,
      retentionUs: 604_800_000_000,
      whaleQuoteValue: Number.isFinite(thresholds.whaleQuote) ? thresholds.whaleQuote : null,
    },
    1,
  );
  const writer = new CandleWriter(windows, thresholds);
  const profile = profileOf(result.market, symbol);
  const ids = [...history.trades.keys(), ...history.aggregated].sort((a, b) => a - b);
  for (const id of ids) {
    const [trade] = result.market.trades(profile, id, id);
    assert.ok(trade !== undefined, `${symbol}: the exchange never issued trade ${id}`);
    windows.foldTrade({
      tradeId: id,
      priceUnits: trade.priceTicks,
      priceScale: profile.priceDecimals,
      quantityUnits: trade.quantityLots,
      quantityScale: profile.quantityDecimals,
      isBuyerMaker: trade.isBuyerMaker,
      // In milliseconds, as the exchange tells it.
      tradeTimeUs: Math.floor(trade.timeUs / 1_000) * 1_000,
      source: 'live',
    });
  }
  windows.foldTick(tick({ symbol, endedUs: result.lastUs }));
  writer.collect();
  return writer.take(0).rows;
}

function candlesOf({ rows }: SimulationResult, symbol: MarketSymbol): readonly Row[] {
  return rows.table('candles').filter((row) => isOf(row, symbol));
}

function isOf(row: Row, symbol: MarketSymbol): boolean {
  return row.dimensions.some(([name, value]) => name === 'symbol' && value === symbol);
}

function resolutionOf(row: Row): string {
  return row.dimensions.find(([name]) => name === 'resolution')?.[1] ?? '';
}

function keyOf(row: Row): string {
  return `${resolutionOf(row)} ${new Date(Number(row.timeNs.slice(0, -6))).toISOString()}`;
}

function marketOf(row: Row, withoutPerTrade: boolean): Record<string, string> {
  const columns = Object.entries(columnsOf(row));
  return Object.fromEntries(
    columns.filter(([name]) => !PROVENANCE.has(name) && !(withoutPerTrade && PER_TRADE.has(name))),
  );
}
