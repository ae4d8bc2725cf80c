import { countsText, type StackParts } from './stack-parts.ts';
import { webhookSecretName } from './webhook-secret.ts';

/** What a deployment into an emulator came to, as text for a person. Pure. */
export function emulatorNextSteps(
  name: string,
  endpoint: string,
  found: { readonly parts: StackParts; readonly alarmStates: readonly string[] },
): string {
  const { parts, alarmStates } = found;
  const states = new Map<string, number>();
  for (const state of alarmStates) states.set(state, (states.get(state) ?? 0) + 1);
  const aws = `aws --region us-east-1 --endpoint-url ${endpoint}`;
  const lacks =
    parts.notMade.size === 0
      ? []
      : [`not made:  ${countsText(parts.notMade)} (this emulator takes them and makes nothing of them)`];
  const steps = [
    `Let the local run keep its windows there (the rest of it runs beside the emulator):\n   AWS_ENDPOINT_URL=${endpoint} npm start`,
    'Send an alarm on its way to the queue of notify:\n   npm run deploy:local -- --try-alarm',
    `Give notify a webhook, where the emulator runs functions:\n   ${aws} secretsmanager put-secret-value --secret-id ${webhookSecretName(name)} --secret-string 'https://hooks.slack.com/…'`,
    'Remove it all:\n   npm run deploy:local -- --remove',
  ];
  return [
    `${name}-local is in ${endpoint}:`,
    `  made:      ${countsText(parts.made)}`,
    ...lacks.map((line) => `  ${line}`),
    `  alarms:    ${countsText(states)}`,
    '  left out:  network, brokers, their mappings, Timestream, Fargate: no free emulator runs them, npm start has their like',
    'What to do next:',
    ...steps.map((step, index) => `${index + 1}. ${step}`),
  ].join('\n');
}
