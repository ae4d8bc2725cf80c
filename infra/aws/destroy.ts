import { createInterface } from 'node:readline/promises';
import { EXIT } from '../operator/cli-failure.ts';
import { accessFault, NO_REGION } from './account/access-fault.ts';
import { openAccount } from './account/open-account.ts';
import { accessFlags, cdk } from './cdk-command.ts';
import { readContextArguments } from './context-arguments.ts';
import { DEPLOY_COMMANDS } from './deploy-command.ts';

// npm run destroy [-- -c name=…] [--profile P] [--yes] [--data]
const { deployment, context, profile, words } = readContextArguments(
  process.argv.slice(2),
  DEPLOY_COMMANDS.destroy,
);
const { name } = deployment;
if (!words.includes('--yes') && !process.stdin.isTTY) {
  console.error(`Nobody can be asked here. To remove ${name} all the same: npm run destroy -- --yes.`);
  process.exit(EXIT.usage);
}
const { region, stacks } = await openAccount(profile, process.env);
if (region === undefined) stop(NO_REGION.message);
const wanted = [`${name}-alerting`, `${name}-pipeline`];
const found = await Promise.all(wanted.map((stack) => stacks.describe(stack))).catch((error: unknown) => {
  const said = error instanceof Error ? error.message : String(error);
  return stop(accessFault(error)?.message ?? said);
});
const there = found.flatMap((stack) => stack ?? []);
if (there.length === 0) stop(`There is neither ${wanted.join(' nor ')} in ${region}; nothing was removed.`);
console.log(
  `To be removed from ${region}: ${there.map((stack) => `${stack.name} (${stack.status})`).join(', ')}`,
);
if (!words.includes('--yes') && !(await isMeant())) stop('Nothing was removed.');
const code = await cdk('destroy', ...wanted, '--force', ...context, ...accessFlags(profile, region));
if (code !== 0) process.exit(code);
console.log(
  words.includes('--data')
    ? `The stack ${name}-data is protected and its data retained, and no command here deletes them. docs/deploying.md says how to, by hand.`
    : `Gone: alarms, functions, ingest. The stack ${name}-data stays, and so does its cost: brokers, store, state. docs/deploying.md says how to remove it.`,
);

async function isMeant(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Type ${name} to remove them: `);
  terminal.close();
  return answer.trim() === name;
}

function stop(message: string): never {
  console.error(message);
  process.exit(EXIT.failed);
}
