import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../../shared/clock.ts';
import { CodedError } from '../../shared/coded-error.ts';
import { SEVERITIES } from '../../shared/events/signal.ts';
import type { Millis } from '../../shared/units.ts';
import type { Channel, WebhookSource, Webhooks } from './ports.ts';

/** How long a secret is used before it is read again: a rotated webhook takes effect by itself. */
const KEPT_MS: Millis = 300_000;

const CHANNELS: readonly Channel[] = ['default', ...SEVERITIES];

/** Webhooks given by the environment. */
export function fixedWebhooks(webhooks: Webhooks): WebhookSource {
  const checked = checkWebhooks(webhooks, 'SLACK_WEBHOOK_URL');
  return { read: async () => checked, forget: () => {} };
}

/**
 * Webhooks from Secrets Manager: the secret's text is one address, or JSON with `default` (also `url` or
 * `webhook_url`), `info`, `warning`, `critical`. Fails with `WEBHOOK_SECRET`, which never holds the secret.
 */
export class SecretWebhooks implements WebhookSource {
  readonly #client: Pick<SecretsManagerClient, 'send'>;
  readonly #arn: string;
  readonly #clock: Clock;
  #kept: { readonly webhooks: Webhooks; readonly untilMs: Millis } | undefined;

  constructor(client: Pick<SecretsManagerClient, 'send'>, arn: string, clock: Clock) {
    this.#client = client;
    this.#arn = arn;
    this.#clock = clock;
  }

  async read(): Promise<Webhooks> {
    const nowMs = this.#clock.nowUs() / 1000;
    if (this.#kept !== undefined && nowMs < this.#kept.untilMs) return this.#kept.webhooks;
    const answer = await this.#client.send(new GetSecretValueCommand({ SecretId: this.#arn }));
    const webhooks = checkWebhooks(readSecret(answer.SecretString ?? ''), `the secret ${this.#arn}`);
    this.#kept = { webhooks, untilMs: nowMs + KEPT_MS };
    return webhooks;
  }

  forget(): void {
    this.#kept = undefined;
  }
}

function readSecret(text: string): Webhooks {
  if (!text.trimStart().startsWith('{')) return { default: text.trim() };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text.
    throw new CodedError('WEBHOOK_SECRET', 'The secret of the webhooks begins as JSON and is none.');
  }
  const found: Partial<Record<Channel, string>> = {};
  const fields = Object.entries(typeof value === 'object' && value !== null ? value : {});
  for (const [name, entry] of fields) {
    const channel = ['url', 'webhook_url'].includes(name)
      ? 'default'
      : CHANNELS.find((known) => known === name);
    if (channel !== undefined && typeof entry === 'string') found[channel] = entry;
  }
  return found;
}

function checkWebhooks(webhooks: Webhooks, from: string): Webhooks {
  const given = Object.entries(webhooks).filter(([, url]) => url !== undefined && url !== '');
  for (const [channel, url] of given) {
    if (!URL.canParse(url))
      throw new CodedError('WEBHOOK_SECRET', `The webhook ${channel} of ${from} is no URL.`);
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'https:' && !['127.0.0.1', 'localhost'].includes(hostname)) {
      throw new CodedError('WEBHOOK_SECRET', `The webhook ${channel} of ${from} must be https.`);
    }
  }
  const usable = Object.fromEntries(given);
  if (given.length === 0) throw new CodedError('WEBHOOK_SECRET', `There is no webhook in ${from}.`);
  if (usable.default === undefined && SEVERITIES.some((severity) => usable[severity] === undefined)) {
    throw new CodedError('WEBHOOK_SECRET', `Without a webhook "default", ${from} needs one per severity.`);
  }
  return Object.freeze(usable);
}
