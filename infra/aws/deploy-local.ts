import { cdk } from './cdk-command.ts';
import { readContextArguments } from './context-arguments.ts';

// AWS_ENDPOINT_URL=http://127.0.0.1:4566 npm run deploy:local
const endpoint = process.env.AWS_ENDPOINT_URL ?? '';
if (!URL.canParse(endpoint)) {
  console.error(
    'Set AWS_ENDPOINT_URL to the emulator, such as http://127.0.0.1:4566; docker compose up starts one.',
  );
  process.exit(1);
}
process.env.AWS_ACCESS_KEY_ID ??= 'test';
process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
process.env.AWS_REGION ??= 'us-east-1';
const { deployment, context } = readContextArguments(process.argv.slice(2));
const app = ['--app', 'node infra/aws/emulator-app.ts', '--output', 'cdk.out/emulator'];
const bootstrapped = await cdk('bootstrap', ...app, ...context);
if (bootstrapped !== 0) process.exit(bootstrapped);
const deployed = await cdk('deploy', '--all', '--require-approval', 'never', ...app, ...context);
if (deployed !== 0) process.exit(deployed);
console.log(
  `Deployed ${deployment.name}-local to ${endpoint}: state, functions, alarms, SNS, SQS and notify. ` +
    'Brokers, mappings, Timestream and Fargate are not in an emulator’s free edition: npm start has their like.',
);
