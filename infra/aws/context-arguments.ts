import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Deployment, parseDeployment } from './deployment.ts';

/** What a command was given: `-c name=value` pairs over those of cdk.json, and the other words. */
export interface CommandArguments {
  readonly deployment: Deployment;
  /** The pairs as they were given, to hand on to `cdk`. */
  readonly context: readonly string[];
  readonly words: readonly string[];
}

/** Reads the arguments of a command; on a fault it prints every one and ends the process with 1. */
export function readContextArguments(args: readonly string[]): CommandArguments {
  const file = join(import.meta.dirname, '..', '..', 'cdk.json');
  const given: Record<string, unknown> = { ...JSON.parse(readFileSync(file, 'utf8')).context };
  const context: string[] = [];
  const words: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (word !== '-c' && word !== '--context') {
      words.push(word);
      continue;
    }
    index += 1;
    const pair = args[index] ?? '';
    const equals = pair.indexOf('=');
    given[pair.slice(0, equals)] = pair.slice(equals + 1);
    context.push('-c', pair);
  }
  const parsed = parseDeployment(given);
  if (parsed.kind === 'faults') {
    console.error(`This deployment cannot be:\n${parsed.faults.map((fault) => `- ${fault}`).join('\n')}`);
    process.exit(1);
  }
  return { deployment: parsed.deployment, context, words };
}
