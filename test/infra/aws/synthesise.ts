import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../../infra/aws/build-app.ts';
import type { Bundle, BundleName } from '../../../infra/aws/bundle.ts';
import { type Deployment, parseDeployment } from '../../../infra/aws/deployment.ts';

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  /** In CloudFormation's own form, read by name in the assertions. */
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
}

/** A synthesised deployment. */
export interface Synthesised {
  readonly stacks: Readonly<Record<'data' | 'pipeline' | 'alerting', Readonly<Record<string, Resource>>>>;
  /** Resources of all stacks of a type. */
  ofType(type: string): readonly (Resource & { readonly id: string })[];
  /** Bytes of each template. */
  readonly sizes: readonly number[];
}

/** The flags of cdk.json, which the CLI would hand to the app. */
const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', '..', 'cdk.json'), 'utf8'));

export function deploymentOf(given: Readonly<Record<string, string>> = {}): Deployment {
  const parsed = parseDeployment(given);
  if (parsed.kind === 'faults') throw new Error(parsed.faults.join('\n'));
  return parsed.deployment;
}

/** Synthesises with cdk-nag and CloudFormation's own validation; any finding that nobody gave a reason for throws. */
export function synthesise(given: Readonly<Record<string, string>> = {}): Synthesised {
  const folder = mkdtempSync(join(tmpdir(), 'market-synth-'));
  try {
    const bundles = standIns(folder);
    const { app, data, pipeline, alerting } = buildApp(deploymentOf(given), bundles, {
      outdir: join(folder, 'out'),
      context,
      autoSynth: false,
      analyticsReporting: false,
    });
    const assembly = app.synth();
    const text = (name: string) => readFileSync(join(assembly.directory, `${name}.template.json`), 'utf8');
    const texts = [data, pipeline, alerting].map((stack) => text(stack.artifactId));
    const [dataResources, pipelineResources, alertingResources] = texts.map(
      (json) => JSON.parse(json).Resources,
    );
    const stacks = { data: dataResources, pipeline: pipelineResources, alerting: alertingResources };
    return {
      stacks,
      sizes: texts.map((json) => json.length),
      ofType: (type) =>
        Object.values<Record<string, Resource>>(stacks).flatMap((resources) =>
          Object.entries(resources)
            .filter(([, resource]) => resource.Type === type)
            .map(([id, resource]) => ({ id, ...resource })),
        ),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The bundles have tests of their own; here something stands in for them. */
export function standIns(folder: string): ReadonlyMap<BundleName, Bundle> {
  const names: readonly BundleName[] = ['validate', 'aggregate', 'dead-letter', 'notify'];
  return new Map(names.map((name) => [name, standIn(folder, name)]));
}

function standIn(folder: string, name: BundleName): Bundle {
  const dir = join(folder, name);
  const file = join(dir, 'index.mjs');
  mkdirSync(dir);
  writeFileSync(file, `export const handler = async () => '${name}';\n`);
  return { name, dir, file, sizeBytes: 1 };
}
