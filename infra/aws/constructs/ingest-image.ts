import { join } from 'node:path';
import { IgnoreMode } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The image of ingest and of the operator's commands; it is built and published once, however often it is used. */
export function ingestImage(): ContainerImage {
  return ContainerImage.fromAsset(ROOT, {
    file: 'infra/aws/Dockerfile',
    platform: Platform.LINUX_ARM64,
    ignoreMode: IgnoreMode.DOCKER,
    // What the image is not made of must not make it anew.
    exclude: [
      '*',
      '!package.json',
      '!package-lock.json',
      '!shared',
      '!functions',
      '!infra/operator',
      '!infra/aws',
    ],
  });
}
