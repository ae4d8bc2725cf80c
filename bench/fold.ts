import { Aggregate } from '../functions/aggregate/aggregate.ts';
import { aggregateOptions } from '../functions/aggregate/aggregate-options.ts';
import { encodeTrade } from '../shared/events/trade-json.ts';
import type { MSKEvent, MSKRecord } from '../shared/log/kafka-event.ts';
import { DEFAULT_TOPIC_NAMES } from '../shared/log/topics.ts';
import type { RowWriter } from '../shared/row.ts';
import { MemoryStateStore } from '../shared/state/memory-state-store.ts';
import { printResult, printSetting } from './bench-report.ts';

/** Trades of one invocation: the most that a mapping hands over. */
const BATCH = 10_000;
const BATCHES = 60;
/** Trades a second of the market that is folded: a busy pair in a busy hour. */
const TRADES_PER_SECOND = 100;
const ROUNDS = 7;

/** Batches of validated trades of one symbol as Lambda hands them over; a seeded random walk of the price. */
function makeEvents(): MSKEvent[] {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const events: MSKEvent[] = [];
  const startUs = Date.UTC(2026, 10, 20) * 1_000;
  let price = 6_183_763;
  let at = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const records: MSKRecord[] = [];
    for (let n = 0; n < BATCH; n += 1, at += 1) {
      price += Math.round((random() - 0.5) * 40);
      const timeUs = startUs + Math.floor((at * 1_000) / TRADES_PER_SECOND) * 1_000;
      const value = encodeTrade({
        kind: 'trade',
        symbol: 'BTCUSDT',
        tradeId: 3_735_683_259 + at,
        price: { units: price, scale: 2 },
        // Mostly thousandths of a coin, now and then a whale.
        quantity: { units: 1 + Math.floor(random() ** 8 * 200_000), scale: 5 },
        tradeTimeUs: timeUs,
        eventTimeUs: timeUs + 1_000,
        isBuyerMaker: random() < 0.5,
        receivedUs: timeUs + 21_387,
        source: 'live',
        raw: { partition: 3, offset: 1_000_000 + at },
      });
      records.push({
        topic: DEFAULT_TOPIC_NAMES.trades,
        partition: 3,
        offset: at,
        timestamp: Math.floor(timeUs / 1_000),
        timestampType: 'CREATE_TIME',
        key: Buffer.from('BTCUSDT').toString('base64'),
        value: Buffer.from(value).toString('base64'),
        headers: [],
      });
    }
    events.push({
      eventSource: 'aws:kafka',
      eventSourceArn: 'arn:aws:kafka:eu-central-1:000000000000:cluster/bench/0',
      bootstrapServers: 'b-1:9098',
      records: { [`${DEFAULT_TOPIC_NAMES.trades}-3`]: records },
    });
  }
  return events;
}

interface Counted extends RowWriter {
  rows: number;
}

function countingRows(): Counted {
  const counted: Counted = {
    rows: 0,
    write: async (rows) => {
      counted.rows += rows.length;
      return { written: rows.length, superseded: 0, refused: [] };
    },
  };
  return counted;
}

/** Trades per second of one pass over all batches, state and rows kept in memory. */
async function round(
  events: readonly (() => MSKEvent)[],
  keepEvents: boolean,
): Promise<{ rate: number; rows: number }> {
  const rows = countingRows();
  const aggregate = new Aggregate(
    {
      store: new MemoryStateStore(),
      rows,
      producer: { send: async () => [], close: async () => {} },
      nowMs: Date.now,
    },
    aggregateOptions({ topics: DEFAULT_TOPIC_NAMES, watermarkDelayMs: 10_000, keepEvents }),
  );
  const start = performance.now();
  for (const event of events) await aggregate.process(event());
  const seconds = (performance.now() - start) / 1_000;
  return { rate: (events.length * BATCH) / seconds, rows: rows.rows };
}

const events = makeEvents();
const texts = events.map((event) => JSON.stringify(event));
printSetting(
  `${BATCHES} invocations of ${BATCH} trades, ${TRADES_PER_SECOND} trades a second of market time, ${ROUNDS} rounds after one`,
);
const cases: readonly (readonly [string, readonly (() => MSKEvent)[], boolean])[] = [
  ['from the Lambda event object to rows', events.map((event) => () => event), false],
  ["from the event's JSON text to rows", texts.map((text) => () => JSON.parse(text) as MSKEvent), false],
  ['the same object, with a row of `trades` per trade', events.map((event) => () => event), true],
];
for (const [name, given, keepEvents] of cases) {
  await round(given, keepEvents);
  const rates: number[] = [];
  let rows = 0;
  for (let n = 0; n < ROUNDS; n += 1) {
    const result = await round(given, keepEvents);
    rates.push(result.rate);
    rows = result.rows;
  }
  printResult(name, rates, 'trades/s', `${rows} rows`);
}
