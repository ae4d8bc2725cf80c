/** A value inside parsed JSON, by its keys; undefined where the way ends. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

/** A list as it is, a single value as a list of one, nothing as an empty one. */
export function list(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

/** A value that must be text. */
export function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`This is no text: ${JSON.stringify(value)}`);
  return value;
}
