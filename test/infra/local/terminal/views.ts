import type { IngestStatus } from '../../../../functions/ingest/ingest-status.ts';
import type { MonitorView, SymbolView } from '../../../../infra/local/terminal/monitor-view.ts';

export const NOW_US = 1_723_161_300_000_000;

/** A symbol with every figure. */
export function symbolView(symbol: string, more: Partial<SymbolView> = {}): SymbolView {
  return {
    symbol,
    price: 61_837.12,
    priceDecimals: 2,
    direction: 'up',
    vwap: 61_840.5,
    volume: 12.345,
    tradeCount: 1_234,
    coverage: 'complete',
    tradesPerSecond: 17.5,
    bid: 61_837.11,
    ask: 61_837.12,
    latencyMs: 14,
    closes: [1, 2, 3, 2],
    ...more,
  };
}

/** The status of an ingest to which nothing happens. */
export function healthyIngest(more: Partial<IngestStatus> = {}): IngestStatus {
  const socket = {
    connection: 't0-1',
    open: true,
    streams: 9,
    quiet: false,
    last_frame_age_ms: 5,
    reconnects: 0,
    refusal: null,
  };
  return {
    status: 'ok',
    reasons: [],
    produced: 10,
    dlq: 0,
    ws_connected: true,
    ws_opened: true,
    frames: 1_204_331,
    backfilled: 0,
    conflated_quotes: 0,
    queued: { trades: 0, quotes: 0 },
    sockets: [
      { name: 't0', ...socket },
      { name: 'q0', ...socket },
    ],
    symbols: [],
    ...more,
  };
}

/** A healthy live run of some symbols. */
export function monitorView(more: Partial<MonitorView> = {}): MonitorView {
  return {
    feed: { kind: 'live', description: 'wss://data-stream.binance.vision', note: null },
    nowUs: NOW_US,
    upMs: 753_000,
    phase: 'running',
    symbols: ['BTCUSDT', 'ETHUSDT', 'BNBUSDT'].map((symbol) => symbolView(symbol)),
    ingest: healthyIngest(),
    lagRecords: 12,
    counts: {
      rows: {},
      rowsWritten: 2_331_123,
      rowsPerSecond: 1_020,
      framesPerSecond: 812,
      deadLetters: {},
      gaps: { told: 3, filled: 3, unfillable: 0 },
      errors: 0,
      storeDelayMs: 840,
    },
    progress: null,
    dataDir: '.data/live',
    storeEndpoint: 'http://127.0.0.1:41234',
    healthUrl: 'http://127.0.0.1:8080/health',
    warnings: [],
    alarms: [],
    events: [],
    ...more,
  };
}
