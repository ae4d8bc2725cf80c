import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type MetricValue, readEmf } from '../../../infra/local/cloudwatch/read-emf.ts';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import { FunctionMetrics } from '../../../shared/metrics/function-metrics.ts';
import {
  makeAggregate,
  makeSurroundings,
  NOW_MS,
  plainRows,
  toEvent,
  toRecords,
} from './aggregate-fixtures.ts';
import { marketLog } from './market-events.ts';

function surroundings(nowMs: () => number = () => NOW_MS) {
  const values: MetricValue[] = [];
  const metrics = new FunctionMetrics('aggregate', {
    emit: (line) => values.push(...readEmf(line)),
    nowMs,
    symbols: ['BTCUSDT', 'ETHUSDT'],
  });
  const sum = (name: string, ...dimensions: readonly string[]): number =>
    values
      .filter((each) => each.name === name)
      .filter((each) => each.dimensions.map(([, value]) => value).join() === dimensions.join())
      .reduce((total, { value }) => total + value, 0);
  return { ...makeSurroundings(), metrics, values, sum };
}

function distinctTrades(log: readonly MarketEvent[], symbol: string): number {
  const trades = log.filter((event) => event.kind === 'trade' && event.symbol === symbol);
  return new Set(trades.map((event) => (event.kind === 'trade' ? event.tradeId : 0))).size;
}

describe('the metrics of the aggregate', () => {
  it('add up to what the tables hold, however the log is cut', async () => {
    await fc.assert(
      fc.asyncProperty(marketLog, fc.integer({ min: 1, max: 40 }), async (log, size) => {
        const { rows, metrics, sum, ...deps } = surroundings();
        const aggregate = makeAggregate({ ...deps, rows, metrics });
        const records = toRecords(log);
        for (let at = 0; at < records.length; at += size) {
          await aggregate.process(toEvent(records.slice(at, at + size)));
        }
        for (const symbol of ['BTCUSDT', 'ETHUSDT']) {
          assert.equal(sum('TradesFolded', symbol), distinctTrades(log, symbol));
          for (const kind of ['whale', 'price-spike', 'wide-spread']) {
            const raised = plainRows(rows.table('signals')).filter(
              (row) => row.symbol === symbol && row.kind === kind,
            );
            assert.equal(sum('SignalsRaised', kind, symbol), raised.length);
          }
        }
        assert.equal(sum('TradesFolded'), sum('TradesFolded', 'BTCUSDT') + sum('TradesFolded', 'ETHUSDT'));
        assert.equal(sum('QuotesFolded'), rows.table('quotes').length);
        assert.equal(sum('RowsRejected') + sum('RowsConflicting'), 0);
      }),
      { numRuns: 25 },
    );
  });

  it('say at the end which signals are open', async () => {
    for (const log of fc.sample(marketLog, { numRuns: 15, seed: 3 })) {
      const { rows, metrics, values, ...deps } = surroundings();
      const aggregate = makeAggregate({ ...deps, rows, metrics });
      for (const record of toRecords(log)) await aggregate.process(toEvent([record]));
      const open = new Map<string, number>();
      for (const { name, dimensions, value } of values) {
        if (name === 'SignalsOpen') open.set(dimensions.map(([, each]) => each).join(), value);
      }
      for (const { kind, symbol, state } of plainRows(rows.table('signals'))) {
        // A later episode of the kind may be open where this one was cleared.
        if (kind !== 'whale' && state === 'open') assert.equal(open.get(`${kind},${symbol}`), 1);
      }
      assert.ok(open.size > 0);
    }
  });

  it('tell unchanged signals every few seconds only', async () => {
    let nowMs = NOW_MS;
    const { rows, metrics, values, ...deps } = surroundings(() => nowMs);
    const aggregate = makeAggregate({ ...deps, rows, metrics, nowMs: () => nowMs });
    const [log] = fc.sample(marketLog, { numRuns: 1, seed: 1 });
    const tick = toRecords(log ?? []).slice(0, 1);
    const told = async (): Promise<number> => {
      values.length = 0;
      await aggregate.process(toEvent(tick));
      return values.filter(({ name }) => name === 'SignalsOpen').length;
    };
    assert.ok((await told()) > 0);
    assert.equal(await told(), 0);
    nowMs += 5_000;
    assert.ok((await told()) > 0);
  });

  it('are told of a signal before its state is stored', async () => {
    const { store, rows, metrics, sum, ...deps } = surroundings();
    const log = fc.sample(marketLog, { numRuns: 20, seed: 5 }).find((each) => each.length > 60) ?? [];
    const raised: number[] = [];
    const watching = {
      readHot: store.readHot.bind(store),
      readBlock: store.readBlock.bind(store),
      writeBlock: store.writeBlock.bind(store),
      writeHot: (...args: Parameters<typeof store.writeHot>) => {
        raised.push(
          sum('SignalsRaised', 'whale', 'BTCUSDT') - plainRows(rows.table('signals')).filter(isWhale).length,
        );
        return store.writeHot(...args);
      },
    };
    const aggregate = makeAggregate({ ...deps, rows, store: watching, metrics });
    for (const record of toRecords(log)) await aggregate.process(toEvent([record]));
    assert.ok(sum('SignalsRaised', 'whale', 'BTCUSDT') > 0);
    assert.deepEqual(new Set(raised), new Set([0]));
  });
});

function isWhale(row: Record<string, unknown>): boolean {
  return row.kind === 'whale' && row.symbol === 'BTCUSDT';
}
