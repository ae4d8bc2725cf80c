import { assert } from '../coded-error.ts';
import type { Millis } from '../units.ts';
import type { DimensionBounds } from './dimension-bounds.ts';
import { encodeEmf, type MetricPoint } from './emf.ts';
import { EvenSample } from './even-sample.ts';
import { type DimensionName, METRIC_NAMESPACE, type MetricSpec } from './metric-catalogue.ts';

interface Collected {
  readonly point: MetricPoint & { readonly values: number[] };
  readonly sample: EvenSample;
}

/** The metrics of one invocation, gathered while it runs and encoded once at its end. */
export class MetricBatch {
  /** What keeps the number of metrics bounded. */
  readonly bounds: DimensionBounds;
  readonly #namespace: string;
  readonly #collected = new Map<string, Collected>();

  constructor(bounds: DimensionBounds, namespace: string = METRIC_NAMESPACE) {
    this.bounds = bounds;
    this.#namespace = namespace;
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
      bounded[name] = this.bounds.bound(name, given);
      key += `|${bounded[name]}`;
    }
    let collected = this.#collected.get(key);
    if (collected === undefined) {
      const sample = new EvenSample();
      collected = { point: { spec, dimensions: bounded, values: sample.values }, sample };
      this.#collected.set(key, collected);
    }
    const { values } = collected.point;
    if (spec.kind === 'sample') collected.sample.add(value);
    else if (spec.kind === 'count') values[0] = (values[0] ?? 0) + value;
    else values[0] = value;
  }

  /** The lines to log, and an empty batch after it. */
  flush(timestampMs: Millis): readonly string[] {
    const points = [...this.#collected.values()].map((collected) => collected.point);
    this.#collected.clear();
    return encodeEmf(points, { namespace: this.#namespace, timestampMs });
  }
}
