import type { Clock } from '../../../shared/clock.ts';
import type { LogReader } from '../../../shared/log/log.ts';
import type { TopicNames } from '../../../shared/log/topics.ts';
import type { Micros, Millis } from '../../../shared/units.ts';
import { headerOf } from '../../operator/topic-records.ts';

/**
 * The times by which the store of a replay judges rows. What may lie ahead follows the replay's clock, or the
 * newest record in the log where a backlog is worked off before the replay goes on. Retention counts only time
 * that the replay lived through: months between two files of it are no reason to forget the first.
 */
export class StoreClock {
  readonly #newestUs: Micros;
  #replay: Clock | undefined;
  #leftOutUs: Micros = 0;

  private constructor(newestUs: Micros) {
    this.#newestUs = newestUs;
  }

  /** Reads the last record of each partition of the raw topics. */
  static async open(
    reader: LogReader,
    topics: Pick<TopicNames, 'rawTrades' | 'rawQuotes'>,
  ): Promise<StoreClock> {
    let newestUs = 0;
    for (const topic of [topics.rawTrades, topics.rawQuotes]) {
      for (let partition = 0; partition < (await reader.partitions(topic)); partition += 1) {
        const { first, next } = await reader.bounds(topic, partition);
        if (next <= first) continue;
        const [last] = await reader.read({ topic, partition, offset: next - 1 }, 1);
        if (last !== undefined) newestUs = Math.max(newestUs, headerOf(last)?.receivedUs ?? 0);
      }
    }
    return new StoreClock(newestUs);
  }

  /** The replay runs on this clock from now on. */
  follow(replay: Clock): void {
    this.#replay = replay;
  }

  /** The replay's clock went on by this without living through it. */
  leaveOut(us: Micros): void {
    this.#leftOutUs += us;
  }

  nowMs(): Millis {
    return Math.max(this.#newestUs, this.#replay?.nowUs() ?? 0) / 1_000;
  }

  retentionNowMs(): Millis {
    return Math.max(0, (this.#replay?.nowUs() ?? 0) - this.#leftOutUs) / 1_000;
  }
}
