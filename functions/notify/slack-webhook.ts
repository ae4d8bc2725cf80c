import { ErrorCode, type FetchFunction, IncomingWebhook } from '@slack/webhook';
import type { PostOutcome, Slack } from './ports.ts';
import type { SlackMessage } from './slack-message.ts';

/** Faults after which Slack cannot have the message: no connection was made. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
]);

/** Slack's incoming webhooks through `@slack/webhook`, its errors turned into outcomes. */
export class SlackWebhook implements Slack {
  readonly #timeoutMs: number;
  readonly #fetch: FetchFunction;

  /** `fetch` is given in tests. @default timeoutMs 5000 */
  constructor(options: { readonly timeoutMs?: number; readonly fetch?: FetchFunction } = {}) {
    this.#timeoutMs = options.timeoutMs ?? 5000;
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init as RequestInit));
  }

  async post(url: string, message: SlackMessage): Promise<PostOutcome> {
    let retryAfter: string | null = null;
    const webhook = new IncomingWebhook(url, {
      timeout: this.#timeoutMs,
      // The library's error has the status and not the headers.
      fetch: async (to, init) => {
        const response = await this.#fetch(to, init);
        retryAfter = response.headers.get('retry-after');
        return response;
      },
    });
    try {
      await webhook.send({ text: message.text, blocks: [...message.blocks] });
      return { kind: 'posted' };
    } catch (error) {
      return outcomeOf(error, retryAfter);
    }
  }
}

function outcomeOf(error: unknown, retryAfter: string | null): PostOutcome {
  const status = numberField(error, 'statusCode');
  if (status !== undefined) {
    const why = `status ${status}`;
    if (status === 429 || status >= 500) {
      const seconds = Number(retryAfter);
      const waits = retryAfter !== null && Number.isFinite(seconds) && seconds >= 0;
      return { kind: 'later', retryAfterMs: waits ? seconds * 1000 : null, why };
    }
    return { kind: 'refused', why };
  }
  if (field(error, 'code') !== ErrorCode.RequestError) return { kind: 'unknown', why: 'an unexpected fault' };
  const original = field(error, 'original');
  const code = String(field(field(original, 'cause'), 'code') ?? field(original, 'name') ?? 'unknown');
  if (NOT_SENT.has(code)) return { kind: 'later', retryAfterMs: null, why: code };
  return { kind: 'unknown', why: code };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function numberField(value: unknown, name: string): number | undefined {
  const found = field(value, name);
  return typeof found === 'number' ? found : undefined;
}
