/** Runs tasks one after another, in the order in which they were given. */
export class Serial {
  #tail: Promise<unknown> = Promise.resolve();

  /** Resolves or fails as the task does; a failure does not stop the tasks behind it. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Resolves when everything given so far is done. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}
