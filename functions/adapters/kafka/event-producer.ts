import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { MSKEvent } from '../../../shared/log/kafka-event.ts';
import type { AppendedRange, LogProducer, OutgoingRecord } from '../../../shared/log/log.ts';
import {
  describeFaults,
  type KafkaSettings,
  parseKafkaSettings,
} from '../../../shared/settings/kafka-settings.ts';
import { openKafkaLog } from './open-kafka-log.ts';

/**
 * Where MSK's brokers speak IAM inside the VPC. The examples of AWS show events that name the port of another way
 * to log in.
 * @see https://docs.aws.amazon.com/msk/latest/developerguide/port-info.html
 */
const IAM_PORT = 9098;

type Open = (settings: KafkaSettings) => Promise<LogProducer>;

/**
 * The producer of a function: it writes to the cluster that its event came from, whose brokers stand in the
 * event. So a function asks MSK for nothing, which from inside the VPC would need a way out of it. The connection
 * is made at the first send and kept; one that cannot be made is tried anew at the next.
 */
export class EventProducer implements LogProducer {
  readonly #settings: KafkaSettings;
  readonly #open: Open;
  #servers: readonly string[] = [];
  #producer: Promise<LogProducer> | undefined;

  /** @throws CodedError `SETTINGS_INVALID` where the environment does not say how to speak to the brokers. */
  constructor(environment: Readonly<Record<string, string | undefined>>, clock: Clock, open?: Open) {
    const { KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_MECHANISM, AWS_REGION } = environment;
    const parsed = parseKafkaSettings({
      KAFKA_SECURITY_PROTOCOL,
      KAFKA_SASL_MECHANISM,
      AWS_REGION,
      KAFKA_BOOTSTRAP_SERVERS: 'named.by.the.event:9098',
    });
    if (parsed.kind === 'faults') throw new CodedError('SETTINGS_INVALID', describeFaults(parsed.faults));
    if (parsed.kind === 'none') throw new CodedError('SETTINGS_INVALID', 'No Kafka is asked for.');
    this.#settings = parsed.settings;
    this.#open = open ?? (async (settings) => (await openKafkaLog(settings, { clock })).producer());
  }

  /** Learns the brokers; to be called with every event before anything is sent. */
  take(event: Pick<MSKEvent, 'bootstrapServers'>): void {
    const servers = event.bootstrapServers.split(',').filter((server) => server !== '');
    const isIam = this.#settings.security.kind === 'aws-msk-iam';
    this.#servers = isIam ? servers.map((server) => server.replace(/:\d+$/, `:${IAM_PORT}`)) : servers;
  }

  async send(records: readonly OutgoingRecord[]): Promise<readonly AppendedRange[]> {
    return (await this.#connected()).send(records);
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await (await producer)?.close();
  }

  #connected(): Promise<LogProducer> {
    if (this.#servers.length === 0) {
      throw new CodedError(
        'EVENT_WITHOUT_BROKERS',
        'The event names no brokers: it is not of a Kafka mapping.',
      );
    }
    this.#producer ??= this.#open({
      ...this.#settings,
      brokers: { kind: 'servers', servers: this.#servers },
    }).catch((error: unknown) => {
      this.#producer = undefined;
      throw error;
    });
    return this.#producer;
  }
}
