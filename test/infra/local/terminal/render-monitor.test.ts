import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { MonitorView } from '../../../../infra/local/terminal/monitor-view.ts';
import { colourPalette, paletteFor, plainPalette } from '../../../../infra/local/terminal/palette.ts';
import { renderMonitor, type ScreenSize } from '../../../../infra/local/terminal/render-monitor.ts';
import { lineWidth } from '../../../../infra/local/terminal/span.ts';
import { healthyIngest, monitorView, NOW_US, symbolView } from './views.ts';

function screen(view: MonitorView, columns = 100, rows = 40): string {
  return renderMonitor(view, { columns, rows }).map(plainPalette).join('\n');
}

function heading(view: MonitorView, size?: ScreenSize): string {
  return (
    screen(view, size?.columns, size?.rows)
      .split('\n')
      .find((line) => line.startsWith('SYMBOL')) ?? ''
  );
}

describe('the screen', () => {
  test('shows feed, table and health of a healthy run', () => {
    const shown = screen(monitorView());
    assert.match(shown, /^LIVE {2}wss:\/\/data-stream\.binance\.vision .* up 00:12:33 {2}● healthy\n/);
    assert.match(shown, /BTCUSDT +61,837\.12 ▲ +61,840\.50 +12\.3 +17\.5 +0\.01 +0\.00 +complete +14 ms/);
    assert.match(shown, /sockets +2 of 2 open/);
    assert.match(shown, /frames +812\/s, 1,204,331 in all/);
    assert.match(shown, /rows +1,020\/s, 2,331,123 written/);
    assert.match(shown, /lag +12 records/);
    assert.match(shown, /gaps +none open, 3 filled/);
    assert.match(shown, /dead letters none/);
    assert.match(shown, /data folder +\.data\/live\n/);
    assert.match(shown, /store +http:\/\/127\.0\.0\.1:41234/);
  });

  test('what is not known yet is a dash, never NaN', () => {
    const nothing = {
      price: null,
      direction: null,
      vwap: null,
      volume: null,
      tradeCount: null,
      coverage: null,
      tradesPerSecond: 0,
      bid: null,
      ask: null,
      latencyMs: null,
      closes: [],
    };
    const view = monitorView({
      symbols: [symbolView('NEWUSDT', nothing)],
      ingest: null,
      lagRecords: null,
      storeEndpoint: null,
      healthUrl: null,
    });
    const shown = screen(view, 140);
    assert.match(shown, /● starting/);
    assert.match(shown, /NEWUSDT +– +–/);
    assert.doesNotMatch(shown, /NaN|undefined|null/);
  });

  test('a wide screen has more columns, a narrow one keeps the important', () => {
    assert.match(heading(monitorView(), { columns: 140, rows: 40 }), /BID +ASK .*LAST 5 MIN/);
    const at80 = heading(monitorView(), { columns: 80, rows: 24 });
    assert.match(at80, /SYMBOL.*LAST.*VWAP 1m.*VOL 1m.*TRD\/S.*SPREAD.*COVERAGE.*LATENCY/);
    assert.doesNotMatch(at80, /BID|ASK|5 MIN/);
    assert.match(heading(monitorView(), { columns: 40, rows: 24 }), /^SYMBOL.*LAST.*COVERAGE/);
  });

  test('symbols that do not fit are counted', () => {
    const symbols = Array.from({ length: 30 }, (_, at) => symbolView(`S${at}USDT`));
    const shown = screen(monitorView({ symbols }), 80, 24);
    assert.equal(shown.split('\n').length, 24);
    const [, more] = /… and (\d+) more/.exec(shown) ?? [];
    assert.equal(Number(more) + (shown.match(/^S\d+USDT/gm) ?? []).length, 30);
    assert.match(shown, /dead letters none/);
    const all = screen(monitorView({ symbols }), 80, 60);
    assert.doesNotMatch(all, /more: a taller/);
    assert.match(all, /S29USDT/);
  });

  test('says why a run is degraded, what it was told at start, and what cannot be watched', () => {
    const shown = screen(
      monitorView({
        feed: {
          kind: 'simulated',
          description: 'simulated market of seed 1',
          note: 'This is the simulated market, because x.',
        },
        ingest: healthyIngest({ status: 'degraded', reasons: ['socket t0 is not open'] }),
        warnings: ['NOSUCH is no symbol of this exchange'],
      }),
    );
    assert.match(shown, /^SIMULATED.*● degraded\nsocket t0 is not open\nNOSUCH is no symbol/);
    assert.match(shown, /\nThis is the simulated market, because x\.\n/);
  });

  test('trouble is counted: closed sockets, open gaps, dead letters by reason, errors', () => {
    const base = monitorView();
    const shown = screen(
      monitorView({
        ingest: healthyIngest({
          sockets: healthyIngest().sockets.map((socket, at) => ({ ...socket, open: at > 0, reconnects: 2 })),
          symbols: [
            {
              symbol: 'BTCUSDT',
              contiguous_id: 1,
              open_gaps: 2,
              waiting: 0,
              last_frame_age_ms: 1,
              quiet: false,
            },
          ],
        }),
        counts: { ...base.counts, deadLetters: { NOT_JSON: 2, BAD_TIME: 1 }, errors: 4 },
      }),
    );
    assert.match(shown, /sockets +1 of 2 open/);
    assert.match(shown, /reconnects +4/);
    assert.match(shown, /gaps +2 open, 3 filled/);
    assert.match(shown, /dead letters 3 \(NOT_JSON, BAD_TIME\)/);
    assert.match(shown, /errors +4/);
  });

  test('a replay shows how far it is, in its own time', () => {
    const shown = screen(
      monitorView({
        feed: { kind: 'replay', description: 'folder', note: null },
        progress: { frames: 33_990, totalFrames: 67_980, timeUs: NOW_US, speed: 'max' },
      }),
    );
    assert.match(
      shown,
      /^REPLAY {2}folder .*● replaying\n█+░+ {2}50 % {2}33,990 of 67,980 frames {2}2024-08-08 23:55:00 {2}full speed\n/,
    );
  });

  test('the phases of an end', () => {
    assert.match(screen(monitorView({ phase: 'stopping' })), /● stopping.*Ctrl-C again ends at once/s);
    assert.match(screen(monitorView({ phase: 'finished' })), /● finished/);
  });

  test('never more lines or cells than the terminal has, whatever the view', () => {
    const symbol = fc
      .tuple(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 14 }),
        fc.option(fc.double({ noNaN: true, min: 0, max: 1e9 })),
        fc.integer({ min: 0, max: 8 }),
      )
      .map(([name, figure, priceDecimals]) =>
        symbolView(name, { price: figure, vwap: figure, volume: figure, priceDecimals }),
      );
    const event = fc
      .string({ unit: 'binary' })
      .map((message) => ({ timeUs: NOW_US, level: 'info' as const, event: 'x', message }));
    fc.assert(
      fc.property(
        fc.array(symbol, { maxLength: 40 }),
        fc.array(event, { maxLength: 10 }),
        fc.string(),
        fc.integer({ min: 20, max: 250 }),
        fc.integer({ min: 4, max: 70 }),
        (symbols, events, note, columns, rows) => {
          const feed = { kind: 'simulated' as const, description: note, note };
          const lines = renderMonitor(monitorView({ symbols, events, feed }), { columns, rows });
          assert.ok(lines.length <= rows, `${lines.length} lines`);
          for (const line of lines) {
            assert.ok(lineWidth(line) <= columns, `${lineWidth(line)} cells`);
            assert.doesNotMatch(plainPalette(line), /\p{Cc}/u);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('colours', () => {
  const line = [{ text: 'gap', tone: 'bad' as const }];

  test('only on a terminal, and not where NO_COLOR or a dumb terminal forbids them', () => {
    assert.equal(paletteFor(true, {})(line), '\u001b[31;1mgap\u001b[0m');
    assert.equal(paletteFor(true, { NO_COLOR: '' })(line), colourPalette(line));
    for (const plain of [
      paletteFor(false, {}),
      paletteFor(true, { NO_COLOR: '1' }),
      paletteFor(true, { TERM: 'dumb' }),
    ])
      assert.equal(plain(line), 'gap');
  });
});
