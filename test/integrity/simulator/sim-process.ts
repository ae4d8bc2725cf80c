import type { Fetch } from '../../../functions/ingest/rest-client.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Log, LogProducer } from '../../../shared/log/log.ts';
import type { Micros } from '../../../shared/units.ts';

/**
 * What a process stands on, so that it can be killed at any moment: from then on its timers do not run, its
 * sends reach nobody, and nobody answers it.
 */
export class SimProcess {
  alive = true;
  /** How far the clock of this process is from the truth. */
  clockErrorUs: Micros = 0;
  readonly clock: Clock;
  readonly #onKill: (() => void)[] = [];

  constructor(world: Clock) {
    this.clock = {
      nowUs: () => world.nowUs() + this.clockErrorUs,
      after: (delayMs, task) => world.after(delayMs, () => this.alive && task()),
    };
  }

  kill(): void {
    this.alive = false;
    for (const task of this.#onKill) task();
  }

  onKill(task: () => void): void {
    this.#onKill.push(task);
  }

  /** The answers of a call reach a live process only. */
  async #while<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (!this.alive) return new Promise(() => {});
    const answer = await call();
    return this.alive ? answer : new Promise(() => {});
  }

  fetch(fetch: Fetch): Fetch {
    return (url, init) => this.#while(() => fetch(url, init));
  }

  log(log: Log, wrap: (producer: LogProducer) => LogProducer): Log {
    return {
      ensureTopics: (topics) => log.ensureTopics(topics),
      reader: () => this.#while(() => log.reader()),
      producer: async () => {
        const producer = wrap(await log.producer());
        return {
          send: (records) => this.#while(() => producer.send(records)),
          close: () => producer.close(),
        };
      },
      consumer: async (options) => {
        const consumer = await log.consumer(options);
        this.onKill(() => void consumer.close());
        return {
          fetch: (limits) => this.#while(() => consumer.fetch(limits)),
          commit: (offsets) => this.#while(() => consumer.commit(offsets)),
          rewind: (partitions) => this.#while(() => consumer.rewind(partitions)),
          lag: () => this.#while(() => consumer.lag()),
          close: () => this.#while(() => consumer.close()),
        };
      },
      close: () => log.close(),
    };
  }
}
