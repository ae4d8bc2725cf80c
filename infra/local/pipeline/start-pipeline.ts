import { join } from 'node:path';
import { ensureStateTable } from '../../../functions/adapters/dynamodb/ensure-state-table.ts';
import { StateTable } from '../../../functions/adapters/dynamodb/state-table.ts';
import { ensureStore } from '../../../functions/adapters/timestream/ensure-store.ts';
import { timestreamRowWriter } from '../../../functions/adapters/timestream/row-writer.ts';
import type { AggregateCounts } from '../../../functions/aggregate/aggregate.ts';
import { aggregateOptions, LOG_RETENTION_DAYS } from '../../../functions/aggregate/aggregate-options.ts';
import { createAggregateHandler } from '../../../functions/aggregate/handler.ts';
import { createDeadLetterHandler, type DeadLetterReport } from '../../../functions/dead-letter/handler.ts';
import { redrive } from '../../../functions/dead-letter/redrive.ts';
import { createValidateHandler } from '../../../functions/validate/handler.ts';
import type { ValidateCounts } from '../../../functions/validate/validate-records.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { KafkaHandler } from '../../../shared/log/kafka-event.ts';
import type { Log, PartitionLag } from '../../../shared/log/log.ts';
import { topicSpecs } from '../../../shared/log/topics.ts';
import { MAPPINGS, type MappingSpec, mappingGroupId } from '../../../shared/mappings.ts';
import { FunctionMetrics } from '../../../shared/metrics/function-metrics.ts';
import { METRICS } from '../../../shared/metrics/metric-catalogue.ts';
import type { Row, RowWriter } from '../../../shared/row.ts';
import { type Settings, topicNames } from '../../../shared/settings/settings.ts';
import type { MarketSymbol } from '../../../shared/units.ts';
import type { MismatchRecord } from '../../../shared/window/mismatch-record.ts';
import { letterTopics } from '../../operator/dlq/letter-topics.ts';
import type { ActiveAlarm } from '../alerting/active-alarms.ts';
import { type AlertingChoices, startLocalAlerting } from '../alerting/local-alerting.ts';
import { lambdaError, lambdaLag } from '../cloudwatch/lambda-metrics.ts';
import { STORE_FOLDER } from '../data-folder/running-instance.ts';
import { startOperatorEndpoint } from '../dlq/operator-endpoint.ts';
import { startDynamoDB } from '../dynamodb/start-dynamodb.ts';
import {
  type EventSourceMapping,
  startEventSourceMapping,
} from '../event-source-mapping/event-source-mapping.ts';
import { startTimestream } from '../timestream/timestream-server.ts';
import { claimTopics } from './claim-topics.ts';
import { type LocalClients, localClients } from './local-clients.ts';

/** The state table of a local run. */
export const STATE_TABLE = 'market-monitor-state';

/** How often the lag of the functions is measured. */
const LAG_EVERY_MS = 10_000;

/** What a local pipeline runs on. */
export interface PipelineOptions {
  readonly settings: Settings;
  /** The data folder; state and store get folders of their own in it. */
  readonly dir: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Symbols that validate lets through; undefined lets all. */
  readonly symbols?: ReadonlySet<MarketSymbol>;
  /** The times that the store judges rows by: those of a replay, else wall time. */
  readonly storeClock?: { nowMs(): number; retentionNowMs(): number };
  /** Every row on its way to the store: what a terminal shows. */
  readonly onRows?: (rows: readonly Row[]) => void;
  readonly onValidated?: (counts: ValidateCounts) => void;
  readonly onAggregated?: (counts: AggregateCounts) => void;
  /** A candle that differs from the exchange's, with both sides. */
  readonly onMismatch?: (record: MismatchRecord) => void;
  readonly onDeadLetters?: (report: DeadLetterReport) => void;
  /** A sentence for each thing in which a topic that exists is otherwise than asked. */
  readonly onTopicDifference?: (sentence: string) => void;
  /** Errors of functions and log as they come; what can be retried is. */
  readonly onError?: (source: string, error: unknown) => void;
  /** Every line of metrics in the embedded metric format. */
  readonly onMetrics?: (line: string) => void;
  /** Evaluates the alarms on those metrics, and notifies where a webhook is set. */
  readonly alerting?: AlertingChoices;
}

