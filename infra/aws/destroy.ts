import { cdk } from './cdk-command.ts';
import { readContextArguments } from './context-arguments.ts';

// npm run destroy [-- -c name=…] [--data]
const { deployment, context, words } = readContextArguments(process.argv.slice(2));
const { name } = deployment;
const code = await cdk('destroy', `${name}-alerting`, `${name}-pipeline`, '--force', ...context);
if (code !== 0) process.exit(code);
console.log(
  words.includes('--data')
    ? `The stack ${name}-data is protected and its data retained, and no command here deletes them. docs/deploying.md says how to, by hand.`
    : `Gone: alarms, functions, ingest. The stack ${name}-data stays, and so does its cost: brokers, store, state. docs/deploying.md says how to remove it.`,
);
