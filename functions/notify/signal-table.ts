import type { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { CodedError } from '../../shared/coded-error.ts';
import { parseEvidence } from '../../shared/events/signal-json.ts';
import { TABLES } from '../../shared/tables.ts';
import { runQuery } from '../adapters/timestream/query.ts';
import type { ListedSignal, SignalQuery } from './ports.ts';

/** The table `signals` in Timestream. A query that takes longer than `timeoutMs` is given up. */
export class SignalTable implements SignalQuery {
  readonly #client: Pick<TimestreamQueryClient, 'send'>;
  readonly #database: string;
  readonly #timeoutMs: number;

  constructor(client: Pick<TimestreamQueryClient, 'send'>, database: string, timeoutMs = 5000) {
    this.#client = client;
    this.#database = database;
    this.#timeoutMs = timeoutMs;
  }

  async signals(wanted: Parameters<SignalQuery['signals']>[0]): Promise<readonly ListedSignal[]> {
    const { kind, symbol, afterNs, limit } = wanted;
    // These are the only texts that reach the statement.
    if (!/^[a-z-]+$/.test(kind) || !(symbol === null || /^[\p{L}\p{N}._-]{1,32}$/u.test(symbol))) {
      throw new CodedError('SIGNAL_QUERY', `No such signal can exist: ${kind} of ${symbol}.`);
    }
    // No column is named: one that no row has had yet, such as `baseline`, would fail the whole query.
    const QueryString =
      `SELECT * FROM "${this.#database}"."${TABLES.signals}" ` +
      `WHERE kind = '${kind}' ${symbol === null ? '' : `AND symbol = '${symbol}' `}` +
      `AND time > '${timestampOf(afterNs)}' ORDER BY time DESC LIMIT ${Math.trunc(limit)}`;
    const { columns, rows } = await runQuery(this.#client, QueryString, {
      maxRows: 1000,
      abortSignal: AbortSignal.timeout(this.#timeoutMs),
    });
    const names = columns.map(({ name }) => name);
    return rows.flatMap((row) => signalOf(new Map(names.map((name, at) => [name, row[at]]))) ?? []);
  }
}

function signalOf(row: ReadonlyMap<string, unknown>): ListedSignal | undefined {
  const [symbol, time, baseline] = [row.get('symbol'), row.get('time'), row.get('baseline')];
  if (typeof symbol !== 'string' || typeof time !== 'string') return undefined;
  let told: ReturnType<typeof parseEvidence>;
  try {
    told = parseEvidence(JSON.parse(String(row.get('evidence'))));
  } catch {
    // A row without readable evidence is still a signal.
  }
  return {
    symbol,
    severity: String(row.get('severity')),
    state: String(row.get('state')),
    value: Number(row.get('value')),
    threshold: Number(row.get('threshold')),
    baseline: typeof baseline === 'number' ? baseline : null,
    timeNs: nanosecondsOf(time),
    ids: told?.ids ?? [],
    prices: told?.prices ?? [],
  };
}

/** `2024-08-08 23:55:00.000000001` from nanoseconds since 1970. */
export function timestampOf(timeNs: string): string {
  const nanoseconds = BigInt(timeNs);
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
  return `${seconds}.${(nanoseconds % 1_000_000_000n).toString().padStart(9, '0')}`;
}

/** And back. */
export function nanosecondsOf(timestamp: string): string {
  const [date = '', fraction = ''] = timestamp.replace(' ', 'T').split('.');
  const seconds = BigInt(Date.parse(`${date}Z`)) / 1000n;
  return (seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9))).toString();
}
