import { allPages, type EmulatorApi, textsOf } from './emulator-api.ts';

/** A template as parsed JSON, as far as it is read here. */
export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
}

/** How many resources of each type of a template an emulator made, and how many it only took. */
export interface StackParts {
  readonly made: ReadonlyMap<string, number>;
  readonly notMade: ReadonlyMap<string, number>;
}

/** What only tells AWS about the CDK. */
const NO_PART = 'AWS::CDK::Metadata';

/** Asks which resources of a stack there are: an emulator deploys a type it does not know without a word. */
export async function stackParts(api: EmulatorApi, stack: string, template: Template): Promise<StackParts> {
  const listed = await allPages(api, 'cloudformation', 'ListStackResources', { StackName: stack });
  const there = new Set(textsOf(listed, 'LogicalResourceId'));
  const made = new Map<string, number>();
  const notMade = new Map<string, number>();
  for (const [id, { Type }] of Object.entries(template.Resources)) {
    if (Type === NO_PART) continue;
    const counts = there.has(id) ? made : notMade;
    counts.set(Type, (counts.get(Type) ?? 0) + 1);
  }
  return { made, notMade };
}

/** Counts by type as one line: `4 Lambda::Function, 1 SNS::Topic`. */
export function countsText(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([type, count]) => `${count} ${type.replace('AWS::', '')}`).join(', ') || 'nothing';
}
