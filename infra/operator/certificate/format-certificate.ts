import type { Certificate } from '../../../shared/certificate/certificate.ts';
import type { LatencySummary } from '../../../shared/certificate/percentiles.ts';

/** A certificate for eyes: one line per symbol for ids, one for candles, the latencies and the digests. */
export function formatCertificate(certificate: Certificate): string {
  const { symbols, latency, digest } = certificate;
  const verdict =
    symbols.length === 0
      ? 'NOTHING TO PROVE: there is no trade'
      : certificate.sound
        ? 'SOUND: nothing lost, nothing counted twice, no candle differs'
        : 'NOT SOUND';
  return `${[
    `Certificate of ${certificate.feed}, ${timeOf(certificate)}, issued ${certificate.issued_at}`,
    verdict,
    '',
    ...table(
      [
        'trade ids',
        'expected',
        'received',
        'repaired',
        'duplicate',
        'late',
        'missing',
        'untold',
        'counted',
        'state',
      ],
      symbols.map(({ symbol, ids, counted, state_agrees }) => [
        symbol,
        ids.expected,
        ids.received,
        ids.repaired,
        ids.duplicate,
        ids.late,
        ids.missing,
        ids.untold,
        counted,
        state_agrees === null ? '-' : state_agrees ? 'agrees' : 'DIFFERS',
      ]),
    ),
    '',
    ...table(
      [
        '1m candles',
        'closed',
        'checked',
        'equal',
        'rounding',
        'differs',
        'unwitnessed',
        'rechecked',
        'coverage',
      ],
      symbols.map(({ symbol, candles }) => [
        symbol,
        candles.closed,
        candles.checked,
        candles.equal,
        candles.rounding,
        candles.differs + candles.recheck_differs,
        candles.unwitnessed,
        candles.rechecked,
        Object.entries(candles.coverage)
          .map(([name, count]) => `${count} ${name}`)
          .join(', '),
      ]),
    ),
    '',
    ...table(
      ['latency, ms', 'samples', 'p50', 'p95', 'p99', 'max'],
      [
        latencyLine('exchange to ingest', latency.exchange_to_ingest),
        latencyLine('ingest to log', latency.ingest_to_log),
        latencyLine('log to validated', latency.log_to_validated),
      ],
    ),
    '',
    `SHA-256 of the market columns  ${digest.market}`,
    `SHA-256 of all rows            ${digest.rows}`,
  ].join('\n')}\n`;
}

function timeOf({ day, from, to }: Certificate): string {
  return from === null || to === null ? (day ?? 'all days') : `${from} to ${to}`;
}

function latencyLine(name: string, summary: LatencySummary | null): (string | number)[] {
  if (summary === null) return [name, '-', '-', '-', '-', '-'];
  return [name, summary.samples, summary.p50_ms, summary.p95_ms, summary.p99_ms, summary.max_ms];
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, at) =>
        at === 0 || /[a-z]{4}/.test(cells[1]?.[at] ?? '')
          ? cell.padEnd(widths[at] ?? 0)
          : cell.padStart(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
