import assert from 'node:assert/strict';
import { aggregateOptions } from '../../../functions/aggregate/aggregate-options.ts';
import { createAggregateHandler } from '../../../functions/aggregate/handler.ts';
import { EventBuilder } from '../../../infra/local/event-source-mapping/event-builder.ts';
import type { AggTrade } from '../../../shared/events/agg-trade.ts';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
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
import { checkAudits } from './check-audits.ts';
import { checkCoverage } from './check-coverage.ts';
import { checkIds } from './check-ids.ts';
import { checkOrder } from './check-order.ts';
import { checkRequests } from './check-requests.ts';
import { checkRevisions } from './check-revisions.ts';
import { checkSpreads } from './check-spreads.ts';
import { type RawHistory, readRawLog, recordsOf, validatedEvents } from './raw-history.ts';
import { profileOf, type SimulationResult } from './simulation.ts';
import { candleOf, candlesOf, identityOf, isOf, rowsOf, startOf } from './stored-rows.ts';

const topics = DEFAULT_TOPIC_NAMES;
const PROVENANCE = new Set(['coverage', 'final', 'revision', 'reason', 'audit']);
/** What a window of aggregates leaves out, and what it cannot know. */
const PER_TRADE = new Set(['largest_trade', 'whale_count']);
/** Holds a simulation to the promises of the monitor; what is broken is told by an AssertionError. */
export async function checkSimulation(result: SimulationResult): Promise<void> {
  assert.deepEqual(result.errors, []);
  const raw = await readRawLog(result.log);
  const events = await validatedEvents(result.log, topics.trades);
  checkOrder(result);
  checkRequests(result);
  for (const symbol of result.scenario.symbols) {
    const history = raw.bySymbol.get(symbol);
    assert.ok(history !== undefined, `${symbol} never came`);
    const missing = checkIds(result, symbol, history);
    checkFigures(result, symbol, history);
    checkCoverage(result, symbol, history, missing);
    checkRevisions(result, symbol, events);
    checkAudits(result, symbol, history, events);
  }
  checkFinality(result);
  checkDeadLetters(result, raw.refused);
  checkQuotes(result);
  checkEpochs(result);
  checkSpreads(result);
  await checkOtherBatches(result, events);
}

/** Market columns are those of a fold without faults of what was had. */
function checkFigures(result: SimulationResult, symbol: MarketSymbol, history: RawHistory): void {
  const shown = candlesOf(result, symbol);
  const refused = new Set(result.refusedRows.map(identityOf));
  const expected = new Map(
    undisturbed(result, symbol, history)
      .filter((row) => !refused.has(identityOf(row)))
      .map((row) => [identityOf(row), row]),
  );
  assert.deepEqual(
    shown.map(({ row }) => identityOf(row)).sort(),
    [...expected.keys()].sort(),
    `${symbol}: the windows`,
  );
  for (const { row, name, columns } of shown) {
    const isByAggregates = columns.coverage === 'repaired-aggregate' || result.scenario.byAggregates;
    const wanted = expected.get(identityOf(row)) ?? row;
    assert.deepEqual(
      marketOf(row, isByAggregates),
      marketOf(wanted, isByAggregates),
      `${name}: market columns`,
    );
  }
}

/** Windows become final while the feed runs, those of quiet symbols by ticks alone. */
function checkFinality({ whileLive, lastUs, refusedRows }: SimulationResult): void {
  const refused = new Set(refusedRows.map(identityOf));
  for (const row of whileLive) {
    const { name, endPane, columns } = candleOf(row);
    // A socket may be silent for 30 s before the exchange is asked for its time; the watermark stays 10 s behind,
    // ticks come every 5 s, and a function that failed is called again within 10 s.
    if (startOf(endPane) > lastUs - 60_000_000 || refused.has(identityOf(row))) continue;
    assert.equal(columns.final, 'true', `${name} waits for another trade to become final`);
  }
}

