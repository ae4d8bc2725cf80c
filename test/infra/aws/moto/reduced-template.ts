import type { Template } from '../../../../infra/aws/emulator/stack-parts.ts';

/**
 * A template without the resources of some types: what refers to one of them gets a text in its place, so that the
 * rest can be deployed by an implementation that does not know those types.
 */
export function reducedTemplate(template: Template, without: (type: string) => boolean): Template {
  const gone = new Set(
    Object.entries(template.Resources)
      .filter(([, { Type }]) => without(Type))
      .map(([id]) => id),
  );
  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== 'object' || value === null) return value;
    const ref = Reflect.get(value, 'Ref');
    const attribute = Reflect.get(value, 'Fn::GetAtt');
    const named = typeof ref === 'string' ? ref : Array.isArray(attribute) ? String(attribute[0]) : '';
    if (gone.has(named)) return `arn:aws:unknown:us-east-1:123456789012:${named}/${named}/${named}`;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => {
        if (key !== 'DependsOn') return [[key, replace(inner)]];
        const kept = [inner].flat().filter((id) => !gone.has(String(id)));
        return kept.length === 0 ? [] : [[key, kept]];
      }),
    );
  };
  const { Resources, ...rest } = template;
  const kept = Object.entries(Resources).filter(([id]) => !gone.has(id));
  return {
    ...(replace(rest) as object),
    Resources: Object.fromEntries(kept.map(([id, resource]) => [id, replace(resource) as { Type: string }])),
  };
}
