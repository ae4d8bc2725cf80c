import type { Millis } from './units.ts';

/**
 * The settings of an event source mapping for Kafka. What is allowed follows Lambda; `retryAttempts`,
 * `maxRecordAgeMs`, `bisectOnFunctionError` and `reportBatchItemFailures` exist with provisioned polling only.
 */
export interface MappingSettings {
  readonly mode: 'provisioned' | 'on-demand';
  /** 1 to 10,000 records. */
  readonly batchSize: number;
  /** How long a batch gathers: 500, or whole seconds up to 300; 0 with provisioned polling. */
  readonly batchingWindowMs: Millis;
  /** Pollers at most; partitions bound them as well. */
  readonly maximumPollers: number;
  /** Up to 14 minutes. */
  readonly functionTimeoutMs: Millis;
  /** Retries of a failed batch; -1 for ever, which an on-failure destination caps at 10. */
  readonly retryAttempts: number;
  /** Records older than this are given up; -1, or 60 s to 7 days. */
  readonly maxRecordAgeMs: Millis;
  readonly bisectOnFunctionError: boolean;
  readonly reportBatchItemFailures: boolean;
}

/** Lambda's payload limit of a synchronous invocation. */
export const PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024;

/** With an on-failure destination, endless retries are this many. */
export const RETRIES_BEFORE_DESTINATION = 10;

/** The retries that are really made; Infinity for ever. */
export function effectiveRetries(settings: MappingSettings, hasDestination: boolean): number {
  if (settings.retryAttempts >= 0) return settings.retryAttempts;
  return hasDestination ? RETRIES_BEFORE_DESTINATION : Number.POSITIVE_INFINITY;
}

/** What is wrong with the settings, each a sentence that names the setting; empty where all is well. */
export function mappingFaults(settings: MappingSettings): readonly string[] {
  const faults: string[] = [];
  const within = (name: string, value: number, low: number, high: number) => {
    if (!Number.isInteger(value) || value < low || value > high) {
      faults.push(`${name} is ${value}; it must be a whole number from ${low} to ${high}.`);
    }
  };
  within('batchSize', settings.batchSize, 1, 10_000);
  within('maximumPollers', settings.maximumPollers, 1, 2000);
  within('functionTimeoutMs', settings.functionTimeoutMs, 1, 14 * 60_000);
  within('retryAttempts', settings.retryAttempts, -1, 10_000);
  if (settings.maxRecordAgeMs !== -1) {
    within('maxRecordAgeMs', settings.maxRecordAgeMs, 60_000, 604_800_000);
  }
  const window = settings.batchingWindowMs;
  if (window !== 500 && (window % 1000 !== 0 || window < 0 || window > 300_000)) {
    faults.push(`batchingWindowMs is ${window}; it must be 500, or whole seconds from 0 to 300,000.`);
  }
  if (settings.mode === 'on-demand') faults.push(...onDemandFaults(settings));
  return faults;
}

/** The settings as they can be with on-demand polling: what only provisioned polling has is left out. */
export function withoutProvisioned(settings: MappingSettings): MappingSettings {
  return {
    ...settings,
    mode: 'on-demand',
    batchingWindowMs: settings.batchingWindowMs === 0 ? 500 : settings.batchingWindowMs,
    retryAttempts: -1,
    maxRecordAgeMs: -1,
    bisectOnFunctionError: false,
    reportBatchItemFailures: false,
  };
}

function onDemandFaults(settings: MappingSettings): readonly string[] {
  const asked = [
    [settings.batchingWindowMs === 0, 'batchingWindowMs 0'],
    [settings.retryAttempts !== -1, 'retryAttempts'],
    [settings.maxRecordAgeMs !== -1, 'maxRecordAgeMs'],
    [settings.bisectOnFunctionError, 'bisectOnFunctionError'],
    [settings.reportBatchItemFailures, 'reportBatchItemFailures'],
  ] as const;
  return asked
    .filter(([isAsked]) => isAsked)
    .map(([, name]) => `${name} needs provisioned polling; choose mode 'provisioned' or leave it out.`);
}
