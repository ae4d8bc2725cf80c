import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { readNotifySettings } from '../../../functions/notify/settings.ts';
import { fixedWebhooks, SecretWebhooks } from '../../../functions/notify/webhook-source.ts';
import { VirtualClock } from '../../infra/local/log/virtual-clock.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:slack';

function source(...texts: string[]) {
  const clock = new VirtualClock();
  const asked: unknown[] = [];
  const client = {
    send: async (command: unknown) => {
      assert.ok(command instanceof GetSecretValueCommand);
      asked.push(command.input.SecretId);
      return { SecretString: texts[Math.min(asked.length, texts.length) - 1] };
    },
  };
  return { clock, asked, webhooks: new SecretWebhooks(client as never, ARN, clock) };
}

describe('the webhooks', () => {
  it('are one address, or one per severity, in a secret', async () => {
    const one = await source(' https://hooks.example/a\n').webhooks.read();
    const many = await source(
      '{"webhook_url":"https://h.example/d","critical":"https://h.example/c"}',
    ).webhooks.read();

    assert.deepEqual(one, { default: 'https://hooks.example/a' });
    assert.deepEqual(many, { default: 'https://h.example/d', critical: 'https://h.example/c' });
  });

  it('are read again after five minutes, or when Slack refused', async () => {
    const { clock, asked, webhooks } = source(
      'https://h.example/1',
      'https://h.example/2',
      'https://h.example/3',
    );
    await webhooks.read();
    await clock.advance(299_000);
    await webhooks.read();
    assert.deepEqual(asked, [ARN]);
    await clock.advance(2000);
    assert.deepEqual(await webhooks.read(), { default: 'https://h.example/2' });
    webhooks.forget();

    assert.deepEqual(await webhooks.read(), { default: 'https://h.example/3' });
  });

  it('are refused without telling the secret', async () => {
    const secrets = [
      '',
      '{"https://hooks.example/secret',
      'secret',
      'http://hooks.example/secret',
      '{"critical":"https://x.example/secret"}',
    ];
    for (const text of secrets) {
      await assert.rejects(source(text).webhooks.read(), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'WEBHOOK_SECRET');
        assert.ok(!error.message.includes('/secret') && error.cause === undefined, error.message);
        return true;
      });
    }
  });

  it('may be given by the environment', async () => {
    const read = readNotifySettings({
      SLACK_WEBHOOK_URL: 'http://127.0.0.1:9/x',
      SLACK_WEBHOOK_URL_CRITICAL: 'https://h.example/c',
      STATE_TABLE: 'state',
      NOTIFY_QUEUE_URL: 'q',
    });
    assert.ok('webhooks' in read.slack);

    assert.deepEqual(await fixedWebhooks(read.slack.webhooks).read(), {
      default: 'http://127.0.0.1:9/x',
      critical: 'https://h.example/c',
    });
    assert.throws(() => readNotifySettings({ STATE_TABLE: 's', NOTIFY_QUEUE_URL: 'q' }), {
      code: 'SETTING_MISSING',
    });
  });
});
