import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Resource } from './synthesise.ts';
import { templatesOf as of } from './templates-of.ts';

describe('the templates', () => {
  test('are otherwise as they were: those of dev, and what standard has otherwise', (t) => {
    const dev = of({ size: 'dev', polling: 'on-demand' }).stacks;
    const standard = of({ size: 'standard', polling: 'provisioned' }).stacks;
    const snapshot = (name: string, resources: Readonly<Record<string, Resource>>): void => {
      const rest = Object.entries(resources).filter(([, { Type }]) => Type !== 'AWS::CloudWatch::Alarm');
      const json = JSON.stringify(Object.fromEntries(rest), null, 1);
      // The name of an asset follows its content, which has tests of its own.
      const stable = json.replace(/[0-9a-f]{64}/g, '<asset>');
      t.assert.fileSnapshot(stable, join(import.meta.dirname, 'snapshots', `${name}.snapshot`), {
        serializers: [(value: string) => `${value}\n`],
      });
    };
    for (const part of ['data', 'pipeline', 'alerting'] as const) {
      snapshot(`dev-${part}`, dev[part]);
      const other = Object.entries(standard[part]).filter(
        ([id, resource]) => !isDeepStrictEqual(resource, dev[part][id]),
      );
      snapshot(`standard-${part}`, Object.fromEntries(other));
    }
  });
});
