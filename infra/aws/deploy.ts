import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOT_ASKABLE } from './account/access-fault.ts';
import { accountFindings } from './account/account-findings.ts';
import { openAccount } from './account/open-account.ts';
import { unprotectUnfinished } from './account/stacks.ts';
import { accessFlags, canBuildImages, cdk } from './cdk-command.ts';
import { readContextArguments } from './context-arguments.ts';
import { monthlyCost, totalUsd } from './cost/monthly-cost.ts';
import { DEPLOY_COMMANDS } from './deploy-command.ts';
import { nextSteps } from './next-steps.ts';
import { preflight } from './preflight.ts';

// npm run deploy -- -c size=standard -c email=ops@example.com [--profile P] [--yes]
const OUTPUTS = join(import.meta.dirname, '..', '..', 'cdk.out', 'outputs.json');
const { deployment, context, profile, words } = readContextArguments(
  process.argv.slice(2),
  DEPLOY_COMMANDS.deploy,
);
const { name, size, symbols } = deployment;
const { region, timestream, lambdaConcurrency, questions, stacks } = await openAccount(profile, process.env);

console.log(`1/4 preflight: ${name}, size ${size.name}, ${symbols.length} symbols, ${region ?? 'no region'}`);
const usd = totalUsd(monthlyCost(deployment));
console.log(`  about ${usd.toFixed(0)} USD a month at average traffic (npm run cost; prices unverified)`);
const first = await preflight(deployment, { region, timestream, lambdaConcurrency, canBuildImages });
const isAskable = !first.some(({ code }) => NOT_ASKABLE.has(code));
const findings = !isAskable ? first : [...first, ...(await accountFindings(deployment, questions))];
for (const { kind, code, message } of findings)
  console.log(`  ${kind === 'fault' ? 'STOP' : 'note'} ${code}: ${message}`);
if (findings.some(({ kind }) => kind === 'fault')) process.exit(1);

const passed = [...context, ...accessFlags(profile, region)];
console.log('2/4 synth');
stopOn(await cdk('synth', '--quiet', ...passed));
console.log('3/4 diff');
stopOn(await cdk('diff', '--all', ...passed));
console.log('4/4 deploy');
await unprotectUnfinished(stacks, `${name}-data`);
const approval = words.includes('--yes') ? 'never' : 'any-change';
stopOn(await cdk('deploy', '--all', '--require-approval', approval, '--outputs-file', OUTPUTS, ...passed));
console.log(`\n${nextSteps(deployment, JSON.parse(readFileSync(OUTPUTS, 'utf8')), region ?? '')}`);

function stopOn(code: number): void {
  if (code !== 0) process.exit(code);
}
