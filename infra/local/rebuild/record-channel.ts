/** Values that wait to be taken before the writer is held. */
const MAX_WAITING = 10_000;

/** Hands values from one that makes them to one that takes them; the writer waits where the reader is slow. */
export class RecordChannel {
  #waiting: string[] = [];
  #isOpen = true;
  #failure: { readonly error: unknown } | undefined;
  #wakeReader: () => void = () => {};
  #wakeWriter: () => void = () => {};

  put(value: string): void {
    if (!this.#isOpen) return;
    this.#waiting.push(value);
    this.#wakeReader();
  }

  /** Resolves once there is room; undefined where there is. */
  room(): Promise<void> | undefined {
    if (!this.#isOpen || this.#waiting.length < MAX_WAITING) return undefined;
    return new Promise((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  /** Nothing more will be put. */
  end(): void {
    this.#isOpen = false;
    this.#wakeReader();
  }

  /** The reader is told once it has taken what was put. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.end();
  }

  /** The reader takes nothing more. */
  close(): void {
    this.#isOpen = false;
    this.#waiting = [];
    this.#wakeWriter();
  }

  /** What was put, in order, until the end. */
  async *values(): AsyncGenerator<string> {
    for (;;) {
      const taken = this.#waiting;
      this.#waiting = [];
      this.#wakeWriter();
      yield* taken;
      if (this.#waiting.length > 0) continue;
      if (!this.#isOpen) break;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
