import { assert } from '../coded-error.ts';
import type { Millis } from '../units.ts';
import type { DimensionBounds } from './dimension-bounds.ts';
import { encodeEmf, type MetricPoint } from './emf.ts';
import { type DimensionName, METRIC_NAMESPACE, type MetricSpec } from './metric-catalogue.ts';

/** CloudWatch reads at most 100 values of a metric in a blob. */
const MAX_VALUES = 100;

interface Collected {
  readonly point: MetricPoint & { readonly values: number[] };
  /** A sample keeps every `stride`-th value; `seen` counts them all. */
  stride: number;
  seen: number;
}

/** The metrics of one invocation, gathered while it runs and encoded once at its end. */
export class MetricBatch {
  readonly #bounds: DimensionBounds;
  readonly #collected = new Map<string, Collected>();

  constructor(bounds: DimensionBounds) {
    this.#bounds = bounds;
  }

  /** Adds a value. `dimensions` must have a value for every dimension that the metric's sets name. */
  add(
    spec: MetricSpec,
    value: number,
    dimensions: Readonly<Partial<Record<DimensionName, string>>> = {},
  ): void {
    if (!Number.isFinite(value)) return;
    let key = spec.name;
    const bounded: Partial<Record<DimensionName, string>> = {};
    for (const name of new Set(spec.dimensionSets.flat())) {
      const given = dimensions[name];
      assert(given !== undefined, `the metric ${spec.name} needs the dimension ${name}`);
      bounded[name] = this.#bounds.bound(name, given);
      key += `|${bounded[name]}`;
    }
    let collected = this.#collected.get(key);
    if (collected === undefined) {
      collected = { point: { spec, dimensions: bounded, values: [] }, stride: 1, seen: 0 };
      this.#collected.set(key, collected);
    }
    gather(collected, spec, value);
  }

  /** The lines to log, and an empty batch after it. */
  flush(timestampMs: Millis): readonly string[] {
    const points = [...this.#collected.values()].map((collected) => collected.point);
    this.#collected.clear();
    return encodeEmf(points, { namespace: METRIC_NAMESPACE, timestampMs });
  }
}

function gather(collected: Collected, spec: MetricSpec, value: number): void {
  const { values } = collected.point;
  if (spec.kind === 'count') {
    values[0] = (values[0] ?? 0) + value;
  } else if (spec.kind === 'gauge') {
    values[0] = value;
  } else {
    if (collected.seen % collected.stride === 0) values.push(value);
    collected.seen += 1;
    if (values.length < MAX_VALUES) return;
    // Every second value goes, and from now on every second one comes: an even sample, without randomness.
    for (let index = 0; index < MAX_VALUES / 2; index += 1) values[index] = values[2 * index] ?? 0;
    values.length = MAX_VALUES / 2;
    collected.stride *= 2;
  }
}
