import type { CommandOutput } from '../../operator/command-output.ts';
import { decodeTaskLine, type TaskLine } from '../../operator/task-line.ts';

/** Lines that are held back for one that has not come; then it is given up. */
const MAX_HELD = 1_000;

/** What a task says, put back into stdout and stderr. Lines are said in their order, each once. */
export class FollowedOutput {
  readonly #output: CommandOutput;
  readonly #held = new Map<number, TaskLine>();
  #next = 0;
  #missing = 0;
  #err = '';
  #exitCode: number | undefined;

  constructor(output: CommandOutput) {
    this.#output = output;
  }

  /** The exit code of the last line; undefined where that has not come. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Lines that did not come. */
  get missing(): number {
    return this.#missing;
  }

  take(message: string): void {
    const line = decodeTaskLine(message);
    if (line === undefined) {
      // Not of the command: of Node, of the container.
      this.#output.tell(message);
      return;
    }
    if (line.number < this.#next) return;
    this.#held.set(line.number, line);
    if (this.#held.size > MAX_HELD) this.#skip();
    this.#flush();
  }

  /** Nothing more comes: says what is held, and counts what is not there. */
  finish(): void {
    while (this.#held.size > 0) {
      this.#skip();
      this.#flush();
    }
    if (this.#err !== '') this.#output.tell(this.#err);
    this.#err = '';
  }

  #skip(): void {
    const lowest = Math.min(...this.#held.keys());
    this.#missing += lowest - this.#next;
    this.#next = lowest;
  }

  #flush(): void {
    for (;;) {
      const line = this.#held.get(this.#next);
      if (line === undefined) return;
      this.#held.delete(this.#next);
      this.#next += 1;
      this.#say(line);
    }
  }

  #say({ kind, text, isOpen }: TaskLine): void {
    switch (kind) {
      case 'out':
        this.#output.out(isOpen ? text : `${text}\n`);
        return;
      case 'err':
        this.#err += text;
        if (isOpen) return;
        this.#output.tell(this.#err);
        this.#err = '';
        return;
      case 'end':
        this.#exitCode = Number(text);
        return;
    }
  }
}
