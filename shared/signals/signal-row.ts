import type { Signal } from '../events/signal.ts';
import { encodeEvidence } from '../events/signal-json.ts';
import type { Column, Row } from '../row.ts';
import { TABLES } from '../tables.ts';

/**
 * The row of a signal in the table `signals`. Opening and clearing have the same identity, and the clearing's
 * version is the higher: epoch × 2^40 + 1 opened, + 2 cleared (CONTRACTS 4).
 */
export function signalRow(signal: Signal, epoch: number): Row {
  const columns: Column[] = [
    { name: 'id', type: 'VARCHAR', value: signal.id },
    { name: 'severity', type: 'VARCHAR', value: signal.severity },
    { name: 'state', type: 'VARCHAR', value: signal.state },
    { name: 'value', type: 'DOUBLE', value: String(signal.value) },
    { name: 'threshold', type: 'DOUBLE', value: String(signal.threshold) },
  ];
  if (signal.baseline !== null) {
    columns.push({ name: 'baseline', type: 'DOUBLE', value: String(signal.baseline) });
  }
  columns.push(
    { name: 'evidence', type: 'VARCHAR', value: encodeEvidence(signal.evidence) },
    { name: 'opened_by', type: 'BIGINT', value: String(signal.openedBy) },
  );
  return {
    table: TABLES.signals,
    dimensions: [
      ['symbol', signal.symbol],
      ['kind', signal.kind],
    ],
    timeNs: signalTimeNs(signal),
    version: ((BigInt(epoch) << 40n) + BigInt(signal.version)).toString(),
    columns,
  };
}

/**
 * The opening event's row time: its millisecond × 10^6 + id mod 10^6, in nanoseconds, as in the tables `trades`
 * and `quotes` (DESIGN 6). Hundreds of trades share a millisecond.
 */
export function signalTimeNs(signal: Pick<Signal, 'timeUs' | 'openedBy'>): string {
  const millis = BigInt(Math.floor(signal.timeUs / 1000));
  return (millis * 1_000_000n + BigInt(signal.openedBy % 1_000_000)).toString();
}
