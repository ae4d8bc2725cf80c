import type { CommandOutput } from './command-output.ts';
import { encodeTaskLine, PIECE_UNITS, type TaskLine } from './task-line.ts';

/** The output of a command in a task: numbered lines that tell stdout from stderr, see {@link TaskLine}. */
export class TaskOutput implements CommandOutput {
  readonly #write: (line: string) => void;
  #number = 0;

  /** `write` takes a line without its end. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  readonly out = (text: string): void => this.#lines('out', text);

  readonly tell = (line: string): void => this.#lines('err', `${line}\n`);

  /** Says that nothing more comes. */
  end(exitCode: number): void {
    this.#line('end', String(exitCode), false);
  }

  #lines(kind: 'out' | 'err', text: string): void {
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) this.#pieces(kind, line, false);
    if (rest !== '') this.#pieces(kind, rest, true);
  }

  #pieces(kind: 'out' | 'err', text: string, isOpen: boolean): void {
    let from = 0;
    while (text.length - from > PIECE_UNITS) {
      const to = from + PIECE_UNITS - (isHighSurrogate(text, from + PIECE_UNITS - 1) ? 1 : 0);
      this.#line(kind, text.slice(from, to), true);
      from = to;
    }
    this.#line(kind, text.slice(from), isOpen);
  }

  #line(kind: TaskLine['kind'], text: string, isOpen: boolean): void {
    this.#write(encodeTaskLine({ number: this.#number, kind, text, isOpen }));
    this.#number += 1;
  }
}

function isHighSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xdc00;
}
