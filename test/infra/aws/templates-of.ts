import { at, list } from './json-path.ts';
import { type Synthesised, synthesise } from './synthesise.ts';

const made = new Map<string, Synthesised>();

/** Each is synthesised once, by the first test that asks. */
export function templatesOf(given: Readonly<Record<string, string>> = {}): Synthesised {
  const key = JSON.stringify(given);
  const found = made.get(key) ?? synthesise(given);
  made.set(key, found);
  return found;
}

/** The container of ingest's task definition, or of the operator's. */
export function containerOf(built: Synthesised, part: 'ingest' | 'operator'): unknown {
  const task = built
    .ofType('AWS::ECS::TaskDefinition')
    .find(({ Properties }) => Properties.Family === `market-monitor-${part}`);
  return list(at(task?.Properties, 'ContainerDefinitions'))[0];
}
