import { CodedError } from '../../../shared/coded-error.ts';

/** What the API needs from outside. */
export interface GrafanaApiDeps {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** An answer that is no failure: the JSON, or null where there is no such thing. */
export type Answer = Readonly<Record<string, unknown>> | readonly unknown[] | null;

const TIMEOUT_MS = 30_000;

/**
 * Grafana's HTTP API with a service account's token. Every failure has a code and says what to do:
 * `GRAFANA_UNREACHABLE`, `GRAFANA_NOT_GRAFANA`, `GRAFANA_TOKEN_REFUSED`, `GRAFANA_FORBIDDEN`, `GRAFANA_REFUSED`.
 * Source: https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/
 */
export class GrafanaApi {
  readonly #base: string;
  readonly #token: string;
  readonly #deps: GrafanaApiDeps;

  constructor(url: string, token: string, deps: GrafanaApiDeps) {
    this.#base = url.replace(/\/+$/, '');
    this.#token = token;
    this.#deps = deps;
  }

  /** Fails unless a Grafana answers: its health needs no token. */
  async requireGrafana(): Promise<void> {
    const health = await this.#call('GET', '/api/health');
    if (health === null || !('database' in health)) {
      throw this.#failure('GET /api/health', 404, '', undefined);
    }
  }

  get(path: string): Promise<Answer> {
    return this.#call('GET', path);
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.#call('POST', path, body);
  }

  put(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#call('PUT', path, body, headers);
  }

  async #call(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const what = `${method} ${path}`;
    const response = await this.#send(method, path, body, headers);
    const text = await response.text();
    const json = parsed(text);
    if (response.status === 404 && method === 'GET' && json !== undefined) return null;
    if (response.ok && json !== undefined) return json;
    throw this.#failure(what, response.status, text, json);
  }

  async #send(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> {
    try {
      return await this.#deps.fetch(`${this.#base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A workspace that wants a login sends to its page: that is an answer, not a way.
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (cause) {
      throw new CodedError(
        'GRAFANA_UNREACHABLE',
        `Nothing answers at ${this.#base} (${reasonOf(cause)}). Check --url: the address of the workspace, with http:// or https://.`,
        { cause, canRetry: true },
      );
    }
  }

  #failure(what: string, status: number, text: string, json: Answer | undefined): CodedError {
    const said = messageOf(json) ?? text.slice(0, 200);
    const data = { status, said };
    if (status === 401) {
      return new CodedError(
        'GRAFANA_TOKEN_REFUSED',
        `${this.#base} does not take the token (${said}). Check --token: a service account’s token that has not expired.`,
        { data },
      );
    }
    if (status === 403) {
      return new CodedError(
        'GRAFANA_FORBIDDEN',
        `The token may not ${what} (${said}). Give its service account the role Admin.`,
        { data },
      );
    }
    if (json === undefined) {
      return new CodedError(
        'GRAFANA_NOT_GRAFANA',
        `What answers at ${this.#base} is not Grafana’s API: ${what} gives status ${status} and no JSON. Check --url: without the path of a page.`,
        { data },
      );
    }
    return new CodedError('GRAFANA_REFUSED', `Grafana refuses ${what} with status ${status}: ${said}`, {
      data,
      canRetry: status >= 500 || status === 429,
    });
  }
}

function parsed(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function messageOf(json: Answer | undefined): string | undefined {
  if (json === undefined || json === null || !('message' in json)) return undefined;
  return typeof json.message === 'string' ? json.message : undefined;
}

/** `fetch` hides what happened one level down. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message || String(cause.cause) : cause.message;
}
