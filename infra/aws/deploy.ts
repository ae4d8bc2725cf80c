import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { canBuildImages, cdk } from './cdk-command.ts';
import { readContextArguments } from './context-arguments.ts';
import { monthlyCost, totalUsd } from './cost/monthly-cost.ts';
import { askLambdaConcurrency } from './lambda-concurrency.ts';
import { nextSteps } from './next-steps.ts';
import { preflight } from './preflight.ts';

// npm run deploy -- -c size=standard -c email=ops@example.com [--yes]
const OUTPUTS = join(import.meta.dirname, '..', '..', 'cdk.out', 'outputs.json');
const { deployment, context, words } = readContextArguments(process.argv.slice(2));
const region = process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || process.env.CDK_DEFAULT_REGION;

console.log(
  `1/4 preflight: ${deployment.name}, size ${deployment.size.name}, ${deployment.symbols.length} symbols`,
);
const timestream = new TimestreamWriteClient({ maxAttempts: 2, ...(region && { region }) });
const lambdaConcurrency = async (of: string) =>
  askLambdaConcurrency({
    region: of,
    credentials: await timestream.config.credentials(),
    fetch,
    now: new Date(),
  });
const findings = await preflight(deployment, { region, timestream, lambdaConcurrency, canBuildImages });
for (const { kind, code, message } of findings)
  console.log(`  ${kind === 'fault' ? 'STOP' : 'note'} ${code}: ${message}`);
if (findings.some(({ kind }) => kind === 'fault')) process.exit(1);
const usd = totalUsd(monthlyCost(deployment));
console.log(`  about ${usd.toFixed(0)} USD a month at average traffic (npm run cost; prices unverified)`);

console.log('2/4 synth');
stopOn(await cdk('synth', '--quiet', ...context));
console.log('3/4 diff');
stopOn(await cdk('diff', '--all', ...context));
console.log('4/4 deploy');
const approval = words.includes('--yes') ? 'never' : 'any-change';
stopOn(await cdk('deploy', '--all', '--require-approval', approval, '--outputs-file', OUTPUTS, ...context));
console.log(`\n${nextSteps(deployment, JSON.parse(readFileSync(OUTPUTS, 'utf8')), region ?? '')}`);

function stopOn(code: number): void {
  if (code !== 0) process.exit(code);
}
