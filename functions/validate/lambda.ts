import { DEFAULT_VALIDATION_RULES } from '../../shared/binance/validation-rules.ts';
import { countRecords } from '../../shared/log/event-records.ts';
import type { KafkaHandler } from '../../shared/log/kafka-event.ts';
import { readDeployableSettings } from '../../shared/settings/deployable-settings.ts';
import { topicNames } from '../../shared/settings/settings.ts';
import { EventProducer } from '../adapters/kafka/event-producer.ts';
import { InvocationMetrics } from '../adapters/lambda/invocation-metrics.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { createValidateHandler } from './handler.ts';
import { addValidateMetrics } from './validate-metrics.ts';

const settings = readDeployableSettings('validate', process.env);
const producer = new EventProducer(process.env, wallClock);
const metrics = new InvocationMetrics('validate', settings.metricSymbols);
const symbols = settings.allowedSymbols.includes('*') ? undefined : new Set(settings.allowedSymbols);
let topic = '';

const validate = createValidateHandler(
  { producer, nowMs: Date.now },
  { rules: { ...DEFAULT_VALIDATION_RULES, symbols }, topics: topicNames(settings) },
  (counts) => addValidateMetrics(metrics.batch, counts, topic),
);

/** The Lambda entry: raw records in, validated events and dead letters out. */
export const handler: KafkaHandler = (event, context) => {
  producer.take(event);
  topic = Object.values(event.records)[0]?.[0]?.topic ?? '';
  return metrics.during(countRecords(event), () => validate(event, context));
};
