import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { QueryCommand } from '@aws-sdk/client-timestream-query';
import { nanosecondsOf, SignalTable, timestampOf } from '../../../functions/notify/signal-table.ts';

function table(rows: readonly (readonly (string | undefined)[])[]) {
  const asked: (string | undefined)[] = [];
  const client = {
    send: async (command: unknown) => {
      assert.ok(command instanceof QueryCommand);
      asked.push(command.input.QueryString);
      const Rows = rows.map((row) => ({
        Data: row.map((ScalarValue) => (ScalarValue === undefined ? { NullValue: true } : { ScalarValue })),
      }));
      return { Rows };
    },
  };
  return { asked, signals: new SignalTable(client as never, 'market') };
}

describe('the signals of the store', () => {
  it('are asked for by kind, symbol and time, and read with their evidence', async () => {
    const time = '2024-08-08 23:55:00.342683259';
    const evidence = '{"ids":[1,2],"prices":[61000.5],"quantity":null,"window":null}';
    const { asked, signals } = table([
      ['BTCUSDT', 'warning', 'open', '2.5', '2.0', undefined, evidence, time],
    ]);
    const found = await signals.signals({
      kind: 'whale',
      symbol: 'BTCUSDT',
      afterNs: '1723161255342683259',
      limit: 20,
    });

    assert.deepEqual(asked, [
      'SELECT "symbol", "severity", "state", "value", "threshold", "baseline", "evidence", "time" FROM "market"."signals" ' +
        "WHERE kind = 'whale' AND symbol = 'BTCUSDT' AND time > '2024-08-08 23:54:15.342683259' ORDER BY time DESC LIMIT 20",
    ]);
    assert.deepEqual(found, [
      {
        symbol: 'BTCUSDT',
        severity: 'warning',
        state: 'open',
        value: 2.5,
        threshold: 2,
        baseline: null,
        timeNs: nanosecondsOf(time),
        ids: [1, 2],
        prices: [61000.5],
      },
    ]);
  });

  it('are of all symbols without one, and a symbol that cannot be is not asked for', async () => {
    const { asked, signals } = table([]);
    await signals.signals({ kind: 'whale', symbol: null, afterNs: '0', limit: 1 });

    assert.ok(!asked[0]?.includes('symbol ='));
    await assert.rejects(signals.signals({ kind: 'whale', symbol: "X' OR '1", afterNs: '0', limit: 1 }), {
      code: 'SIGNAL_QUERY',
    });
  });

  it('keep nanoseconds through the text of the store', () => {
    for (const nanoseconds of ['1723161255342683259', '1723161255000000000', '1723161255000000001']) {
      assert.equal(nanosecondsOf(timestampOf(nanoseconds)), nanoseconds);
    }
  });
});
