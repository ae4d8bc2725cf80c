import assert from 'node:assert/strict';
import type { Log, LogConsumer, LogProducer, OutgoingRecord } from '../../../shared/log/log.ts';
import type { Row, RowWriter, WriteOutcome } from '../../../shared/row.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import type { PortFaults } from './port-faults.ts';
import type { SimRandom } from './sim-random.ts';

/** The bound of DESIGN section 5 for the hot item. */
const HOT_ITEM_BYTES = 4_096;

/** Archive blocks are read and written seldom: their faults come this much more often. */
const RARE = 8;

/** What the row store does beside failing as the other ports do. */
export interface RowFaults {
  /** The share of rows that are refused. */
  readonly share: number;
  /** Takes the rows that were refused. */
  readonly refused: Row[];
  /** How much more often it fails than the other ports. */
  readonly more: number;
}

/**
 * A store that fails, writes some of the rows and fails, or refuses single ones. What it refused is put into
 * `refused`.
 */
export function faultyRows(
  rows: RowWriter,
  faults: PortFaults,
  { share, refused, more }: RowFaults,
): RowWriter {
  const write = async (written: readonly Row[]): Promise<WriteOutcome> => {
    const now = written.filter(
      (row) => row.table !== 'dead_letters' && faults.chance('rows.write', 'refused', share),
    );
    refused.push(...now);
    const outcome = await rows.write(
      now.length === 0 ? written : written.filter((row) => !now.includes(row)),
    );
    return { ...outcome, refused: [...outcome.refused, ...now.map((row) => ({ row, reason: 'simulated' }))] };
  };
  return {
    write: (written) =>
      faults.run('rows.write', () => write(written), {
        half: () => rows.write(written.filter(() => faults.chance('rows.write', 'partly', 0.5))),
        more,
      }),
  };
}

export function faultyState(store: StateStore, faults: PortFaults): StateStore {
  return {
    readHot: (keys) => faults.run('state.readHot', () => store.readHot(keys)),
    writeHot: (key, expected, bytes) => {
      assert.ok(bytes.length <= HOT_ITEM_BYTES, `the hot item of ${key} has ${bytes.length} bytes`);
      return faults.run('state.writeHot', () => store.writeHot(key, expected, bytes));
    },
    readBlock: (key, block) =>
      faults.run('state.readBlock', () => store.readBlock(key, block), { more: RARE }),
    writeBlock: (key, block, version, panes) =>
      faults.run('state.writeBlock', () => store.writeBlock(key, block, version, panes), { more: RARE }),
  };
}

export function faultyProducer(name: string, producer: LogProducer, faults: PortFaults): LogProducer {
  return {
    send: (records) =>
      faults.run(`${name}.send`, () => producer.send(records), {
        half: () => producer.send(records.slice(0, records.length >> 1)),
      }),
    close: () => producer.close(),
  };
}

/** Tells of each record when it is handed over for the first time; a send that is tried again tells nothing new. */
export function notingProducer(
  producer: LogProducer,
  onHanded: (records: readonly OutgoingRecord[]) => void,
): LogProducer {
  let last: readonly OutgoingRecord[] | undefined;
  return {
    send: (records) => {
      if (records !== last) onHanded(records);
      last = records;
      return producer.send(records);
    },
    close: () => producer.close(),
  };
}

/** A log whose groups lose commits and go back to what was committed, as in a rebalance. */
export function rebalancingLog(
  log: Log,
  random: SimRandom,
  active: () => boolean,
  rates: { readonly lostCommit: number; readonly rewind: number },
): Log {
  const closed = new WeakSet<LogConsumer>();
  const unsettled = (consumer: LogConsumer, partitions: Set<number>, topic: string): LogConsumer => ({
    fetch: async (limits) => {
      if (active() && partitions.size > 0 && random.chance(rates.rewind)) {
        await consumer.rewind([...partitions].map((partition) => ({ topic, partition })));
        // A real fetch that is under way when its consumer closes comes back empty.
        if (closed.has(consumer)) return [];
      }
      const records = await consumer.fetch(limits);
      for (const { partition } of records) partitions.add(partition);
      return records;
    },
    commit: async (offsets) => {
      if (active() && random.chance(rates.lostCommit)) return;
      await consumer.commit(offsets);
    },
    rewind: (owned) => consumer.rewind(owned),
    lag: () => consumer.lag(),
    close: () => {
      closed.add(consumer);
      return consumer.close();
    },
  });
  return {
    ensureTopics: (topics) => log.ensureTopics(topics),
    producer: () => log.producer(),
    reader: () => log.reader(),
    consumer: async (options) => unsettled(await log.consumer(options), new Set(), options.topic),
    close: () => log.close(),
  };
}
