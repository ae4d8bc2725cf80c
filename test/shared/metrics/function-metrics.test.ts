import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readEmf } from '../../../infra/local/cloudwatch/read-emf.ts';
import { FunctionMetrics, measured } from '../../../shared/metrics/function-metrics.ts';
import { METRICS } from '../../../shared/metrics/metric-catalogue.ts';

function setup() {
  const lines: string[] = [];
  const metrics = new FunctionMetrics('validate', {
    emit: (line) => lines.push(line),
    nowMs: () => 5_000,
    symbols: ['BTCUSDT'],
  });
  const take = (): readonly (readonly [string, number])[] =>
    lines.splice(0).flatMap((line) => readEmf(line).map(({ name, value }) => [name, value] as const));
  return { metrics, take };
}

describe('the metrics of a function', () => {
  it('tell each invocation’s size, and the first as cold', async () => {
    const { metrics, take } = setup();
    assert.equal(await metrics.invocation(7, async () => 'done'), 'done');
    assert.deepEqual(take(), [
      ['BatchRecords', 7],
      ['ColdStarts', 1],
    ]);
    await metrics.invocation(8, async () => {});
    assert.deepEqual(take(), [['BatchRecords', 8]]);
  });

  it('stand in the namespace of their deployment, and else in that of the catalogue', async () => {
    const namespaces = async (port: { readonly namespace?: string }) => {
      const lines: string[] = [];
      const metrics = new FunctionMetrics('validate', {
        emit: (line) => lines.push(line),
        nowMs: () => 5_000,
        symbols: [],
        ...port,
      });
      metrics.count(METRICS.rowsRetried, 1);
      await metrics.invocation(1, async () => {});
      return new Set(lines.flatMap((line) => readEmf(line).map(({ namespace }) => namespace)));
    };
    assert.deepEqual(await namespaces({}), new Set(['MarketMonitor']));
    assert.deepEqual(await namespaces({ namespace: 'MarketMonitor/desk' }), new Set(['MarketMonitor/desk']));
  });

  it('are emitted where the invocation fails too', async () => {
    const { metrics, take } = setup();
    const failing = metrics.invocation(1, async ({ batch }) => {
      batch.add(METRICS.stateConflicts, 3);
      throw new Error('no store');
    });
    await assert.rejects(failing, /no store/);
    assert.deepEqual(take().at(-1), ['StateConflicts', 3]);
  });

  it('keep invocations that overlap apart, and flush what cannot wait', async () => {
    const { metrics, take } = setup();
    await metrics.invocation(1, async ({ batch, flush }) => {
      batch.add(METRICS.rowsWritten, 1);
      flush();
      assert.equal(take().length, 3);
      await metrics.invocation(2, async (other) => other.batch.add(METRICS.rowsWritten, 2));
      assert.deepEqual(take(), [
        ['BatchRecords', 2],
        ['RowsWritten', 2],
      ]);
    });
    assert.deepEqual(take(), []);
  });

  it('take in what an adapter counts beside them', async () => {
    const { metrics, take } = setup();
    metrics.count(METRICS.rowsRetried, 4);
    await metrics.invocation(1, async () => metrics.count(METRICS.rowsRetried, 2));
    assert.deepEqual(take().at(-1), ['RowsRetried', 6]);
  });

  it('are left out where there are none', async () => {
    assert.equal(await measured(undefined, 1, async (invocation) => invocation), undefined);
  });
});
