import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wallClock } from '../../functions/adapters/wall-clock.ts';
import type { IngestReport } from '../../functions/ingest/ingest-report.ts';
import { startLiveIngest } from '../../functions/ingest/live-ingest.ts';
import { WsStreamSource } from '../../functions/ingest/ws-stream-source.ts';
import { startExchange } from '../../infra/local/exchange/exchange.ts';
import { FaultSchedule } from '../../infra/local/exchange/fault-schedule.ts';
import { SimulatedSource } from '../../infra/local/exchange/simulated-source.ts';
import { SimulatedMarket } from '../../infra/local/market/simulated-market.ts';
import { readRawRecord } from '../../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES } from '../../shared/binance/validation-rules.ts';
import { DEFAULT_TOPIC_NAMES } from '../../shared/log/topics.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { emptyLog, readAll } from '../infra/local/replay/raw-log.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const FAULTS = {
  dropShare: 0.02,
  doubleShare: 0.02,
  swapShare: 0.02,
  malformedShare: 0.01,
  cutEveryMs: 1_500,
  silenceMs: 300,
  tooManyRequestsShare: 0,
  bannedShare: 0,
  serverErrorShare: 0.1,
  slowPageMs: 200,
  clockErrorMs: 200,
  endAfterMs: 5_000,
};

const MODES = [
  { service: 'full', mode: /^by id from/ },
  { service: 'market-data-only', mode: /^by aggregates from/ },
] as const;

describe('ingest on the local exchange, over real sockets and REST', { concurrency: true }, () => {
  for (const { service, mode } of MODES)
    it(`has every trade id since the open 15 minutes began, through cuts, drops, swaps and REST faults, on a ${service} exchange`, async () => {
      const exchange = await startExchange({
        market: new SimulatedSource(new SimulatedMarket(7, SYMBOLS), wallClock),
        clock: wallClock,
        faults: new FaultSchedule(7, FAULTS),
        service,
      });
      const read = readSettings({
        SYMBOLS: SYMBOLS.join(),
        BINANCE_STREAM_URL: exchange.streamUrl,
        BINANCE_REST_URL: exchange.restUrl,
        RECONNECT_DELAY_S: '0.2',
        HEALTH_PORT: '0',
      });
      assert.ok(read.kind === 'settings');
      const log = await emptyLog();
      const reports: IngestReport[] = [];
      const live = await startLiveIngest(read.settings, {
        log,
        clock: wallClock,
        random: Math.random,
        source: new WsStreamSource({ clock: wallClock }),
        fetch,
        report: (report) => reports.push(report),
        healthHost: '127.0.0.1',
      });
      const deadline = Date.now() + 25_000;
      const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
      await wait(FAULTS.endAfterMs + 1_000);
      // After the last fault the sockets come back, and the next trades show what was lost.
      while (Date.now() < deadline && !live.status().ready) await wait(100);
      await wait(2_000);
      while (Date.now() < deadline && !live.status().ready) await wait(100);
      await live.stop();
      await exchange.close();

      const ids = new Map<string, Set<number>>(SYMBOLS.map((symbol) => [symbol, new Set()]));
      const missing = new Set<string>();
      for (const record of await readAll(log, DEFAULT_TOPIC_NAMES.rawTrades)) {
        const outcome = readRawRecord(
          {
            value: Buffer.from(record.text),
            key: record.key,
            header: record.header,
            raw: { partition: 0, offset: 0 },
            timestampMs: 0,
          },
          DEFAULT_VALIDATION_RULES,
        );
        if (outcome.kind !== 'event') continue;
        const { event } = outcome;
        if (event.kind === 'trade') ids.get(event.symbol)?.add(event.tradeId);
        if (event.kind === 'aggTrade' && event.source === 'backfill')
          for (let id = event.firstTradeId; id <= event.lastTradeId; id += 1) {
            assert.ok(
              !ids.get(event.symbol)?.has(id),
              `${event.symbol} ${id} came as a trade and in an aggregate`,
            );
            ids.get(event.symbol)?.add(id);
          }
        if (event.kind === 'tick' && event.gap !== null)
          for (let id = event.gap.from; id <= event.gap.to; id += 1)
            if (event.gap.state === 'filled') missing.delete(`${event.symbol} ${id}`);
            else missing.add(`${event.symbol} ${id}`);
      }
      assert.ok(
        reports.filter((report) => report.kind === 'socket-closed').length >= 2,
        'the schedule cut the sockets',
      );
      for (const [symbol, seen] of ids) {
        const lowest = Math.min(...seen);
        const highest = Math.max(...seen);
        assert.ok(seen.size > 100, `${symbol} traded`);
        const told = [...missing].filter((id) => id.startsWith(`${symbol} `)).length;
        const untold = highest - lowest + 1 - seen.size - told;
        assert.equal(untold, 0, `${symbol} misses ids of ${lowest} to ${highest} and does not say so`);
      }
      // Of an aggregate that has a seen trade in its middle, the two ends cannot be told apart: they stay missing.
      if (service === 'full') assert.deepEqual([...missing], []);
      assert.ok(missing.size < 20, `${[...missing].join()} are missing`);
      const lost = reports.filter(
        (report) =>
          report.kind === 'socket-closed' && report.connection.startsWith('q') && report.retryMs !== null,
      ).length;
      const quotes = await readAll(log, DEFAULT_TOPIC_NAMES.rawQuotes);
      for (const symbol of SYMBOLS) {
        const told = quotes.filter(
          ({ key, text }) => key === symbol && /"began_ms":\d+.*"ended_ms":\d/.test(text),
        ).length;
        assert.ok(told <= lost && told > 0 === lost > 0, `${symbol}: ${told} of ${lost} interruptions told`);
      }
      assert.match(live.repairMode(), mode);
    });
});
