import { CodedError } from '../../../shared/coded-error.ts';
import { type Credentials, signRequest } from './sign-request.ts';

/** What a call to a service needs. */
export interface ServiceClientDeps {
  readonly region: string;
  readonly credentials: () => Promise<Credentials>;
  readonly fetch: typeof fetch;
  readonly nowMs: () => number;
  /** `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` are asked for, as the SDK does. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const TIMEOUT_MS = 15_000;

/**
 * Calls AWS services of which no client is installed, see docs/decisions/051: two questions before a deployment and
 * one order. An answer other than 200 is an error whose name and code are those of AWS; one that does not come is
 * the error of `fetch`.
 */
export class ServiceClient {
  readonly #deps: ServiceClientDeps;

  constructor(deps: ServiceClientDeps) {
    this.#deps = deps;
  }

  /** The query protocol: parameters as a form, XML back. */
  query(service: string, parameters: Readonly<Record<string, string>>): Promise<string> {
    const body = new URLSearchParams(parameters).toString();
    return this.#post(service, { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }, body);
  }

  /** The JSON 1.1 protocol; `target` is such as `AmazonSSM.GetParameter`. */
  json(service: string, target: string, input: unknown): Promise<string> {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
    return this.#post(service, headers, JSON.stringify(input));
  }

  async #post(service: string, headers: Readonly<Record<string, string>>, body: string): Promise<string> {
    const { region, environment } = this.#deps;
    const url = new URL(
      environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ||
        environment.AWS_ENDPOINT_URL ||
        `https://${service}.${region}.amazonaws.com/`,
    );
    const request = { service, region, url, headers, body };
    const signed = signRequest(request, await this.#deps.credentials(), this.#deps.nowMs());
    const response = await this.#deps.fetch(url, {
      method: 'POST',
      headers: { ...signed },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.ok) return text;
    const { code, message } = refusal(text);
    throw new CodedError(code, `${service} in ${region} answered ${response.status}: ${message}`);
  }
}

function refusal(text: string): { readonly code: string; readonly message: string } {
  const code = /<Code>([^<]*)|"__type":\s*"(?:[^"#]*#)?([^"]*)/.exec(text);
  const message = /<Message>([^<]*)|"[Mm]essage":\s*"([^"]*)/.exec(text);
  return {
    code: code?.[1] ?? code?.[2] ?? 'AWS_REFUSED',
    message: message?.[1] ?? message?.[2] ?? text.slice(0, 200),
  };
}
