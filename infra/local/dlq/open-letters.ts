import { join } from 'node:path';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { timestreamRowWriter } from '../../../functions/adapters/timestream/row-writer.ts';
import type { LetterFilter, LetterSource } from '../../../functions/dead-letter/letter-book.ts';
import { type RedriveReport, redrive } from '../../../functions/dead-letter/redrive.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { Log } from '../../../shared/log/log.ts';
import { parseKafkaSettings } from '../../../shared/settings/kafka-settings.ts';
import { type Settings, topicNames } from '../../../shared/settings/settings.ts';
import { letterTopics } from '../../operator/dlq/letter-topics.ts';
import { type RunningInstance, runningInstance, STORE_FOLDER } from '../data-folder/running-instance.ts';
import { openEmbeddedLog, openEmbeddedLogReadOnly } from '../log/embedded-log.ts';
import { localClients } from '../pipeline/local-clients.ts';
import { openLog } from '../pipeline/open-log.ts';
import { startTimestream } from '../timestream/timestream-server.ts';
import { askRedrive } from './operator-endpoint.ts';

/** Whose dead letters. */
export interface LettersOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
  /** The data folder; null where the log is Kafka and no folder is used. */
  readonly dir: string | null;
  readonly clock: Clock;
  /** Symbols that validation lets through; undefined lets all. */
  readonly symbols: ReadonlySet<string> | undefined;
}

/** Opens the letters to read them, also beside a running instance. */
export async function openLetters(
  options: LettersOptions,
): Promise<{ readonly source: LetterSource; close(): Promise<void> }> {
  const log = isKafka(options)
    ? await openLog(options.environment, '', options.clock)
    : openEmbeddedLogReadOnly({ dir: join(folderOf(options), 'log') });
  const source = { reader: await log.reader(), ...letterTopics(topicNames(options.settings)) };
  return { source, close: () => log.close() };
}

/**
 * Puts letters back: through the running instance, which alone may write its log; else in the log itself, for the
 * next start to take up. Fails with `LOG_IN_USE` where an instance holds the log and does not answer.
 */
export async function redriveLetters(options: LettersOptions, filter: LetterFilter): Promise<RedriveReport> {
  const instance = options.dir === null ? undefined : await runningInstance(options.dir);
  if (instance?.operatorUrl != null) {
    const report = await askRedrive(instance.operatorUrl, filter);
    if (report !== undefined) return report;
  }
  const log: Log = isKafka(options)
    ? await openLog(options.environment, '', options.clock)
    : openEmbeddedLog({ dir: join(folderOf(options), 'log'), clock: options.clock });
  const store = new LazyStore(options, instance);
  try {
    const producer = await log.producer();
    const report = await redrive(
      {
        reader: await log.reader(),
        producer,
        rows: () => store.open(),
        rules: { ...DEFAULT_VALIDATION_RULES, symbols: options.symbols },
        ...letterTopics(topicNames(options.settings)),
      },
      filter,
    );
    await producer.close();
    return report;
  } finally {
    await store.close();
    await log.close();
  }
}

/** The store that refused rows go to, opened where there are any. */
class LazyStore {
  readonly #options: LettersOptions;
  readonly #instance: RunningInstance | undefined;
  #close: () => Promise<void> = async () => {};

  constructor(options: LettersOptions, instance: RunningInstance | undefined) {
    this.#options = options;
    this.#instance = instance;
  }

  async open(): Promise<ReturnType<typeof timestreamRowWriter>> {
    const { settings, clock } = this.#options;
    const client = await this.#client();
    const sleep = (delayMs: number): Promise<void> =>
      new Promise((resolve) => {
        clock.after(delayMs, resolve);
      });
    return timestreamRowWriter(
      { client, sleep, random: Math.random },
      { database: settings.timestreamDatabase },
    );
  }

  close(): Promise<void> {
    return this.#close();
  }

  async #client(): Promise<TimestreamWriteClient> {
    const { settings, dir } = this.#options;
    const named = settings.awsEndpointUrlTimestreamWrite;
    if (dir === null && named === null) return new TimestreamWriteClient({ maxAttempts: 1 });
    const isOurs = named === null && !isKafka(this.#options);
    const own = isOurs && dir !== null ? await startTimestream({ dir: join(dir, STORE_FOLDER) }) : undefined;
    const endpoint = named ?? own?.endpoint ?? this.#instance?.timestreamEndpoint ?? '';
    const clients = localClients({ dynamodb: '', timestreamWrite: endpoint, timestreamQuery: endpoint });
    this.#close = async () => {
      clients.destroy();
      await own?.close();
    };
    return clients.timestreamWrite;
  }
}

function isKafka(options: LettersOptions): boolean {
  return parseKafkaSettings(options.environment).kind !== 'none';
}

function folderOf({ dir }: LettersOptions): string {
  if (dir !== null) return dir;
  throw new CodedError('DATA_FOLDER_MISSING', 'Name the data folder of a run with --data.');
}
