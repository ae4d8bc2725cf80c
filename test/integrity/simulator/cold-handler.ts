import { aggregateOptions } from '../../../functions/aggregate/aggregate-options.ts';
import { createAggregateHandler } from '../../../functions/aggregate/handler.ts';
import { createDeadLetterHandler } from '../../../functions/dead-letter/handler.ts';
import { createValidateHandler } from '../../../functions/validate/handler.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { KafkaHandler } from '../../../shared/log/kafka-event.ts';
import type { Log } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import type { MappingSpec } from '../../../shared/mappings.ts';
import type { RowWriter } from '../../../shared/row.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { faultyProducer, faultyRows, type RowFaults } from './faulty-ports.ts';
import type { PortFaults } from './port-faults.ts';

const topics = DEFAULT_TOPIC_NAMES;

/** A function as it starts cold: nothing warm, on ports that fail. */
export function coldHandler(
  name: MappingSpec['functionName'],
  world: {
    readonly clock: Clock;
    readonly log: Log;
    readonly rows: RowWriter;
    readonly state: StateStore;
    readonly faults: PortFaults;
    readonly rowFaults: RowFaults;
  },
): KafkaHandler {
  const { clock, log, state, faults } = world;
  const nowMs = (): number => clock.nowUs() / 1_000;
  const rows = faultyRows(world.rows, faults, world.rowFaults);
  const opened = log.producer();
  const producer = faultyProducer(
    name,
    { send: async (records) => (await opened).send(records), close: async () => {} },
    faults,
  );
  switch (name) {
    case 'validate':
      return createValidateHandler({ producer, nowMs }, { rules: DEFAULT_VALIDATION_RULES, topics });
    case 'aggregate':
      return createAggregateHandler(
        { store: state, rows, producer, nowMs },
        aggregateOptions({ topics, watermarkDelayMs: 10_000, keepEvents: true }),
      );
    case 'dead-letter':
      return createDeadLetterHandler(
        { rows },
        { rawTopics: { [topics.trades]: topics.rawTrades, [topics.quotes]: topics.rawQuotes } },
      );
  }
}
