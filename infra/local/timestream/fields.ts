import { invalid } from './service-error.ts';

/** A JSON object of a request. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object; anything else is refused with the name of the field. */
export function objectOf(value: unknown, name: string): Fields {
  if (!isObject(value)) throw invalid(`${name} must be an object.`);
  return value;
}

/** An object, or undefined where the field is missing. */
export function optionalObject(fields: Fields, name: string): Fields | undefined {
  const value = fields[name];
  return value === undefined || value === null ? undefined : objectOf(value, name);
}

/** A text that must be there. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw invalid(`${name} is missing or no text.`);
  return value;
}

/** A text, or undefined where the field is missing. */
export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return value === undefined || value === null ? undefined : textOf(fields, name);
}

/** A whole number within bounds, or undefined where the field is missing. */
export function optionalInteger(
  fields: Fields,
  name: string,
  lowest: number,
  highest: number,
): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < lowest || value > highest) {
    throw invalid(`${name} must be a whole number from ${lowest} to ${highest}.`);
  }
  return value;
}

/** True only for JSON objects. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
