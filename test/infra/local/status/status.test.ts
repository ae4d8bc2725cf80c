import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readableLine } from '../../../../infra/local/status/log-line.ts';
import { renderStatus } from '../../../../infra/local/status/render-status.ts';
import { isWell, type RunStatus } from '../../../../infra/local/status/run-status.ts';
import { plainPalette } from '../../../../infra/local/terminal/palette.ts';
import { statusLine } from '../../../../infra/local/terminal/status-line.ts';
import { monitorView, NOW_US } from '../terminal/views.ts';

type Running = Extract<RunStatus, { readonly kind: 'running' }>;

function running(more: Partial<Running> = {}): Running {
  return {
    kind: 'running',
    dir: '.data/live',
    instance: {
      pid: 42,
      timestreamEndpoint: 'http://127.0.0.1:41234',
      feed: 'live feed of wss://data-stream.binance.vision',
      healthUrl: 'http://127.0.0.1:8080/health',
      operatorUrl: null,
      stateEndpoint: null,
      phase: 'running',
      startedAt: new Date(NOW_US / 1_000 - 61_000).toISOString(),
    },
    health: {
      status: 'ok',
      reasons: [],
      frames: 7,
      sockets: [{ name: 't0', open: true, reconnects: 1 }],
      symbols: [],
    },
    told: JSON.parse(statusLine(monitorView())),
    minutes: [
      {
        symbol: 'BTCUSDT',
        time: '2024-08-08 23:54:00.000000000',
        close: 61_837.12,
        vwap: 61_840.123456789,
        volume: 12.3456,
        coverage: 'complete',
      },
    ],
    ...more,
  };
}

function shown(status: RunStatus): string {
  return renderStatus(status, NOW_US + 2_000_000)
    .map(plainPalette)
    .join('\n');
}

describe('the status of a run', () => {
  test('a healthy one, with what it last told and the newest minute of each symbol', () => {
    assert.equal(isWell(running()), true);
    assert.equal(
      shown(running()),
      `live feed of wss://data-stream.binance.vision: healthy
process      42, up 00:01:03
sockets      1 of 1 open, 1 reconnects
frames       812/s, 1,204,331 in all
rows         1,020/s, 2,331,123 written, lag 12 records
gaps         0 open
dead letters none
told         2.0 s ago
data folder  .data/live
store        http://127.0.0.1:41234
health       http://127.0.0.1:8080/health

SYMBOL   MINUTE (UTC)         CLOSE       VWAP  VOLUME  COVERAGE
BTCUSDT  2024-08-08 23:54  61837.12  61840.123    12.3  complete`,
    );
  });

  test('one that is degraded says why', () => {
    const health = {
      ...(running().health ?? assert.fail()),
      status: 'degraded',
      reasons: ['socket t0 is not open'],
    };
    const status = running({ health });
    assert.equal(isWell(status), false);
    assert.match(shown(status), /: degraded\n {2}socket t0 is not open\n/);
  });

  test('one whose health endpoint does not answer is not well', () => {
    assert.equal(isWell(running({ health: null })), false);
    assert.match(shown(running({ health: null })), /: its health endpoint does not answer\n/);
  });

  test('one that starts is not well yet; a replay is without a health endpoint', () => {
    const instance = { ...running().instance, healthUrl: null };
    const starting = running({ instance: { ...instance, phase: 'starting' }, health: null, told: null });
    assert.equal(isWell(starting), false);
    assert.match(shown(starting), /: starting\n/);
    const replay = running({ instance, health: null });
    assert.equal(isWell(replay), true);
    assert.match(shown(replay), /: running\n/);
  });

  test('none, and when one was last heard of', () => {
    const stopped: RunStatus = { kind: 'stopped', dir: '.data/live', lastHeard: '2024-08-08T23:55:00.000Z' };
    assert.equal(isWell(stopped), false);
    assert.equal(
      shown(stopped),
      'Nothing runs on .data/live. Its last run was last heard of at 2024-08-08T23:55:00.000Z. Start it with npm start.',
    );
    assert.equal(
      shown({ ...stopped, lastHeard: null }),
      'Nothing runs on .data/live. Start it with npm start.',
    );
  });
});

describe('a line of monitor.log for eyes', () => {
  const read = (line: string): string => plainPalette(readableLine(line));

  test('an event is its time and its sentence', () => {
    const line =
      '{"time":"2024-08-08T23:55:00.123Z","level":"warning","event":"gap","message":"BTCUSDT: x.","symbol":"BTCUSDT"}';
    assert.equal(read(line), '2024-08-08 23:55:00  BTCUSDT: x.');
  });

  test('a status is its figures in a sentence', () => {
    assert.equal(
      read(statusLine(monitorView())),
      '2024-08-08 23:55:00  status ok, 812 frames/s, lag 12, 2,331,123 rows, 0 open gaps, BTCUSDT 61837.12, ETHUSDT 61837.12, BNBUSDT 61837.12',
    );
    const progress = { frames: 50, totalFrames: 100, timeUs: NOW_US, speed: 1 };
    assert.match(read(statusLine(monitorView({ progress }))), /status ok, 50 of 100 frames replayed, /);
  });

  test('what is no such line is shown as it is', () => {
    for (const line of ['', 'half a li', '{"a":1}', '[]', 'null']) assert.equal(read(line), line);
  });
});
