import type { ParseArgsOptionDescriptor } from 'node:util';
import { usageError } from './cli-failure.ts';
import { readFlags } from './read-flags.ts';

/** On what a command works: a data folder of this machine, or a deployment on AWS. */
export type CommandTarget =
  /** `data`: undefined where the flag is not given. */
  | { readonly kind: 'folder'; readonly data: string | undefined }
  /** `name`: undefined where the deployment's usual name is meant. */
  | { readonly kind: 'deployment'; readonly name: string | undefined };

/** The arguments of an operator's command. */
export interface CommandArguments<Flag extends string, List extends string> {
  readonly flags: Readonly<Partial<Record<Flag, string>>>;
  /** Values of flags that may be given more than once. */
  readonly lists: Readonly<Partial<Record<List, readonly string[]>>>;
  readonly words: readonly string[];
  readonly target: CommandTarget;
  readonly isHelp: boolean;
}

/** What `--help` says of the flags that name a deployment. */
export const DEPLOYMENT_HELP = `  --aws         works on the deployment on AWS instead, in a task of its own that costs by the minute
  --name N      the deployment's name, with --aws (default: that of cdk.json, else market-monitor)`;

/** Deployments are named as `npm run deploy` takes it. */
const NAME = /^[A-Za-z][A-Za-z0-9-]{0,23}$/;

/** Reads flags with a value, beside those that every operator's command has. Fails with `USAGE`. */
export function commandArguments<Flag extends string, List extends string = never>(
  args: readonly string[],
  flags: readonly Flag[],
  options: { readonly lists?: readonly List[]; readonly takesWords?: boolean } = {},
): CommandArguments<Flag, List> {
  const { values, positionals } = parsed(args, flags, options.lists ?? [], options.takesWords ?? false);
  const isAws = values.aws === true;
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const [data, name] = [text('data'), text('name')];
  if (isAws && data !== undefined)
    throw usageError('--data names a folder of this machine: leave it or --aws out.');
  if (!isAws && name !== undefined) throw usageError('--name names a deployment on AWS: give --aws with it.');
  if (name !== undefined && !NAME.test(name)) throw usageError(`--name ${name} is no name of a deployment.`);
  return {
    flags: picked(flags, text),
    lists: picked(options.lists ?? [], (name) => {
      const value = values[name];
      return Array.isArray(value) ? value.map(String) : undefined;
    }),
    words: positionals,
    target: isAws ? { kind: 'deployment', name } : { kind: 'folder', data },
    isHelp: values.help === true,
  };
}

function picked<Name extends string, Value>(
  names: readonly Name[],
  find: (name: Name) => Value | undefined,
): Readonly<Partial<Record<Name, Value>>> {
  const found: Partial<Record<Name, Value>> = {};
  for (const name of names) {
    const value = find(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** Arguments that say the same to the command in its task: words and flags, not where it works. */
export function taskArguments(
  command: string,
  words: readonly string[],
  flags: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  // In one piece, so that a value may begin with a dash.
  return [command, ...words, ...given.map(([name, value]) => `--${name}=${value}`)];
}

function parsed(
  args: readonly string[],
  flags: readonly string[],
  lists: readonly string[],
  takesWords: boolean,
) {
  const texts = [...flags, 'data', 'name'].map((flag) => [flag, { type: 'string' as const }] as const);
  const many = lists.map((flag) => [flag, { type: 'string' as const, multiple: true }] as const);
  const switches = ['aws', 'help'].map((flag) => [flag, { type: 'boolean' as const }] as const);
  return readFlags({
    args: [...args],
    allowPositionals: takesWords,
    options: Object.fromEntries<ParseArgsOptionDescriptor>([...texts, ...many, ...switches]),
  });
}
