/** Where an operator's command says something: to whoever started it, here or in a task. */
export interface CommandOutput {
  /** The result, for a person or a pipe: stdout. Text as it is, line ends included. */
  out(text: string): void;
  /** What goes on, and what is wrong, a line at a time: stderr. */
  tell(line: string): void;
}
