import { parseArgs } from 'node:util';
import { Aggregate } from '../functions/aggregate/aggregate.ts';
import { aggregateOptions } from '../functions/aggregate/aggregate-options.ts';
import { simulatedFrames } from '../infra/local/market/simulated-frames.ts';
import { SimulatedMarket } from '../infra/local/market/simulated-market.ts';
import { readRawRecord } from '../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES } from '../shared/binance/validation-rules.ts';
import { encodeEvent } from '../shared/events/event-json.ts';
import type { MSKEvent, MSKRecord } from '../shared/log/kafka-event.ts';
import { DEFAULT_TOPIC_NAMES } from '../shared/log/topics.ts';
import { printSetting } from './bench-report.ts';
import { DYNAMODB_PRICES, MONTH_HOURS, monthlyCost } from './dynamodb-cost.ts';
import { MeteredStateStore } from './metered-state-store.ts';

const HELP = `Measures what the window state of a symbol writes and reads in an hour of the simulated market.

  node bench/state-cost.ts [--symbols BTCUSDT,ETHUSDT,LTCUSDT] [--minutes 60] [--every 500]

  --every MS   the mapping's batching window: an invocation each time, if there is a record
`;

const { values } = parseArgs({
  options: {
    symbols: { type: 'string', default: 'BTCUSDT,ETHUSDT,LTCUSDT' },
    minutes: { type: 'string', default: '60' },
    every: { type: 'string', default: '500' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const symbols = values.symbols.split(',');
const minutes = Number(values.minutes);
const everyUs = Number(values.every) * 1_000;
const startUs = Date.UTC(2026, 10, 20, 12) * 1_000;
const endUs = startUs + minutes * 60_000_000;

printSetting(
  `${minutes} minutes of the simulated market, an invocation every ${values.every} ms, trades and quotes`,
);
console.log(`Prices, unverified, from ${DYNAMODB_PRICES.source}: ${JSON.stringify(DYNAMODB_PRICES)}`);
for (const symbol of symbols) {
  for (const feed of ['trade', 'bookTicker'] as const) await measure(symbol, feed);
}

async function measure(symbol: string, feed: 'trade' | 'bookTicker'): Promise<void> {
  const market = new SimulatedMarket(1, [symbol]);
  const types = feed === 'trade' ? ['trade', 'aggTrade', 'kline_1m'] : ['bookTicker'];
  const streams = types.map((type) => `${symbol.toLowerCase()}@${type}`);
  const store = new MeteredStateStore();
  const aggregate = new Aggregate(
    {
      store,
      rows: { write: async (rows) => ({ written: rows.length, superseded: 0, refused: [] }) },
      producer: { send: async () => [], close: async () => {} },
      nowMs: () => startUs / 1_000,
    },
    aggregateOptions({ topics: DEFAULT_TOPIC_NAMES, watermarkDelayMs: 10_000, keepEvents: false }),
  );
  let invocations = 0;
  let records = 0;
  for (let afterUs = startUs; afterUs < endUs; afterUs += everyUs) {
    const frames = simulatedFrames(market, streams, afterUs, afterUs + everyUs);
    const batch = frames.flatMap(({ stream, atUs, payload }) =>
      recordOf(`{"stream":"${stream}","data":${payload('ms', 0)}}`, symbol, atUs, feed),
    );
    if (batch.length === 0) continue;
    invocations += 1;
    records += batch.length;
    await aggregate.process(eventOf(batch));
  }
  const hour = 60 / minutes;
  const { use } = store;
  const perHour = {
    writeUnits: use.writeUnits * hour,
    readUnits: use.readUnits * hour,
    storedBytes: use.storedBytes * hour,
  };
  const average = Math.round(store.hotBytesSum / Math.max(1, store.hotWrites));
  console.log(
    `${symbol} ${feed}: ${records} records in ${invocations} invocations; hot item ${average} bytes on average, ${store.largestHotBytes} at most; ` +
      `${store.hotWrites} hot writes, ${store.hotReads} hot reads, ${store.blockWrites} archive writes, ${store.blockReads} archive reads; ` +
      `${use.writeUnits} write units, ${use.readUnits} read units, ${use.storedBytes} bytes kept; ` +
      `${monthlyCost(perHour, DYNAMODB_PRICES).toFixed(2)} USD in a month of ${MONTH_HOURS} such hours`,
  );
}

function recordOf(
  text: string,
  symbol: string,
  atUs: number,
  feed: 'trade' | 'bookTicker',
): readonly MSKRecord[] {
  const outcome = readRawRecord(
    {
      value: Buffer.from(text),
      key: symbol,
      header: { receivedUs: atUs + 20_000, connection: 't0-0', source: 'live', frame: 0 },
      raw: { partition: 0, offset: 0 },
      timestampMs: atUs / 1_000,
    },
    DEFAULT_VALIDATION_RULES,
  );
  if (outcome.kind !== 'event') return [];
  return [
    {
      topic: feed === 'trade' ? DEFAULT_TOPIC_NAMES.trades : DEFAULT_TOPIC_NAMES.quotes,
      partition: 0,
      offset: 0,
      timestamp: Math.floor(atUs / 1_000),
      timestampType: 'CREATE_TIME',
      key: Buffer.from(symbol).toString('base64'),
      value: Buffer.from(encodeEvent(outcome.event)).toString('base64'),
      headers: [],
    },
  ];
}

function eventOf(batch: readonly MSKRecord[]): MSKEvent {
  return {
    eventSource: 'aws:kafka',
    eventSourceArn: 'arn',
    bootstrapServers: 'b',
    records: { 'events-0': batch },
  };
}
