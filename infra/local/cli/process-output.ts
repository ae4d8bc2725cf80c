import type { CommandOutput } from '../../operator/command-output.ts';

/** The output of a command of this process, as a terminal and a pipe expect it. */
export const processOutput: CommandOutput = {
  out: (text) => {
    process.stdout.write(text);
  },
  tell: (line) => {
    process.stderr.write(`${line}\n`);
  },
};
