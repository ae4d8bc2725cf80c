/** What a client's connection is set to. */
export interface Subscriptions {
  readonly streams: ReadonlySet<string>;
  readonly combined: boolean;
}

/** A reply and what the connection is set to from then on. */
export interface StreamReply {
  readonly reply: string;
  readonly next: Subscriptions;
}

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'];

/**
 * Answers a client's message as Binance does.
 * @see https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#live-subscribingunsubscribing-to-streams
 */
export function answerStreamRequest(message: string, now: Subscriptions, maxStreams: number): StreamReply {
  const request = parse(message);
  if (request === undefined) return refuse(now, 3, 'Invalid JSON: expected value at line 1 column 1');
  const { method, params, id } = request;
  if (method === undefined) {
    return refuse(now, 2, `Invalid request: missing field \`method\` at line 1 column ${message.length}`);
  }
  if (typeof method !== 'string' || !METHODS.includes(method)) {
    const names = METHODS.map((name) => `\`${name}\``).join(', ');
    const variant = `unknown variant \`${String(method)}\`, expected one of ${names} at line 1 column 28`;
    return refuse(now, 2, `Invalid request: ${variant}`);
  }
  if (!isId(id)) return refuse(now, 2, 'Invalid request: request ID must be an unsigned integer');
  switch (method) {
    case 'LIST_SUBSCRIPTIONS':
      return params === undefined
        ? accept(now, id, [...now.streams])
        : refuse(now, 2, 'Invalid request: too many parameters', id);
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      return changeStreams(now, method, params, id, maxStreams);
    default:
      return property(now, method, params, id);
  }
}

function changeStreams(
  now: Subscriptions,
  method: string,
  params: unknown,
  id: RequestId,
  maxStreams: number,
): StreamReply {
  if (!Array.isArray(params) || !params.every((name) => typeof name === 'string' && name !== '')) {
    return refuse(now, 2, 'Invalid request: params must be a list of stream names', id);
  }
  const streams = new Set(now.streams);
  for (const name of params) {
    if (method === 'SUBSCRIBE') streams.add(name);
    else streams.delete(name);
  }
  if (streams.size > maxStreams) {
    return refuse(now, 2, `Invalid request: a connection can listen to ${maxStreams} streams at most`, id);
  }
  return accept({ ...now, streams }, id, null);
}

function property(now: Subscriptions, method: string, params: unknown, id: RequestId): StreamReply {
  const [name, value, ...more]: unknown[] = Array.isArray(params) ? params : [];
  if (typeof name !== 'string') {
    return refuse(now, 2, 'Invalid request: property name must be a string', id);
  }
  if (name !== 'combined') return refuse(now, 0, 'Unknown property', id);
  if (method === 'GET_PROPERTY') return accept(now, id, now.combined);
  if (more.length > 0) return refuse(now, 2, 'Invalid request: too many parameters', id);
  if (typeof value !== 'boolean') return refuse(now, 1, 'Invalid value type: expected Boolean', id);
  return accept({ ...now, combined: value }, id, null);
}

type RequestId = number | string | null;

function isId(id: unknown): id is RequestId {
  if (typeof id === 'string') return /^[A-Za-z0-9_-]{1,36}$/.test(id);
  return id === null || (typeof id === 'number' && Number.isInteger(id));
}

function accept(next: Subscriptions, id: RequestId, result: unknown): StreamReply {
  return { reply: JSON.stringify({ result, id }), next };
}

function refuse(next: Subscriptions, code: number, msg: string, id?: RequestId): StreamReply {
  return {
    reply: JSON.stringify(id === undefined ? { error: { code, msg } } : { error: { code, msg }, id }),
    next,
  };
}

function parse(
  message: string,
): { readonly method?: unknown; readonly params?: unknown; readonly id?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
