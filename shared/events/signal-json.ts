import { SEVERITIES, SIGNAL_KINDS, type Signal, type SignalEvidence } from './signal.ts';

/**
 * A signal as the value of a record of the alerts topic, in fixed field order. Times are milliseconds with
 * microseconds as decimals.
 */
export function encodeSignal(signal: Signal): string {
  return JSON.stringify({
    event_type: 'signal',
    id: signal.id,
    symbol: signal.symbol,
    kind: signal.kind,
    severity: signal.severity,
    state: signal.state,
    value: signal.value,
    threshold: signal.threshold,
    baseline: signal.baseline,
    evidence: evidenceFields(signal.evidence),
    opened_by: signal.openedBy,
    time_ms: signal.timeUs / 1000,
    version: signal.version,
  });
}

/** The evidence as the JSON text of the `evidence` column. */
export function encodeEvidence(evidence: SignalEvidence): string {
  return JSON.stringify(evidenceFields(evidence));
}

/** A signal back from its JSON text; undefined where it is not one. */
export function parseSignal(text: string): Signal | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || value.event_type !== 'signal') return undefined;
  const { id, symbol, value: measured, threshold, baseline, opened_by, time_ms } = value;
  const kind = SIGNAL_KINDS.find((known) => known === value.kind);
  const severity = SEVERITIES.find((known) => known === value.severity);
  const evidence = parseEvidence(value.evidence);
  if (typeof id !== 'string' || typeof symbol !== 'string' || kind === undefined) return undefined;
  if (severity === undefined || evidence === undefined || typeof measured !== 'number') return undefined;
  if (typeof threshold !== 'number' || typeof opened_by !== 'number' || typeof time_ms !== 'number') {
    return undefined;
  }
  const opened = value.state === 'open';
  if (!opened && value.state !== 'cleared') return undefined;
  return {
    id,
    symbol,
    kind,
    severity,
    state: opened ? 'open' : 'cleared',
    value: measured,
    threshold,
    baseline: typeof baseline === 'number' ? baseline : null,
    evidence,
    openedBy: opened_by,
    timeUs: Math.round(time_ms * 1000),
    version: opened ? 1 : 2,
  };
}

/** Evidence back from its parsed JSON; undefined where it is not one. */
export function parseEvidence(value: unknown): SignalEvidence | undefined {
  if (!isRecord(value) || !isNumbers(value.ids) || !isNumbers(value.prices)) return undefined;
  const { window, quantity } = value;
  const bounds = isRecord(window) ? [window.start_ms, window.end_ms] : [];
  return {
    ids: value.ids,
    prices: value.prices,
    quantity: typeof quantity === 'number' ? quantity : null,
    window: isNumbers(bounds) ? windowOf(bounds) : null,
  };
}

function windowOf(bounds: readonly number[]): SignalEvidence['window'] {
  const [startMs, endMs] = bounds;
  if (startMs === undefined || endMs === undefined) return null;
  return { startUs: Math.round(startMs * 1000), endUs: Math.round(endMs * 1000) };
}

function evidenceFields(evidence: SignalEvidence): object {
  const { window } = evidence;
  return {
    ids: evidence.ids,
    prices: evidence.prices,
    quantity: evidence.quantity,
    window: window === null ? null : { start_ms: window.startUs / 1000, end_ms: window.endUs / 1000 },
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}
