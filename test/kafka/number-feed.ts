import assert from 'node:assert/strict';
import type { Log, LogProducer } from '../../shared/log/log.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT', 'XRPUSDT'];

/** Sends 0, 1, 2, … of each symbol and remembers how far it came; what is refused is sent again. */
export class NumberFeed {
  readonly #producer: LogProducer;
  readonly #topic: string;
  #next = 0;

  constructor(producer: LogProducer, topic: string) {
    this.#producer = producer;
    this.#topic = topic;
  }

  /** How many numbers of each symbol were acknowledged. */
  get sent(): number {
    return this.#next;
  }

  /** Sends the next `count` numbers of every symbol, a few batches at a time, until all are acknowledged. */
  async send(count: number): Promise<void> {
    const end = this.#next + count;
    while (this.#next < end) {
      const from = this.#next;
      this.#next = Math.min(end, from + 100);
      const numbers = Array.from({ length: this.#next - from }, (_, i) => String(from + i));
      const records = numbers.flatMap((value) => SYMBOLS.map((key) => ({ topic: this.#topic, key, value })));
      await this.#producer.send(records);
    }
  }
}

/** What consumers have processed, by symbol, in the order in which it came. */
export class Seen {
  readonly #numbers = new Map<string, number[]>();

  add(symbol: string, number: number): void {
    const numbers = this.#numbers.get(symbol);
    if (numbers === undefined) this.#numbers.set(symbol, [number]);
    else numbers.push(number);
  }

  /** Distinct numbers, over all symbols. */
  get distinct(): number {
    let count = 0;
    for (const numbers of this.#numbers.values()) count += new Set(numbers).size;
    return count;
  }

  /** Every number is there, and each came for the first time only after the one before it. */
  assertComplete(count: number): void {
    assert.deepEqual([...this.#numbers.keys()].sort(), [...SYMBOLS].sort());
    for (const [symbol, numbers] of this.#numbers) {
      let next = 0;
      for (const number of numbers) {
        assert.ok(number <= next, `${symbol}: ${number} came before ${next}`);
        if (number === next) next += 1;
      }
      assert.equal(next, count, symbol);
    }
  }
}

/** Holds that the log itself has each number once, in order. */
export async function assertInLogOnce(log: Log, topic: string, count: number): Promise<void> {
  const reader = await log.reader();
  const next = new Map<string, number>();
  for (let partition = 0; partition < (await reader.partitions(topic)); partition++) {
    for (let offset = (await reader.bounds(topic, partition)).first; ; ) {
      const records = await reader.read({ topic, partition, offset }, 1000);
      if (records.length === 0) break;
      for (const record of records) {
        const symbol = String(record.key);
        assert.equal(
          Number(record.value),
          next.get(symbol) ?? 0,
          `${symbol} at ${partition}/${record.offset}`,
        );
        next.set(symbol, Number(record.value) + 1);
        offset = record.offset + 1;
      }
    }
  }
  assert.equal(next.size, SYMBOLS.length);
  for (const [symbol, numbers] of next) assert.equal(numbers, count, symbol);
}
