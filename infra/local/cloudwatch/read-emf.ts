import type { Millis } from '../../../shared/units.ts';

/** One value of one metric, under one set of dimensions. */
export interface MetricValue {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  readonly timeMs: Millis;
  readonly value: number;
}

/** The metric values of a log line in the embedded metric format; none where it is an ordinary line. */
export function readEmf(line: string): readonly MetricValue[] {
  if (!line.startsWith('{') || !line.includes('"_aws"')) return [];
  let blob: unknown;
  try {
    blob = JSON.parse(line);
  } catch {
    return [];
  }
  const aws = fieldOf(blob, '_aws');
  const timeMs = fieldOf(aws, 'Timestamp');
  if (typeof timeMs !== 'number') return [];
  const found: MetricValue[] = [];
  for (const directive of listOf(fieldOf(aws, 'CloudWatchMetrics'))) {
    const namespace = fieldOf(directive, 'Namespace');
    if (typeof namespace !== 'string') continue;
    for (const names of listOf(fieldOf(directive, 'Dimensions'))) {
      const dimensions = dimensionsOf(blob, names);
      if (dimensions === undefined) continue;
      for (const metric of listOf(fieldOf(directive, 'Metrics'))) {
        const name = fieldOf(metric, 'Name');
        if (typeof name !== 'string') continue;
        const values = fieldOf(blob, name);
        for (const value of Array.isArray(values) ? values.slice(0, 100) : [values]) {
          if (typeof value === 'number') found.push({ namespace, name, dimensions, timeMs, value });
        }
      }
    }
  }
  return found;
}

function dimensionsOf(blob: unknown, names: unknown): MetricValue['dimensions'] | undefined {
  const dimensions: [string, string][] = [];
  for (const name of listOf(names)) {
    const value = typeof name === 'string' ? fieldOf(blob, name) : undefined;
    if (typeof name !== 'string' || typeof value !== 'string') return undefined;
    dimensions.push([name, value]);
  }
  return dimensions;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
