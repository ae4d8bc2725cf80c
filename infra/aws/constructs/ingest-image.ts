import { join } from 'node:path';
import { IgnoreMode } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** What the image is made of, as its Dockerfile copies it. A test holds that its bundles need nothing else. */
export const IMAGE_CONTEXT = [
  'package.json',
  'package-lock.json',
  'shared',
  'functions/adapters',
  'functions/aggregate',
  'functions/dead-letter',
  'functions/ingest',
  'infra/operator',
  'infra/aws/Dockerfile',
  'infra/aws/bundle.ts',
  'infra/aws/health-check.mjs',
] as const;

/** The image of ingest and of the operator's commands; it is built and published once, however often it is used. */
export function ingestImage(): ContainerImage {
  return ContainerImage.fromAsset(ROOT, {
    file: 'infra/aws/Dockerfile',
    platform: Platform.LINUX_ARM64,
    ignoreMode: IgnoreMode.DOCKER,
    // What the image is not made of must not make it anew.
    exclude: ['*', ...IMAGE_CONTEXT.map((path) => `!${path}`)],
  });
}
