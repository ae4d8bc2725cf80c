import type { Millis } from '../../../shared/units.ts';
import type { MetricValue } from './read-emf.ts';

/** What Lambda itself measures of a function: one invocation that ended with an error. */
export function lambdaError(functionName: string, timeMs: Millis): MetricValue {
  return lambdaMetric('Errors', functionName, timeMs, 1);
}

/** How many records a function is behind its topic. */
export function lambdaLag(functionName: string, timeMs: Millis, records: number): MetricValue {
  return lambdaMetric('OffsetLag', functionName, timeMs, records);
}

function lambdaMetric(name: string, functionName: string, timeMs: Millis, value: number): MetricValue {
  return { namespace: 'AWS/Lambda', name, dimensions: [['FunctionName', functionName]], timeMs, value };
}