/** One row per refused record of the raw log and per row that the store refused, and none for anything else. */
function checkDeadLetters({ rows, refusedRows }: SimulationResult, refused: readonly string[]): void {
  const letters = rows.table('dead_letters').map((row) => {
    const { topic = '', partition = '' } = Object.fromEntries(row.dimensions);
    const { offset, reason = '' } = columnsOf(row);
    return { topic, place: `${topic}/${partition}/${offset} ${reason}`, offset, reason };
  });
  const ofRecords = letters.filter(({ reason }) => reason !== 'ROW_REFUSED').map(({ place }) => place);
  assert.deepEqual(ofRecords.sort(), [...refused].sort(), 'dead letters');
  const wanted = refusedRows.map((row) => `${row.table} ${sequenceOf(row.version)}`);
  const told = letters
    .filter(({ reason }) => reason === 'ROW_REFUSED')
    .map(({ topic, offset }) => `${topic} ${offset}`);
  for (const letter of told) assert.ok(wanted.includes(letter), `${letter} was not refused by the store`);
  for (const [at, row] of refusedRows.entries()) {
    // A batch that failed after the refusal comes again, and the store then takes the row.
    const stored = rows.table(row.table).find((other) => identityOf(other) === identityOf(row));
    const isThere = stored !== undefined && BigInt(stored.version) >= BigInt(row.version);
    assert.ok(
      isThere || told.includes(String(wanted[at])),
      `${identityOf(row)} was refused, and nobody tells`,
    );
  }
}

/** All rows of a symbol's feed carry one epoch: that of the minute in which its state was made. */
function checkEpochs(result: SimulationResult): void {
  const epochs = new Map<string, Set<bigint>>();
  for (const [table, feed] of [
    ['candles', 'trades'],
    ['trades', 'trades'],
    ['spreads', 'quotes'],
    ['quotes', 'quotes'],
  ] as const)
    for (const row of rowsOf(result, table)) {
      const key = `${feed} ${row.dimensions[0]?.[1]}`;
      epochs.set(key, (epochs.get(key) ?? new Set()).add(BigInt(row.version) >> 40n));
    }
  const minuteOf = (ms: number): bigint => BigInt(Math.floor((ms - Date.UTC(2026, 0, 1)) / 60_000));
  for (const [key, found] of epochs) {
    const [epoch = -1n, ...more] = found;
    assert.deepEqual(more, [], `${key}: its state was never lost`);
    assert.ok(epoch >= minuteOf(result.epochMs), `${key}: the epoch is older than the feed`);
    assert.ok(epoch <= minuteOf(result.lastUs / 1_000) + 2n, `${key}: the epoch is newer than the feed`);
  }
}

/** Each update id once. */
function checkQuotes(result: SimulationResult): void {
  for (const symbol of result.scenario.symbols) {
    const ids = rowsOf(result, 'quotes')
      .filter((row) => isOf(row, symbol))
      .map((row) => columnsOf(row).update_id);
    assert.equal(new Set(ids).size, ids.length, `${symbol}: a quote stands twice`);
  }
}

/** The same validated log in other batches, without a fault, gives the same rows in every column and version. */
async function checkOtherBatches(result: SimulationResult, events: readonly MarketEvent[]): Promise<void> {
  const rows = new MemoryRowStore();
  let untiled = 0;
  const handler = createAggregateHandler(
    {
      store: new MemoryStateStore(),
      rows,
      producer: { send: async () => [], close: async () => {} },
      nowMs: () => result.epochMs,
    },
    aggregateOptions({ topics, watermarkDelayMs: 10_000, keepEvents: true }),
    (counts) => {
      untiled += counts.untiledAggregates;
    },
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
  assert.equal(untiled, untiledOf(events), 'aggregates that do not tile the ids');
  for (const table of ['candles', 'spreads', 'trades', 'quotes', 'signals'] as const) {
    const text = (row: Row): string =>
      JSON.stringify([row.timeNs, row.dimensions, sequenceOf(row.version), columnsOf(row)]);
    assert.deepEqual(
      rowsOf(result, table).map(text),
      rowsOf({ ...result, rows }, table).map(text),
      `${table} in other batches`,
    );
  }
}

/** How many live aggregates follow the one before them in number and not in their trades. */
function untiledOf(events: readonly MarketEvent[]): number {
  const last = new Map<MarketSymbol, AggTrade>();
  let untiled = 0;
  for (const event of events) {
    if (event.kind !== 'aggTrade' || event.source === 'backfill') continue;
    const before = last.get(event.symbol);
    if (before !== undefined && event.aggTradeId <= before.aggTradeId) continue;
    last.set(event.symbol, event);
    if (before?.aggTradeId === event.aggTradeId - 1 && before.lastTradeId !== event.firstTradeId - 1)
      untiled += 1;
  }
  return untiled;
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

function marketOf(row: Row, withoutPerTrade: boolean): Record<string, string> {
  const columns = Object.entries(columnsOf(row));
  return Object.fromEntries(
    columns.filter(([name]) => !PROVENANCE.has(name) && !(withoutPerTrade && PER_TRADE.has(name))),
  );
}
