import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorEvent, eventLine, reportEvent } from '../../../../infra/local/run/run-event.ts';

const T = 1_723_161_300_000_000;

describe('events of a run', () => {
  test('are lines of JSON with time, level, event and message first', () => {
    const line = eventLine(reportEvent({ kind: 'start', symbol: 'BTCUSDT', message: 'goes on' }, T));
    assert.equal(
      line,
      '{"time":"2024-08-08T23:55:00.000Z","level":"info","event":"start","message":"BTCUSDT goes on.","symbol":"BTCUSDT"}',
    );
  });

  test('tell gaps as they open, fill, or stay', () => {
    const gap = (state: 'open' | 'filled' | 'unfillable', to: number) =>
      reportEvent(
        { kind: 'gap', symbol: 'BTCUSDT', change: { from: 5, to, state, beforeUs: 0, afterUs: 1 } },
        T,
      );
    assert.deepEqual(
      [gap('open', 9), gap('open', 5), gap('filled', 9), gap('unfillable', 9)].map(({ level, message }) => [
        level,
        message,
      ]),
      [
        ['warning', 'BTCUSDT: trades 5 to 9 are missing; they are asked for.'],
        ['warning', 'BTCUSDT: trade 5 is missing; it is asked for.'],
        ['info', 'BTCUSDT: trades 5 to 9 were missing and are filled.'],
        ['error', 'BTCUSDT: trades 5 to 9 will not come; their windows stay marked.'],
      ],
    );
  });

  test('a lost socket says why and when it is tried again', () => {
    const { level, message } = reportEvent(
      { kind: 'socket-closed', connection: 't0-1', why: 'closed (1006).', retryMs: 1_540 },
      T,
    );
    assert.deepEqual(
      [level, message],
      ['warning', 'Socket t0-1 was lost: closed (1006). Next attempt in 1.5 s.'],
    );
  });

  test('an error is told by its message, its source beside it, and never as data of its own', () => {
    assert.equal(
      eventLine(errorEvent('aggregate', new Error('no store'), T)),
      '{"time":"2024-08-08T23:55:00.000Z","level":"error","event":"error","message":"aggregate: no store","source":"aggregate"}',
    );
    assert.deepEqual(reportEvent({ kind: 'log-failed', error: new Error('full') }, T).data, {});
  });
});
