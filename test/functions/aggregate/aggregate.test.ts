import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import { isMoment, SIGNAL_KINDS } from '../../../shared/events/signal.ts';
import type { MSKRecord } from '../../../shared/log/kafka-event.ts';
import type { MemoryRowStore } from '../../../shared/memory-row-store.ts';
import type { Row, RowWriter } from '../../../shared/row.ts';
import { MemoryStateStore } from '../../../shared/state/memory-state-store.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { TABLE_SPECS } from '../../../shared/tables.ts';
import {
  makeAggregate,
  makeSurroundings,
  NOW_MS,
  plainRows,
  toEvent,
  toRecords,
} from './aggregate-fixtures.ts';
import { interruptedMarketLog, marketLog } from './market-events.ts';

const RUNS = { numRuns: 40, endOnFailure: true };

/** Batch sizes that cut a log at random places; a long batch is committed in several stretches. */
const cuts = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 }),
  fc.constant([Number.MAX_SAFE_INTEGER]),
);

test('a log cut into other batches gives the same rows in every column', async () => {
  await fc.assert(
    fc.asyncProperty(interruptedMarketLog, cuts, async (log, sizes) => {
      const whole = await run(log, [log.length]);
      assert.deepEqual(await run(log, sizes), whole);
    }),
    RUNS,
  );
});

test('a batch that is given again, cold or warm, changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(interruptedMarketLog, cuts, fc.boolean(), async (log, sizes, isCold) => {
      const surroundings = makeSurroundings();
      let aggregate = makeAggregate(surroundings);
      for (const batch of batches(toRecords(log), sizes)) {
        await aggregate.process(toEvent(batch));
        if (isCold) aggregate = makeAggregate(surroundings);
        await aggregate.process(toEvent(batch));
      }
      assert.deepEqual(outcome(surroundings), await run(log, [log.length]));
      assert.deepEqual(refusals(surroundings.producer.sent), []);
    }),
    RUNS,
  );
});

test('a crash before or after any write leaves the same rows once the batch is given again', async () => {
  await fc.assert(
    fc.asyncProperty(
      interruptedMarketLog,
      cuts,
      fc.array(fc.record({ at: fc.nat(60), after: fc.boolean() }), { maxLength: 8 }),
      fc.boolean(),
      async (log, sizes, crashes, staysWarm) => {
        const surroundings = makeSurroundings();
        const crashing = new Crashes(crashes);
        const deps = {
          store: crashing.store(surroundings.store),
          rows: crashing.rows(surroundings.rows),
          producer: surroundings.producer,
        };
        let aggregate = makeAggregate(deps);
        for (const batch of batches(toRecords(log), sizes)) {
          for (let done = false; !done; ) {
            try {
              await aggregate.process(toEvent(batch));
              done = true;
            } catch (error) {
              assert.ok(error instanceof Crash);
              // Lambda keeps an instance whose call threw.
              if (!staysWarm) aggregate = makeAggregate(deps);
            }
          }
        }
        assert.deepEqual(outcome(surroundings), await run(log, [log.length]));
        assert.deepEqual(refusals(surroundings.producer.sent), []);
      },
    ),
    RUNS,
  );
});

test('an invocation that timed out and runs on beside its retry corrupts neither rows nor state', async () => {
  const stall = fc.record({ afterCalls: fc.nat(4), forBatches: fc.nat(4) });
  await fc.assert(
    fc.asyncProperty(
      interruptedMarketLog,
      cuts,
      fc.array(stall, { minLength: 1 }),
      async (log, sizes, stalls) => {
        const surroundings = makeSurroundings();
        const zombies: { readonly wakesAt: number; readonly gate: Gate; readonly end: Promise<unknown> }[] =
          [];
        const wake = async (turn: number): Promise<void> => {
          for (const zombie of zombies.filter(({ wakesAt }) => wakesAt <= turn)) {
            zombie.gate.open();
            await zombie.end;
          }
        };
        for (const [turn, batch] of batches(toRecords(log), sizes).entries()) {
          const { afterCalls, forBatches } = stalls[turn % stalls.length] ?? { afterCalls: 0, forBatches: 0 };
          const gate = new Gate(afterCalls);
          const stalling = { ...surroundings, store: stallingStore(surroundings.store, gate) };
          const end = makeAggregate(stalling)
            .process(toEvent(batch))
            .catch((error: unknown) => error);
          zombies.push({ wakesAt: turn + forBatches, gate, end });
          await makeAggregate(surroundings).process(toEvent(batch));
          await wake(turn);
        }
        await wake(Number.MAX_SAFE_INTEGER);
        assert.deepEqual(outcome(surroundings), await run(log, [log.length]));
        assert.deepEqual(refusals(surroundings.producer.sent), []);
      },
    ),
    RUNS,
  );
});

