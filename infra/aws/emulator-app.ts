import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { bundleAll } from './bundle.ts';
import { parseDeployment } from './deployment.ts';
import { EmulatorStack } from './stacks/emulator-stack.ts';

// What `npm run deploy:local` hands to the CDK's command line instead of app.ts.
const app = new App();
const parsed = parseDeployment(app.node.getAllContext());
if (parsed.kind === 'faults') {
  console.error(parsed.faults.join('\n'));
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'market-monitor-bundles-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const bundles = bundleAll(folder, ['validate', 'aggregate', 'dead-letter', 'notify']);
new EmulatorStack(app, `${parsed.deployment.name}-local`, parsed.deployment, bundles);
app.synth();
