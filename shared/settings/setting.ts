/** What became of a given text: its value, or nothing where it is not allowed. */
export type Parsed<T> = { readonly value: T } | undefined;

/** One setting, described once: `--help`, `.env.example` and the validation all come from here. */
export interface Setting<T> {
  /** The environment variable. */
  readonly name: string;
  /** The flag that sets it where a person runs the monitor, without its dashes. */
  readonly flag?: string;
  /** The default as text; null where it has none. */
  readonly default: string | null;
  /** The allowed values, in words that end the sentence "allowed: …". */
  readonly allowed: string;
  /** What it does, in one sentence. */
  readonly meaning: string;
  /** Never shown, not even in a fault. @default false */
  readonly isSecret?: boolean;
  readonly parse: (text: string) => Parsed<T>;
  /** The value where nothing is given and there is no default. */
  readonly absent?: T;
}

type Description = Omit<Setting<unknown>, 'parse' | 'allowed' | 'absent'>;

/** Free text. */
export function text(
  description: Description & { readonly default: string },
  allowed?: string,
): Setting<string> {
  return { ...description, allowed: allowed ?? 'any text', parse: (given) => ({ value: given }) };
}

/** Free text that may be left out. */
export function optionalText(
  description: Omit<Description, 'default'>,
  allowed?: string,
): Setting<string | null> {
  return {
    ...description,
    default: null,
    allowed: allowed ?? 'any text',
    absent: null,
    parse: (given) => ({ value: given }),
  };
}

/** A whole number within bounds, both allowed. */
export function whole(
  description: Description & { readonly default: string },
  bounds: { readonly min: number; readonly max: number },
): Setting<number> {
  return {
    ...description,
    allowed: `a whole number from ${bounds.min} to ${bounds.max}`,
    parse: (given) => {
      const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
      return value >= bounds.min && value <= bounds.max ? { value } : undefined;
    },
  };
}

/** A number within bounds, both allowed. */
export function decimal(
  description: Description & { readonly default: string },
  bounds: { readonly min: number; readonly max: number },
): Setting<number> {
  return {
    ...description,
    allowed: `a number from ${bounds.min} to ${bounds.max}`,
    parse: (given) => {
      const value = /^\d{1,12}(\.\d{1,6})?$/.test(given) ? Number(given) : Number.NaN;
      return value >= bounds.min && value <= bounds.max ? { value } : undefined;
    },
  };
}

/** One of some words. */
export function oneOf<const T extends string>(
  description: Description & { readonly default: NoInfer<T> },
  words: readonly T[],
): Setting<T> {
  return {
    ...description,
    allowed: words.join(' or '),
    parse: (given) => {
      const value = words.find((word) => word === given);
      return value === undefined ? undefined : { value };
    },
  };
}

/** A list without repeats, separated by commas; each part is read by `part`. */
export function listOf<T>(
  description: Description & { readonly default: string },
  allowed: string,
  part: (text: string) => Parsed<T>,
): Setting<readonly T[]> {
  return {
    ...description,
    allowed,
    parse: (given) => {
      const values: T[] = [];
      for (const piece of given.split(',')) {
        const parsed = part(piece.trim());
        if (parsed === undefined) return undefined;
        if (!values.includes(parsed.value)) values.push(parsed.value);
      }
      return { value: values };
    },
  };
}

/** An address with one of some protocols, without a query; a trailing slash is dropped. */
export function address(
  description: Description & { readonly default: string },
  protocols: readonly string[],
): Setting<string> {
  return {
    ...description,
    allowed: allowedAddress(protocols),
    parse: (given) => parseAddress(given, protocols),
  };
}

/** An address that may be left out. */
export function optionalAddress(
  description: Omit<Description, 'default'>,
  protocols: readonly string[],
): Setting<string | null> {
  return {
    ...description,
    default: null,
    absent: null,
    allowed: allowedAddress(protocols),
    parse: (given) => parseAddress(given, protocols),
  };
}

function allowedAddress(protocols: readonly string[]): string {
  return `${protocols.map((protocol) => `${protocol}://host[:port]`).join(' or ')}`;
}

function parseAddress(given: string, protocols: readonly string[]): Parsed<string> {
  if (!URL.canParse(given)) return undefined;
  const url = new URL(given);
  const isAllowed = protocols.includes(url.protocol.slice(0, -1)) && url.hostname !== '' && url.search === '';
  return isAllowed ? { value: given.replace(/\/+$/, '') } : undefined;
}
