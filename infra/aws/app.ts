import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { buildApp } from './build-app.ts';
import { bundleAll } from './bundle.ts';
import { parseDeployment } from './deployment.ts';

// What `cdk` runs, see cdk.json. The context comes from cdk.json and from -c name=value.
const parsed = parseDeployment(new App({ autoSynth: false }).node.getAllContext());
if (parsed.kind === 'faults') {
  console.error(
    `The deployment cannot be made as asked:\n${parsed.faults.map((fault) => `- ${fault}`).join('\n')}`,
  );
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'market-monitor-bundles-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const bundles = bundleAll(folder, ['validate', 'aggregate', 'dead-letter', 'notify']);
buildApp(parsed.deployment, bundles).app.synth();