test('of two calls that make the first state in different minutes, the rows of the one that loses are outranked', async () => {
  await fc.assert(
    fc.asyncProperty(marketLog, fc.integer({ min: 1, max: 40 }), async (log, size) => {
      const surroundings = makeSurroundings();
      const [first = [], ...rest] = batches(toRecords(log), [size]);
      const [early, late] = [new Gate(0), new Gate(0)];
      const call = (gate: Gate, nowMs: number) =>
        makeAggregate({
          ...surroundings,
          store: committingAt(surroundings.store, gate),
          nowMs: () => nowMs,
        }).process(toEvent(first));
      const winner = call(early, NOW_MS);
      const loser = call(late, NOW_MS + 60_000);
      await new Promise(setImmediate);
      early.open();
      await winner;
      late.open();
      await loser;
      const aggregate = makeAggregate(surroundings);
      for (const batch of rest) await aggregate.process(toEvent(batch));
      assert.deepEqual(withoutVersions(outcome(surroundings)), withoutVersions(await run(log, [log.length])));
      assert.deepEqual(refusals(surroundings.producer.sent), []);
    }),
    RUNS,
  );
});

test('every kind of signal fires in the markets of these tests, and many clear', async () => {
  const kinds = new Map<string, number>();
  for (const log of fc.sample(marketLog, { numRuns: 40, seed: 7 })) {
    const surroundings = makeSurroundings();
    await makeAggregate(surroundings).process(toEvent(toRecords(log)));
    for (const { kind, state } of plainRows(surroundings.rows.table('signals'))) {
      const name = `${kind} ${state}`;
      kinds.set(name, (kinds.get(name) ?? 0) + 1);
    }
  }
  for (const kind of SIGNAL_KINDS) {
    const cleared = kinds.get(`${kind} cleared`) ?? 0;
    assert.ok(cleared + (kinds.get(`${kind} open`) ?? 0) > 0, `${kind}: ${[...kinds]}`);
    assert.ok(isMoment(kind) ? cleared === 0 : cleared > 0, `${kind} cleared: ${[...kinds]}`);
  }
});

test('the hot item of a busy symbol stays within 4 KB, however the batches are cut', async () => {
  const store = new MeasuredStore();
  const surroundings = { ...makeSurroundings(), store };
  const aggregate = makeAggregate(surroundings, false);
  const log: MarketEvent[] = [];
  const [sample] = fc.sample(marketLog, { numRuns: 1, seed: 1 });
  const model = sample?.find((event) => event.kind === 'trade');
  assert.ok(model?.kind === 'trade');
  for (let at = 0; at < 40_000; at += 1) {
    const tradeTimeUs = model.tradeTimeUs + at * 100_000;
    const holes = Math.floor(at / 50);
    log.push({ ...model, tradeId: 5_000_000_000 + at + holes, tradeTimeUs, receivedUs: tradeTimeUs });
  }
  for (const batch of batches(toRecords(log), [700, 10_000, 1, 90])) await aggregate.process(toEvent(batch));
  assert.ok(store.largest > 500, `the measure measures: ${store.largest} bytes`);
  assert.ok(store.largest <= 4096, `a hot item of ${store.largest} bytes`);
});

async function run(log: readonly MarketEvent[], sizes: readonly number[]) {
  const surroundings = makeSurroundings();
  const aggregate = makeAggregate(surroundings);
  for (const batch of batches(toRecords(log), sizes)) await aggregate.process(toEvent(batch));
  return outcome(surroundings);
}

