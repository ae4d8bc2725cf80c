import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openRecording } from '../../infra/local/recordings/recording.ts';
import { readRawRecord } from '../../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES } from '../../shared/binance/validation-rules.ts';
import type { AggTrade } from '../../shared/events/agg-trade.ts';
import { CandleWriter } from '../../shared/window/candle-writer.ts';
import { recordings, skipWithoutRecordings } from '../recordings.ts';
import { columnsOf, makeWindows, tick } from '../shared/window/window-fixtures.ts';

interface RunningKline {
  readonly s: string;
  readonly t: number;
  readonly f: number;
  readonly L: number;
  readonly o: string;
  readonly h: string;
  readonly l: string;
  readonly c: string;
  readonly v: string;
  readonly n: number;
  readonly q: string;
  readonly V: string;
  readonly Q: string;
}

const MINUTE_US = 60_000_000;

describe('the running klines of 2021-04-04', { skip: skipWithoutRecordings }, () => {
  it('equal the fold of the aggregates’ figures, wherever they do not cut through an aggregate', async () => {
    const recording = await openRecording([join(recordings ?? '', 'binance-spot-2021-04-04')]);
    const aggregates = new Map<string, AggTrade[]>();
    const klines: RunningKline[] = [];
    for await (const item of recording.items()) {
      if (item.kind !== 'frame') continue;
      if (item.stream === 'kline_1m') klines.push(JSON.parse(item.bytes.toString()).data.k);
      if (item.stream !== 'aggTrade') continue;
      const outcome = readRawRecord(
        {
          value: item.bytes,
          key: item.symbol,
          header: { receivedUs: item.receivedUs, connection: 'test', source: 'replay', frame: 0 },
          raw: { partition: 0, offset: 0 },
          timestampMs: 0,
        },
        DEFAULT_VALIDATION_RULES,
      );
      assert.ok(outcome.kind === 'event' && outcome.event.kind === 'aggTrade');
      const own = aggregates.get(item.symbol) ?? [];
      own.push(outcome.event);
      aggregates.set(item.symbol, own);
    }
    const judged = { equal: 0, cut: 0 };
    for (const kline of klines) {
      const own = aggregates.get(kline.s) ?? [];
      // Only minutes that begin within the recording, and klines whose trades were recorded to the last.
      const first = own[0];
      const last = own.at(-1);
      if (first === undefined || last === undefined || kline.f < first.firstTradeId) continue;
      if (kline.L > last.lastTradeId || kline.n === 0) continue;
      if (own.some((trade) => trade.firstTradeId <= kline.L && trade.lastTradeId > kline.L)) {
        judged.cut += 1;
        continue;
      }
      assert.deepEqual(candleOf(own, kline), {
        open: plain(kline.o),
        high: plain(kline.h),
        low: plain(kline.l),
        close: plain(kline.c),
        volume: plain(kline.v),
        quoteVolume: plain(kline.q),
        takerBuyVolume: plain(kline.V),
        takerBuyQuoteVolume: plain(kline.Q),
        trades: String(kline.n),
        first: String(kline.f),
        last: String(kline.L),
      });
      judged.equal += 1;
    }
    assert.ok(judged.equal >= 50, `only ${judged.equal} klines could be judged`);
    assert.ok(judged.cut > 0);
  });
});

function candleOf(aggregates: readonly AggTrade[], kline: RunningKline): Record<string, string | undefined> {
  const windows = makeWindows(kline.s);
  const writer = new CandleWriter(windows, { volatilityStddev: Infinity, volumeSpike: Infinity });
  for (const event of aggregates) {
    if (event.firstTradeId < kline.f || event.lastTradeId > kline.L) continue;
    // The fold takes the figures of an aggregate only where it stands in for trades that could not be had singly.
    windows.foldAggTrade({ ...event, source: 'backfill' });
  }
  windows.foldTick(tick({ symbol: kline.s, endedUs: kline.t * 1_000 + MINUTE_US }));
  writer.collect();
  const row = writer
    .take(0)
    .rows.find(
      ({ timeNs, dimensions }) =>
        timeNs === `${kline.t}000000` && dimensions.some(([, value]) => value === '1m'),
    );
  assert.ok(row !== undefined);
  const columns = columnsOf(row);
  return {
    open: columns.open,
    high: columns.high,
    low: columns.low,
    close: columns.close,
    volume: columns.volume_exact,
    quoteVolume: columns.quote_volume_exact,
    takerBuyVolume: columns.taker_buy_volume_exact,
    takerBuyQuoteVolume: columns.taker_buy_quote_volume_exact,
    trades: columns.trade_count,
    first: columns.first_trade_id,
    last: columns.last_trade_id,
  };
}

function plain(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
