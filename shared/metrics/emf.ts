import type { Millis } from '../units.ts';
import type { DimensionName, MetricSpec } from './metric-catalogue.ts';

/** One metric with its values and the value of each dimension that its sets name. */
export interface MetricPoint {
  readonly spec: MetricSpec;
  readonly dimensions: Readonly<Partial<Record<DimensionName, string>>>;
  /** At least one; CloudWatch reads at most 100. */
  readonly values: readonly number[];
}

/** CloudWatch takes at most 100 metrics in one blob. */
const MAX_METRICS = 100;

/**
 * Metrics in CloudWatch's embedded metric format, one JSON text per line to be logged. A blob holds one value per
 * dimension name, so points are grouped by their dimensions; with few symbols in a batch these are few lines,
 * logged in one write.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function encodeEmf(
  points: readonly MetricPoint[],
  options: { readonly namespace: string; readonly timestampMs: Millis },
): readonly string[] {
  const groups = new Map<string, MetricPoint[]>();
  for (const point of points) {
    const key = JSON.stringify([point.spec.dimensionSets, Object.entries(point.dimensions).sort()]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  const blobs: string[] = [];
  for (const group of groups.values()) {
    for (let from = 0; from < group.length; from += MAX_METRICS) {
      blobs.push(blobOf(group.slice(from, from + MAX_METRICS), options));
    }
  }
  return blobs;
}

function blobOf(
  points: readonly MetricPoint[],
  options: { readonly namespace: string; readonly timestampMs: Millis },
): string {
  const [first] = points;
  const values: Record<string, number | readonly number[]> = {};
  for (const { spec, values: measured } of points) {
    const [single, ...more] = measured;
    values[spec.name] = more.length === 0 && single !== undefined ? single : measured;
  }
  return JSON.stringify({
    _aws: {
      Timestamp: Math.floor(options.timestampMs),
      CloudWatchMetrics: [
        {
          Namespace: options.namespace,
          Dimensions: first?.spec.dimensionSets ?? [],
          Metrics: points.map(({ spec }) => ({
            Name: spec.name,
            Unit: spec.unit,
            ...(spec.resolutionSeconds === 1 ? { StorageResolution: 1 } : {}),
          })),
        },
      ],
    },
    ...first?.dimensions,
    ...values,
  });
}
