import { DEFAULT_VALIDATION_RULES } from '../../shared/binance/validation-rules.ts';
import type { KafkaHandler } from '../../shared/log/kafka-event.ts';
import { readDeployableSettings } from '../../shared/settings/deployable-settings.ts';
import { topicNames } from '../../shared/settings/settings.ts';
import { EventProducer } from '../adapters/kafka/event-producer.ts';
import { lambdaMetrics } from '../adapters/lambda/lambda-metrics.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { createValidateHandler } from './handler.ts';

const settings = readDeployableSettings('validate', process.env);
const producer = new EventProducer(process.env, wallClock);
const symbols = settings.allowedSymbols.includes('*') ? undefined : new Set(settings.allowedSymbols);

const validate = createValidateHandler(
  {
    producer,
    nowMs: Date.now,
    metrics: lambdaMetrics('validate', settings.metricNamespace, settings.metricSymbols),
  },
  { rules: { ...DEFAULT_VALIDATION_RULES, symbols }, topics: topicNames(settings) },
);

/** The Lambda entry: raw records in, validated events and dead letters out. */
export const handler: KafkaHandler = (event, context) => {
  producer.take(event);
  return validate(event, context);
};
