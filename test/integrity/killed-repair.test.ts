import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recordedVirtualMarket, type VirtualFrame } from './virtual-market.ts';
import { VirtualPipeline, type VirtualPipelineOptions } from './virtual-pipeline.ts';

const SECOND_US = 1_000_000;
const START_US = Date.UTC(2026, 10, 20, 12) * 1_000;
const TRADES = 120;
const EVERY_US = 2 * SECOND_US;

function frame(id: number): VirtualFrame {
  const timeUs = START_US + id * EVERY_US;
  const at = timeUs / 1_000;
  return {
    stream: 'btcusdt@trade',
    atUs: timeUs + 20_000,
    text: `{"stream":"btcusdt@trade","data":{"e":"trade","E":${at + 5},"s":"BTCUSDT","t":${id},"p":"100.${id}","q":"0.5","T":${at},"m":true,"M":true}}`,
  };
}

const FRAMES = Array.from({ length: TRADES }, (_, at) => frame(at + 1));
const idOf = (text: string): number => Number(/"t":(\d+)/.exec(text)?.[1]);

const scenario = fc.record({
  lost: fc.record({ from: fc.integer({ min: 5, max: 40 }), size: fc.integer({ min: 2, max: 20 }) }),
  /** Ids that REST no longer has. */
  gone: fc.uniqueArray(fc.integer({ min: 5, max: 60 }), { maxLength: 8 }),
  /** After the trade that showed the hole. */
  killedMs: fc.integer({ min: 0, max: 6_000 }),
  downS: fc.integer({ min: 1, max: 60 }),
  /** Trades that one REST answer gives. */
  page: fc.integer({ min: 1, max: 4 }),
});

test('a task that is killed in the middle of a repair leaves no window marked that is whole, and none unmarked that is not', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lost, gone, killedMs, downS, page }) => {
      const isLost = (id: number): boolean => id >= lost.from && id < lost.from + lost.size;
      const options: VirtualPipelineOptions = {
        startUs: START_US,
        symbols: ['BTCUSDT'],
        streams: ['trade'],
        stepUs: 250_000,
        loses: (_stream, _atUs, text) => isLost(idOf(text)),
        market: () => {
          const market = recordedVirtualMarket('BTCUSDT', FRAMES);
          return {
            ...market,
            rest: (url, nowUs) => {
              if (url.pathname !== '/api/v3/historicalTrades') return market.rest(url, nowUs);
              const { body } = market.rest(url, nowUs);
              const trades = JSON.parse(body) as { readonly id: number }[];
              const had = trades.filter(({ id }) => !gone.includes(id)).slice(0, page);
              return { status: 200, body: JSON.stringify(had) };
            },
          };
        },
      };
      const first = new VirtualPipeline(options);
      await first.start();
      const killedUs = START_US + (lost.from + lost.size) * EVERY_US + killedMs * 1_000;
      await first.run(killedUs);
      await first.kill();
      const second = new VirtualPipeline({
        ...options,
        startUs: killedUs + downS * SECOND_US,
        after: first,
      });
      await second.start();
      await second.run(START_US + (TRADES * 2 + 60) * SECOND_US);
      await second.end();

      const rows = second.candles().filter(({ resolution }) => resolution === '10s');
      const had = rows.reduce((sum, row) => sum + Number(row.trade_count), 0);
      const marked = rows
        .filter(({ coverage }) => coverage === 'gap')
        .map(({ time }) => Number(time) / 1_000);
      const counts = new Map(rows.map((row) => [Number(row.time) / 1_000, Number(row.trade_count)]));
      const missing = missingIds(second, had);
      assert.deepEqual(new Set(marked), markedBy(missing, counts), `missing ${[...missing].join()}`);
    }),
    {
      numRuns: 25,
      endOnFailure: true,
      examples: [
        [{ lost: { from: 37, size: 19 }, gone: [30, 45, 28, 55, 53], killedMs: 5224, downS: 46, page: 4 }],
        [{ lost: { from: 38, size: 17 }, gone: [11], killedMs: 930, downS: 9, page: 2 }],
      ],
    },
  );
});

/** The ids from the first to the last that the state has not. */
function missingIds(pipeline: VirtualPipeline, had: number): Set<number> {
  const { ids } = pipeline.live.ingest.intake.tradeLanes.get('BTCUSDT')?.ledger ?? {};
  assert.ok(ids?.highest !== undefined && ids.lowest !== undefined);
  const missing = new Set<number>();
  for (let id = 1; id <= TRADES; id += 1) if (!ids.has(id)) missing.add(id);
  assert.equal(had, TRADES - missing.size, 'each id that the ledger has is in the windows once');
  return missing;
}

function markedBy(missing: ReadonlySet<number>, counts: ReadonlyMap<number, number>): Set<number> {
  const paneOf = (id: number): number =>
    Math.floor((START_US + id * EVERY_US) / (10 * SECOND_US)) * 10 * SECOND_US;
  const marked = new Set<number>();
  for (const id of missing) {
    let [before, after] = [id, id];
    while (missing.has(before)) before -= 1;
    while (missing.has(after)) after += 1;
    for (let within = before; within <= after; within += 1)
      if (counts.has(paneOf(within))) marked.add(paneOf(within));
  }
  return marked;
}
