/**
 * How many validated trades a second `scanTrade` reads from one block of bytes, on one thread.
 * Run: node bench/scan.ts
 */
import { cpus } from 'node:os';
import { encodeTrade } from '../shared/events/trade-json.ts';
import { newTradeScan, scanTrade } from '../shared/events/trade-scan.ts';

const TRADES = 200_000;
const RUNS = 9;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT'];

const texts: Buffer[] = [];
for (let index = 0; index < TRADES; index += 1) {
  const tradeTimeUs = 1_723_161_255_342_000 + index * 7000;
  texts.push(
    Buffer.from(
      encodeTrade({
        kind: 'trade',
        symbol: SYMBOLS[index % SYMBOLS.length] ?? '',
        tradeId: 3_735_683_259 + index,
        price: { units: 6_183_763 + (index % 1000), scale: 2 },
        quantity: { units: 1 + ((index * 7919) % 999_983), scale: 5 },
        tradeTimeUs,
        eventTimeUs: tradeTimeUs + 1000,
        isBuyerMaker: index % 3 === 0,
        receivedUs: tradeTimeUs - 1_255_103,
        source: 'live',
        raw: { partition: index % 6, offset: index },
      }),
    ),
  );
}
const bytes = Buffer.concat(texts);
const ends: number[] = [];
let size = 0;
for (const text of texts) {
  size += text.length;
  ends.push(size);
}

const scan = newTradeScan();
const rates: number[] = [];
let check = 0;
for (let run = 0; run < RUNS; run += 1) {
  const before = process.hrtime.bigint();
  let start = 0;
  for (const end of ends) {
    if (!scanTrade(bytes, start, end, scan))
      throw new Error(`not read: ${bytes.toString('utf8', start, end)}`);
    check += scan.quantityUnits + scan.tradeId;
    start = end;
  }
  rates.push(TRADES / (Number(process.hrtime.bigint() - before) / 1e9));
}
rates.sort((a, b) => a - b);
const rounded = (rate: number | undefined): number => Math.round((rate ?? 0) / 1000) * 1000;
process.stdout.write(
  `${JSON.stringify({
    what: 'scanTrade, one thread',
    trades_per_s: {
      median: rounded(rates[RUNS >> 1]),
      least: rounded(rates[0]),
      most: rounded(rates.at(-1)),
    },
    bytes_per_trade: Math.round(size / TRADES),
    cpu: cpus()[0]?.model,
    node: process.version,
    check,
  })}\n`,
);
