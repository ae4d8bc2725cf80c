import { lookup } from 'node:dns/promises';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { cdk } from './cdk-command.ts';
import { readContextArguments } from './context-arguments.ts';
import { DEPLOY_COMMANDS } from './deploy-command.ts';
import { deploymentNames } from './deployment-names.ts';
import { allPages, emulatorApi, textsOf } from './emulator/emulator-api.ts';
import { EMULATOR_REGION, emulatorEndpoint, emulatorEnvironment } from './emulator/emulator-environment.ts';
import { emulatorNextSteps } from './emulator/emulator-next-steps.ts';
import { stackParts } from './emulator/stack-parts.ts';
import { stateTableFree } from './emulator/state-table-free.ts';
import { tryAlarm } from './emulator/try-alarm.ts';
import { ensureWebhookSecret, removeWebhookSecret, webhookSecretName } from './emulator/webhook-secret.ts';

// AWS_ENDPOINT_URL=http://127.0.0.1:4566 npm run deploy:local [-- --try-alarm | --remove] [-c name=value]
const OUTPUT = join(import.meta.dirname, '..', '..', 'cdk.out', 'emulator');
const { deployment, context, words } = readContextArguments(
  process.argv.slice(2),
  DEPLOY_COMMANDS['deploy:local'],
);
const { name } = deployment;
const stack = `${name}-local`;
const home = mkdtempSync(join(tmpdir(), 'market-monitor-cdk-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true }));

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const endpoint = emulatorEndpoint(process.env.AWS_ENDPOINT_URL);
  const { address } = await lookup(endpoint.hostname.replace(/^\[|\]$/g, ''), { family: 4 });
  for (const [key, value] of Object.entries(emulatorEnvironment(endpoint, address, home))) {
    if (value === undefined) delete process.env[key];
    else process.env[key] = value;
  }
  const api = emulatorApi(endpoint.origin);
  const secrets = new SecretsManagerClient({});
  const secretName = webhookSecretName(name);
  const app = ['--app', 'node infra/aws/emulator-app.ts', '--output', OUTPUT, '--no-notices', ...context];

  if (words.includes('--try-alarm')) {
    const alarmName = `${deploymentNames(name).alarmPrefix}socket-down`;
    const names = { topicName: `${name}-alarms`, alarmName };
    const { sent, topic, received } = await tryAlarm(
      { api, sqs: new SQSClient({ useQueueUrlAsEndpoint: false }) },
      names,
    );
    console.log(
      `${sent === 'alarm' ? `The alarm ${alarmName} was set off and set back` : 'There are no alarms here; a message to the topic stood in'}.`,
    );
    console.log(
      received === null ? `Nothing came from ${topic} within 10 s.` : `A queue received:\n${received}`,
    );
    return received === null ? 1 : 0;
  }
  if (words.includes('--remove')) {
    const code = await cdk('destroy', stack, '--force', ...app);
    if (code === 0) await removeWebhookSecret(secrets, secretName);
    return code;
  }
  await stateTableFree({ api, dynamodb: new DynamoDBClient({}) }, { stack, table: `${name}-state` });
  await ensureWebhookSecret(secrets, secretName);
  const [account] = textsOf(await api.query('sts', 'GetCallerIdentity'), 'Account');
  // Named, so that the app is not synthesised for it.
  const bootstrapped = await cdk('bootstrap', `aws://${account}/${EMULATOR_REGION}`, '--no-notices');
  if (bootstrapped !== 0) return bootstrapped;
  const deployed = await cdk('deploy', stack, '--require-approval', 'never', '--progress', 'bar', ...app);
  if (deployed !== 0) return deployed;
  const template = JSON.parse(readFileSync(join(OUTPUT, `${stack}.template.json`), 'utf8'));
  const parts = await stackParts(api, stack, template);
  const alarmStates = textsOf(await allPages(api, 'monitoring', 'DescribeAlarms'), 'StateValue');
  console.log(`\n${emulatorNextSteps(name, endpoint.origin, { parts, alarmStates })}`);
  return 0;
}
