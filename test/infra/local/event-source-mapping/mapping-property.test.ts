import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MSKEvent } from '../../../../shared/log/kafka-event.ts';
import { MappingBench, texts } from './mapping-bench.ts';

/** What the function does when it is called: by the number of the call. */
type Deed = 'ok' | 'throws' | 'reports' | 'hangs';

const deed = fc.constantFrom<Deed>('ok', 'ok', 'throws', 'reports', 'hangs');
const scenario = fc.record({
  deeds: fc.array(deed, { maxLength: 40 }),
  /** How many records each partition gets, twice: before the start and while it runs. */
  counts: fc.array(fc.nat({ max: 12 }), { minLength: 6, maxLength: 6 }),
  poison: fc.option(fc.nat({ max: 11 })),
  batchSize: fc.integer({ min: 1, max: 15 }),
  maximumPollers: fc.integer({ min: 1, max: 4 }),
  bisectOnFunctionError: fc.boolean(),
  batchingWindowMs: fc.constantFrom(0, 500, 1000),
  restartAfterMs: fc.option(fc.nat({ max: 3000 })),
});

test('through errors, timeouts, partial failures and restarts every record is processed or given up, in order', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const bench = await MappingBench.open();
      const sent: string[][] = [[], [], []];
      const send = async (counts: readonly number[]) => {
        for (const [partition, count] of counts.entries()) {
          const own = sent[partition] ?? [];
          const values = Array.from({ length: count }, (_, i) => `${partition}:${own.length + i}`);
          own.push(...values);
          if (values.length > 0) await bench.send(values, partition);
        }
      };
      const done: string[] = [];
      let call = 0;
      const handler = async (event: MSKEvent) => {
        const values = texts(event);
        if (given.poison !== null && values.includes(`0:${given.poison}`)) throw new Error('poison');
        switch (given.deeds[call++] ?? 'ok') {
          case 'ok':
            break;
          case 'throws':
            throw new Error('told to');
          case 'hangs':
            await new Promise<void>((resolve) => bench.clock.after(5000, resolve));
            break;
          case 'reports': {
            const [partition, records] = Object.entries(event.records)[0] ?? ['', []];
            const failed = records[records.length >> 1];
            const at = values.indexOf(`${failed?.partition}:${failed?.offset}`);
            done.push(...values.filter((value, i) => i < at || !value.startsWith(`${failed?.partition}:`)));
            return { batchItemFailures: [{ itemIdentifier: { partition, offset: failed?.offset ?? 0 } }] };
          }
        }
        done.push(...values);
        return { batchItemFailures: [] };
      };
      const settings = {
        batchSize: given.batchSize,
        maximumPollers: given.maximumPollers,
        bisectOnFunctionError: given.bisectOnFunctionError,
        batchingWindowMs: given.batchingWindowMs,
        reportBatchItemFailures: true,
        functionTimeoutMs: 2000,
        retryAttempts: 50,
      };
      await send(given.counts.slice(0, 3));
      let mapping = await bench.start(handler, settings, { onFailureTopic: 'failed' });
      if (given.restartAfterMs !== null) {
        await bench.clock.advance(given.restartAfterMs);
        await bench.clock.until(mapping.stop());
        mapping = await bench.start(handler, settings, { onFailureTopic: 'failed' });
      }
      await send(given.counts.slice(3));
      await bench.idle(mapping);

      const givenUp = (await bench.records('failed')).map(({ value }) => String(value));
      for (const own of sent) {
        const ofPartition = new Set(own);
        const firsts = [...new Set(done.filter((value) => ofPartition.has(value)))];
        const accounted = own.filter((value) => firsts.includes(value) || givenUp.includes(value));
        assert.deepEqual(accounted, own);
        const numbers = firsts.map((value) => own.indexOf(value));
        assert.deepEqual(
          numbers,
          numbers.toSorted((a, b) => a - b),
        );
      }
      if (given.poison === null) assert.deepEqual(givenUp, []);
      else if (given.bisectOnFunctionError)
        assert.ok(givenUp.every((value) => value === `0:${given.poison}`));
      await bench.clock.until(mapping.stop());
      assert.deepEqual(
        await bench.committed(),
        sent.map((own) => own.length),
      );
    }),
    { numRuns: 150 },
  );
});
