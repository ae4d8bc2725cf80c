/** CloudWatch reads at most 100 values of a metric in a blob. */
const MAX_VALUES = 100;

/** An even sample of any number of values: at most 100 of them, without randomness. */
export class EvenSample {
  readonly values: number[] = [];
  /** Every `stride`-th value is kept; `#seen` counts them all. */
  #stride = 1;
  #seen = 0;

  add(value: number): void {
    const { values } = this;
    if (this.#seen % this.#stride === 0) values.push(value);
    this.#seen += 1;
    if (values.length < MAX_VALUES) return;
    // Every second value goes, and from now on every second one comes.
    for (let index = 0; index < MAX_VALUES / 2; index += 1) values[index] = values[2 * index] ?? 0;
    values.length = MAX_VALUES / 2;
    this.#stride *= 2;
  }
}
