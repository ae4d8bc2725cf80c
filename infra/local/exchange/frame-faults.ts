import type { FaultSchedule } from './fault-schedule.ts';

/** Passes the messages of one connection through its faults. It holds one message at most: one that is to be swapped. */
export class FrameFaults {
  readonly #schedule: FaultSchedule;
  readonly #connection: number;
  #frames = 0;
  #held: string | undefined;

  constructor(schedule: FaultSchedule, connection: number) {
    this.#schedule = schedule;
    this.#connection = connection;
  }

  /** What is sent in place of a message, in order. */
  apply(message: string): string[] {
    const index = this.#frames;
    this.#frames += 1;
    const sent = this.#one(message, index);
    if (this.#held === undefined || sent.length === 0) return sent;
    const held = this.#held;
    this.#held = undefined;
    return [...sent, held];
  }

  #one(message: string, index: number): string[] {
    const fault = this.#schedule.frame(this.#connection, index);
    switch (fault) {
      case 'none':
        return [message];
      case 'dropped':
        return [];
      case 'doubled':
        return [message, message];
      case 'malformed':
        return [this.#schedule.malform(message, this.#connection, index)];
      case 'swapped': {
        if (this.#held !== undefined) return [message];
        this.#held = message;
        return [];
      }
    }
  }
}
