import type { MonitorView } from './monitor-view.ts';

/** The view as one line of JSON, for a run without a terminal and for `monitor.log`. */
export function statusLine(view: MonitorView): string {
  const { counts, ingest, progress } = view;
  const sockets = ingest?.sockets ?? [];
  return JSON.stringify({
    time: new Date(view.nowUs / 1_000).toISOString(),
    level: 'info',
    event: 'status',
    feed: view.feed.kind,
    status: view.phase === 'running' ? (ingest?.status ?? 'starting') : view.phase,
    reasons: ingest?.reasons ?? [],
    up_s: Math.round(view.upMs / 1_000),
    sockets_open: sockets.filter((socket) => socket.open).length,
    sockets: sockets.length,
    reconnects: sockets.reduce((sum, socket) => sum + socket.reconnects, 0),
    frames: ingest?.frames ?? 0,
    frames_per_s: round(counts.framesPerSecond),
    lag_records: view.lagRecords,
    rows_written: counts.rowsWritten,
    rows_per_s: round(counts.rowsPerSecond),
    dead_letters: counts.deadLetters,
    gaps: counts.gaps,
    open_gaps: ingest?.symbols.reduce((sum, symbol) => sum + symbol.open_gaps, 0) ?? 0,
    errors: counts.errors,
    alarms: view.alarms.map(({ name }) => name),
    store_delay_ms: counts.storeDelayMs === null ? null : Math.round(counts.storeDelayMs),
    ...(progress !== null && {
      progress: {
        frames: progress.frames,
        total_frames: progress.totalFrames,
        recording_time: new Date(progress.timeUs / 1_000).toISOString(),
      },
    }),
    symbols: Object.fromEntries(
      view.symbols.map((symbol) => [
        symbol.symbol,
        {
          price: symbol.price,
          vwap_1m: symbol.vwap,
          volume_1m: symbol.volume,
          trades_per_s: symbol.tradesPerSecond,
          bid: symbol.bid,
          ask: symbol.ask,
          coverage: symbol.coverage,
          latency_ms: symbol.latencyMs,
        },
      ]),
    ),
  });
}

function round(rate: number): number {
  return Math.round(rate * 10) / 10;
}