/** Every table, and the signals that were told: each is told at least once, and always in the same words. */
function outcome({ rows, producer }: ReturnType<typeof makeSurroundings>) {
  const told = producer.sent
    .filter(({ topic }) => topic === 'signals.alerts')
    .map(({ value }) => String(value));
  return { ...tables(rows), told: [...new Set(told)].sort() };
}

function batches(records: readonly MSKRecord[], sizes: readonly number[]): MSKRecord[][] {
  const cut: MSKRecord[][] = [];
  for (let at = 0, turn = 0; at < records.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    cut.push(records.slice(at, at + size));
    at += size;
  }
  return cut;
}

function tables(rows: MemoryRowStore) {
  return Object.fromEntries(TABLE_SPECS.map(({ name }) => [name, plainRows(rows.table(name))]));
}

function refusals(sent: readonly { readonly topic: string; readonly value: unknown }[]): unknown[] {
  return sent.filter(({ topic }) => topic === 'binance.dlq').map(({ value }) => value);
}

class Crash extends Error {}

/** Throws at the scheduled writes, before or after they are done. */
class Crashes {
  readonly #schedule: readonly { readonly at: number; readonly after: boolean }[];
  #writes = 0;

  constructor(schedule: readonly { readonly at: number; readonly after: boolean }[]) {
    this.#schedule = schedule;
  }

  store(inner: StateStore): StateStore {
    return {
      readHot: (keys) => inner.readHot(keys),
      readBlock: (key, block) => inner.readBlock(key, block),
      writeHot: (...args) => this.#write(() => inner.writeHot(...args)),
      writeBlock: (...args) => this.#write(() => inner.writeBlock(...args)),
    };
  }

  rows(inner: RowWriter): RowWriter {
    return {
      write: (rows: readonly Row[]) =>
        this.#write(async () => {
          const half = Math.floor(rows.length / 2);
          await inner.write(rows.slice(0, half));
          return this.#write(() => inner.write(rows));
        }),
    };
  }

  async #write<Result>(write: () => Promise<Result>): Promise<Result> {
    this.#writes += 1;
    const crash = this.#schedule.find(({ at }) => at === this.#writes);
    if (crash !== undefined && !crash.after) throw new Crash();
    const result = await write();
    if (crash !== undefined) throw new Crash();
    return result;
  }
}

/** Lets the first calls through and holds the others until it is opened. */
class Gate {
  #left: number;
  #open: () => void = () => {};
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  constructor(calls: number) {
    this.#left = calls;
  }

  async pass(): Promise<void> {
    this.#left -= 1;
    if (this.#left < 0) await this.#opened;
  }

  open(): void {
    this.#open();
  }
}

function stallingStore(inner: StateStore, gate: Gate): StateStore {
  return {
    readHot: (keys) => gate.pass().then(() => inner.readHot(keys)),
    readBlock: (key, block) => gate.pass().then(() => inner.readBlock(key, block)),
    writeHot: (...args) => gate.pass().then(() => inner.writeHot(...args)),
    writeBlock: (...args) => gate.pass().then(() => inner.writeBlock(...args)),
  };
}

/** A store whose commits wait at the gate, so that the rows are written before. */
function committingAt(inner: StateStore, gate: Gate): StateStore {
  return {
    readHot: (keys) => inner.readHot(keys),
    readBlock: (key, block) => inner.readBlock(key, block),
    writeHot: (...args) => gate.pass().then(() => inner.writeHot(...args)),
    writeBlock: (...args) => inner.writeBlock(...args),
  };
}

function withoutVersions(stored: unknown): unknown {
  return JSON.parse(JSON.stringify(stored, (name, value) => (name === 'version' ? undefined : value)));
}

class MeasuredStore extends MemoryStateStore {
  largest = 0;

  override async writeHot(key: string, expected: number, bytes: Uint8Array): Promise<boolean> {
    this.largest = Math.max(this.largest, bytes.length);
    return super.writeHot(key, expected, bytes);
  }
}
