import assert from 'node:assert/strict';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import type { MarketSymbol } from '../../../shared/units.ts';
import { AUDITS } from '../../../shared/window/audit.ts';
import { isShared, isWithoutRest } from './check-ids.ts';
import type { RawHistory } from './raw-history.ts';
import type { SimulationResult } from './simulation.ts';
import { candlesOf, type StoredCandle, startOf } from './stored-rows.ts';

/** A minute that closed so short before the end need not have its kline: it is asked for only when it is final. */
const TOO_LATE_US = 45_000_000;
const JUDGED = new Set(['complete', 'repaired', 'repaired-aggregate']);

/**
 * A whole minute is `equal` where the log holds its kline. Where it holds none, ingest said that it could not be
 * had. Longer windows have the worst verdict of their minutes, all others none.
 */
export function checkAudits(
  result: SimulationResult,
  symbol: MarketSymbol,
  history: RawHistory,
  events: readonly MarketEvent[],
): void {
  // Trades of an aggregate that overlapped what another ingestor had brought are not in the windows: that shows here.
  if (history.overlapped.size > 0 && isShared(result)) return;
  // What a line had held back may be of before the beginning of the session (decision 053).
  const isHeld = result.scenario.silences.some(({ holdsFrames }) => holdsFrames);
  const klines = new Set<number>();
  for (const event of events)
    if (event.kind === 'kline' && event.symbol === symbol) klines.add(event.openTimeUs);
  const candles = candlesOf(result, symbol);
  const minutes = candles.filter(({ resolution }) => resolution.name === '1m');
  for (const candle of candles) {
    const { name, columns, resolution, startPane } = candle;
    if (isHeld && startOf(startPane) < Math.min(...history.began)) continue;
    if (resolution.name === '1m') {
      const isJudged = JUDGED.has(String(columns.coverage));
      const isWitnessed = isJudged && klines.has(startOf(startPane));
      assert.equal(columns.audit, isWitnessed ? 'equal' : 'unwitnessed', `${name}: audit`);
      if (isJudged && !isWitnessed) checkAsked(result, symbol, candle);
    } else if (resolution.name === '5m' || resolution.name === '15m') {
      const within = minutes.filter(
        (minute) => minute.startPane >= startPane && minute.endPane <= candle.endPane,
      );
      const trades = within.reduce((sum, minute) => sum + Number(minute.columns.trade_count), 0);
      // A minute whose row the store refused is not at hand.
      if (trades !== Number(columns.trade_count)) continue;
      const verdicts = within.map((minute) =>
        (AUDITS as readonly string[]).indexOf(minute.columns.audit ?? ''),
      );
      assert.equal(columns.audit, AUDITS[Math.max(...verdicts)], `${name}: the worst of its minutes`);
    } else {
      assert.equal(columns.audit, 'unwitnessed', `${name} is not judged`);
    }
  }
}

/** The kline of a minute is not in the log: ingest was asked for it, and said why it has none. */
function checkAsked(result: SimulationResult, symbol: MarketSymbol, minute: StoredCandle): void {
  if (startOf(minute.endPane) > result.lastUs - TOO_LATE_US) return;
  // Without REST the requests queue: each is tried for ten seconds.
  if (isWithoutRest(result.scenario)) return;
  const isTold = result.reports.some(
    (report) =>
      report.kind === 'audit' &&
      report.symbol === symbol &&
      report.openTimeMs === startOf(minute.startPane) / 1_000 &&
      report.outcome !== 'appended',
  );
  assert.ok(isTold, `${minute.name} has no kline, and nobody says why`);
}
