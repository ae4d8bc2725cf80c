import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reportFailure, usageError } from '../operator/cli-failure.ts';
import { type DeployCommand, deployHelp } from './deploy-command.ts';
import { DEPLOYMENT_CONTEXT, type Deployment, parseDeployment } from './deployment.ts';

/** What a command was given: `-c name=value` pairs over those of cdk.json, and its flags. */
export interface CommandArguments {
  readonly deployment: Deployment;
  /** The pairs as they were given, to hand on to `cdk`. */
  readonly context: readonly string[];
  /** Of the AWS configuration; undefined: the default one. */
  readonly profile: string | undefined;
  /** The flags of the command that were given, such as `--yes`. */
  readonly words: readonly string[];
}

/**
 * The arguments of a command, or `help`. Whatever is not understood is a `USAGE` error that says what is allowed:
 * a word that were dropped could deploy another size into another account.
 */
export function contextArguments(
  args: readonly string[],
  command: DeployCommand,
  fileContext: Readonly<Record<string, unknown>>,
): CommandArguments | 'help' {
  const { values, positionals } = parsed(args, command);
  if (values.help === true) return 'help';
  if (positionals.length > 0)
    throw usageError(`"${positionals[0]}" is no flag. A setting is given by -c name=value. See --help.`);
  const pairs = Array.isArray(values.context) ? values.context.map(String) : [];
  const given: Record<string, unknown> = { ...fileContext };
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw usageError(`-c "${pair}" is no setting: give it as name=value. See --help.`);
    given[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  const deployment = parseDeployment(given);
  if (deployment.kind === 'faults')
    throw usageError(
      `This deployment cannot be:\n${deployment.faults.map((fault) => `- ${fault}`).join('\n')}`,
    );
  return {
    deployment: deployment.deployment,
    context: pairs.flatMap((pair) => ['-c', pair]),
    profile: typeof values.profile === 'string' ? values.profile : undefined,
    words: Object.keys(command.flags)
      .filter((flag) => values[flag] === true)
      .map((flag) => `--${flag}`),
  };
}

/** Reads the arguments of this process; on `--help` it prints the text and ends with 0, on a wrong call with 2. */
export function readContextArguments(args: readonly string[], command: DeployCommand): CommandArguments {
  const file = join(import.meta.dirname, '..', '..', 'cdk.json');
  try {
    const read = contextArguments(args, command, JSON.parse(readFileSync(file, 'utf8')).context);
    if (read !== 'help') return read;
    console.log(deployHelp(command));
    process.exit(0);
  } catch (error) {
    process.exit(reportFailure(error, (line) => console.error(line)));
  }
}

function parsed(args: readonly string[], command: DeployCommand) {
  const options: NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']> = {
    context: { type: 'string', short: 'c', multiple: true },
    help: { type: 'boolean', short: 'h' },
  };
  if (command.takesProfile) options.profile = { type: 'string' };
  for (const flag of Object.keys(command.flags)) options[flag] = { type: 'boolean' };
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const name = /^Unknown option '--?([A-Za-z]+)/.exec(said)?.[1] ?? '';
    if (Object.hasOwn(DEPLOYMENT_CONTEXT, name))
      throw usageError(`--${name} is a setting: give it as -c ${name}=…. See --help.`);
    throw usageError(`${said.split('. ')[0]}. See --help.`);
  }
}
