import type { RebuildReport } from '../../../functions/aggregate/rebuild.ts';

/** What a rebuild did, as a line of JSON. */
export function rebuildLine(report: RebuildReport): string {
  return `${JSON.stringify({
    symbol: report.symbol,
    from: new Date(report.fromUs / 1_000).toISOString(),
    to: new Date(report.toUs / 1_000).toISOString(),
    compared: report.compared,
    rows_written: report.rowsWritten,
    panes_replaced: report.panesReplaced,
    epoch: report.epoch,
  })}\n`;
}
