import { wallClock } from '../../functions/adapters/wall-clock.ts';
import { runOperator } from './run-operator.ts';
import { TaskOutput } from './task-output.ts';

// The one-off task of the ingest image: node operator/index.mjs dlq|rebuild|certificate … Its output is for whoever
// follows its log stream: see task-line.ts.
const output = new TaskOutput((line) => process.stdout.write(`${line}\n`));
const args = process.argv.slice(2);
const exitCode = await runOperator(args, { environment: process.env, clock: wallClock, output });
output.end(exitCode);
// Whatever a client still holds open must not keep the task alive, and the last line must be out before.
process.stdout.write('', () => process.exit(exitCode));