/** A running pipeline behind the log: every function with its mapping, the state and the store. */
export interface Pipeline {
  readonly timestreamEndpoint: string;
  readonly clients: LocalClients;
  /** Takes the metrics of whoever feeds the log; undefined where nobody asked for metrics. */
  readonly emitMetrics: ((line: string) => void) | undefined;
  /** DynamoDB with the state and the mutes; for the instance file. */
  readonly stateEndpoint: string;
  /** Where an operator's commands go; for the instance file. */
  readonly operatorUrl: string;
  /** The alarms that are on, the loudest first; none without `alerting`. */
  alarms(): readonly ActiveAlarm[];
  /** Rejects where a function's mapping has ended because the log refuses it for good; never resolves. */
  readonly failed: Promise<never>;
  /** Resolves when all that stood in the log at the call is processed, stage after stage. */
  idle(): Promise<void>;
  lag(): Promise<readonly PartitionLag[]>;
  /** Drains what is under way and closes; the log stays open, it belongs to the caller. */
  stop(): Promise<void>;
}

/**
 * Starts the functions on the log, with DynamoDB and Timestream on loopback unless the settings name others. On
 * Kafka the topics are claimed for the folder first (`claimTopics`). Where it fails nothing is left running.
 */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { settings, dir, log, clock, storeClock } = options;
  const names = topicNames(settings);
  const groups = MAPPINGS.map((mapping) => {
    const topic = names[mapping.topic];
    return { mapping, topic, groupId: mappingGroupId(mapping, topic) };
  });
  for (const difference of await log.ensureTopics(topicSpecs(names))) options.onTopicDifference?.(difference);
  if (settings.kafka !== null) await claimTopics({ log, ledgerTopic: names.ledger, groups, dir });

  await using undo = new AsyncDisposableStack();
  const emulator = settings.awsEndpointUrl;
  const dynamodb = emulator === null ? await startDynamoDB(join(dir, 'state')) : undefined;
  undo.defer(() => dynamodb?.close());
  const timestream =
    settings.awsEndpointUrlTimestreamWrite === null
      ? await startTimestream({
          dir: join(dir, STORE_FOLDER),
          ...(storeClock && {
            nowMs: () => storeClock.nowMs(),
            retentionNowMs: () => storeClock.retentionNowMs(),
          }),
        })
      : undefined;
  undo.defer(() => timestream?.close());
  const written = settings.awsEndpointUrlTimestreamWrite ?? timestream?.endpoint ?? '';
  const clients = localClients({
    dynamodb: emulator ?? dynamodb?.endpoint ?? '',
    timestreamWrite: written,
    timestreamQuery: settings.awsEndpointUrlTimestreamQuery ?? written,
  });
  undo.defer(() => clients.destroy());
  await ensureStateTable(clients.dynamodb, STATE_TABLE);
  await ensureStore(clients.timestreamWrite, settings.timestreamDatabase);
  const producer = await log.producer();
  undo.defer(() => producer.close());
  const nowMs = (): number => clock.nowUs() / 1_000;
  const watchedSymbols = options.symbols === undefined ? settings.symbols : [...options.symbols];
  const alerting =
    options.alerting &&
    (await startLocalAlerting(options.alerting, {
      clock,
      clients,
      stateTable: STATE_TABLE,
      database: settings.timestreamDatabase,
      symbols: watchedSymbols,
      consumerNames: [...new Set(MAPPINGS.map(({ functionName }) => functionName))],
    }));
  undo.defer(() => alerting?.close());
  const emitMetrics =
    options.onMetrics === undefined && alerting === undefined
      ? undefined
      : (line: string): void => {
          options.onMetrics?.(line);
          alerting?.emit(line);
        };
  const metricsOf = (functionName: string): { readonly metrics?: FunctionMetrics } =>
    emitMetrics === undefined
      ? {}
      : { metrics: new FunctionMetrics(functionName, { emit: emitMetrics, nowMs, symbols: watchedSymbols }) };
  const rowsOf = ({ metrics }: ReturnType<typeof metricsOf>): RowWriter =>
    watched(
      timestreamRowWriter(
        {
          client: clients.timestreamWrite,
          sleep: (delayMs) => sleep(clock, delayMs),
          random: Math.random,
          ...(metrics && { onRetry: (rows) => metrics.count(METRICS.rowsRetried, rows) }),
        },
        { database: settings.timestreamDatabase },
      ),
      options.onRows,
    );
  const [ofValidate, ofAggregate, ofDeadLetter] = [
    metricsOf('validate'),
    metricsOf('aggregate'),
    metricsOf('dead-letter'),
  ];
  const retentionMs = LOG_RETENTION_DAYS * 86_400_000;
  const rules = { ...DEFAULT_VALIDATION_RULES, symbols: options.symbols };
  const handlers: Readonly<Record<MappingSpec['functionName'], KafkaHandler>> = {
    validate: createValidateHandler(
      { producer, nowMs, ...ofValidate },
      { rules, topics: names },
      options.onValidated,
    ),
    aggregate: createAggregateHandler(
      {
        store: new StateTable(clients.dynamodb, { table: STATE_TABLE, nowMs, retentionMs }),
        rows: rowsOf(ofAggregate),
        producer,
        nowMs,
        ...ofAggregate,
        ...(options.onMismatch && { onMismatch: options.onMismatch }),
      },
      aggregateOptions({ topics: names, watermarkDelayMs: settings.watermarkDelayMs, keepEvents: true }),
      options.onAggregated,
    ),
    'dead-letter': createDeadLetterHandler(
      { rows: rowsOf(ofDeadLetter), ...ofDeadLetter },
      { rawTopics: { [names.trades]: names.rawTrades, [names.quotes]: names.rawQuotes } },
      options.onDeadLetters,
    ),
  };
  const failure = Promise.withResolvers<never>();
  // Who waits for it is told; who does not, learns it by `onError`.
  failure.promise.catch(() => {});
  const reader = await log.reader();
  const operator = await startOperatorEndpoint({
    redrive: (filter) =>
      redrive(
        { reader, producer, rows: async () => rowsOf(ofDeadLetter), rules, ...letterTopics(names) },
        filter,
      ),
  });
  undo.defer(() => operator.close());
  const mappings: EventSourceMapping[] = [];
  undo.defer(async () => {
    for (const mapping of mappings) await mapping.stop();
  });
  // All at once: a broker lets a new group wait some seconds for further members.
  const started = await Promise.allSettled(
    groups.map(({ mapping, topic, groupId }) =>
      startEventSourceMapping({
        log,
        clock,
        topic,
        groupId,
        functionName: mapping.functionName,
        handler: handlers[mapping.functionName],
        settings: mapping.settings,
        ...(mapping.onFailure !== null && { onFailureTopic: names[mapping.onFailure] }),
        onError: (error) => {
          alerting?.put(lambdaError(mapping.functionName, nowMs()));
          options.onError?.(mapping.name, error);
        },
        onFatal: (error) => {
          options.onError?.(mapping.name, error);
          failure.reject(error);
        },
      }),
    ),
  );
  for (const outcome of started) if (outcome.status === 'fulfilled') mappings.push(outcome.value);
  for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason;
  let lagTimer = alerting && clock.after(LAG_EVERY_MS, measureLag);
  function measureLag(): void {
    for (const [index, mapping] of mappings.entries()) {
      const functionName = MAPPINGS[index]?.functionName ?? '';
      mapping.lag().then(
        (lags) => {
          for (const { records } of lags) alerting?.put(lambdaLag(functionName, nowMs(), records));
        },
        (error: unknown) => options.onError?.(`lag of ${functionName}`, error),
      );
    }
    lagTimer = clock.after(LAG_EVERY_MS, measureLag);
  }
  undo.defer(() => lagTimer?.cancel());
  const running = undo.move();
  return {
    timestreamEndpoint: written,
    clients,
    failed: failure.promise,
    emitMetrics,
    stateEndpoint: emulator ?? dynamodb?.endpoint ?? '',
    operatorUrl: operator.url,
    alarms: () => alerting?.active() ?? [],
    idle: async () => {
      // MAPPINGS stand in the order of the stages, so that each finds all that the one before it produced.
      for (const mapping of mappings) await mapping.idle();
    },
    lag: async () => (await Promise.all(mappings.map((mapping) => mapping.lag()))).flat(),
    stop: () => running.disposeAsync(),
  };
}

function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

function watched(rows: RowWriter, onRows: PipelineOptions['onRows']): RowWriter {
  if (onRows === undefined) return rows;
  return {
    write: async (written) => {
      const outcome = await rows.write(written);
      onRows(written);
      return outcome;
    },
  };
}
