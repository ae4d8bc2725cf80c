import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createNotify, type NotifyDeps } from '../../../functions/notify/notify.ts';
import type { ListedSignal, PostOutcome } from '../../../functions/notify/ports.ts';
import type { SlackMessage } from '../../../functions/notify/slack-message.ts';
import { LocalQueue } from '../../../infra/local/queue/local-queue.ts';
import { LocalTopic } from '../../../infra/local/queue/local-topic.ts';
import { QueueMapping, sqsRecord } from '../../../infra/local/queue/queue-mapping.ts';
import { VirtualClock } from '../../infra/local/log/virtual-clock.ts';
import { MemoryIncidents } from './memory-incidents.ts';

interface Posted {
  readonly url: string;
  readonly message: SlackMessage;
  readonly atMs: number;
}

/** notify behind a queue on a virtual clock; Slack answers by `outcomes`, then always takes. */
function started(outcomes: (PostOutcome | 'hang')[] = [], changes: Partial<NotifyDeps> = {}) {
  const clock = new VirtualClock();
  const startMs = clock.nowUs() / 1000;
  const deadLetters = new LocalQueue({ name: 'notify-dead-letters', clock });
  const queue = new LocalQueue({
    name: 'notify',
    clock,
    deadLetters: { queue: deadLetters, maxReceiveCount: 5 },
  });
  const topic = new LocalTopic({ arn: 'arn', clock, queue });
  const incidents = new MemoryIncidents();
  const posted: Posted[] = [];
  const tried: Posted[] = [];
  const logged: string[] = [];
  let signals: ListedSignal[] = [];
  let ids = 0;
  const notify = createNotify({
    clock,
    incidents,
    slack: {
      post: async (url, message) => {
        const post = { url, message, atMs: clock.nowUs() / 1000 - startMs };
        tried.push(post);
        const outcome = outcomes.shift() ?? { kind: 'posted' };
        if (outcome === 'hang') throw new Error('the process was killed');
        if (outcome.kind === 'posted' || outcome.kind === 'unknown') posted.push(post);
        return outcome;
      },
    },
    webhooks: { read: async () => ({ default: 'https://hooks.example/d' }), forget: () => {} },
    signals: {
      signals: async ({ afterNs, limit }) =>
        signals.filter((signal) => BigInt(signal.timeNs) > BigInt(afterNs)).slice(0, limit),
    },
    wakes: {
      send: async (body, delayMs) => {
        queue.send(body, delayMs);
      },
    },
    links: { grafanaUrl: 'http://grafana.local', runbookUrl: 'https://docs.example/repo' },
    newId: () => `post-${ids++}`,
    count: () => {},
    log: (_, message, data) => logged.push(`${message} ${JSON.stringify(data)}`),
    ...changes,
  });
  const mapping = new QueueMapping({ clock, queue, handler: notify });
  const alarm = (name: string, state: string, more: object = {}): void => {
    const timeMs = clock.nowUs() / 1000;
    topic.publish({
      subject: 's',
      message: JSON.stringify({ ...alarmFields(name, state, timeMs), ...more }),
    });
  };
  const setSignals = (next: ListedSignal[]): void => {
    signals = next;
  };
  return {
    clock,
    queue,
    notify,
    deadLetters,
    incidents,
    posted,
    tried,
    logged,
    mapping,
    alarm,
    setSignals,
    startMs,
  };
}

function alarmFields(name: string, state: string, timeMs: number): object {
  return {
    AlarmName: name,
    AlarmDescription: null,
    NewStateValue: state,
    NewStateReason:
      'Threshold Crossed: 1 out of the last 1 datapoints [7.0 (21/11/26 12:00:00)] was greater than …',
    StateChangeTime: new Date(timeMs).toISOString().replace('Z', '+0000'),
    Region: 'EU (Ireland)',
    AlarmArn: `arn:aws:cloudwatch:eu-west-1:000000000000:alarm:${name}`,
    OldStateValue: 'OK',
    Trigger: { MetricName: 'GapsUnfillable', Threshold: 1 },
  };
}

function text(posted: Posted | undefined): string {
  return JSON.stringify(posted?.message);
}

describe('notify', () => {
  it('posts the first alarm at once, and what follows within 30 s as one list', async () => {
    const { clock, posted, alarm } = started();
    alarm('gap-unfillable', 'ALARM');
    await clock.advance(10);
    assert.deepEqual(
      posted.map(({ atMs }) => atMs),
      [0],
    );
    for (const name of ['candle-mismatch', 'rows-rejected', 'socket-down']) {
      await clock.advance(3000);
      alarm(name, 'ALARM');
    }
    await clock.advance(60_000);

    assert.equal(posted.length, 2);
    assert.ok((posted[1]?.atMs ?? 0) >= 30_000 && (posted[1]?.atMs ?? 0) <= 31_000, String(posted[1]?.atMs));
    for (const title of ['A candle differs', 'The store refuses rows', 'A socket is down']) {
      assert.ok(text(posted[1]).includes(title), title);
    }
  });

  it('posts once however often the message is delivered', async () => {
    const { clock, posted, queue, alarm } = started();
    alarm('gap-unfillable', 'ALARM');
    alarm('gap-unfillable', 'ALARM');
    await clock.advance(90_000);

    assert.equal(posted.length, 1);
    assert.equal(queue.size, 0);
  });

  it('tells a recovery of an alarm that it told, and is silent on any other OK', async () => {
    const { clock, posted, alarm } = started();
    alarm('candle-mismatch', 'OK');
    alarm('feed-stopped', 'INSUFFICIENT_DATA');
    await clock.advance(1000);
    assert.equal(posted.length, 0);
    alarm('feed-stopped', 'ALARM');
    await clock.advance(200_000);
    alarm('feed-stopped', 'OK');
    await clock.advance(1000);

    assert.equal(posted.length, 2);
    assert.match(text(posted[1]), /:white_check_mark: Over: The feed has stopped/);
    assert.match(text(posted[1]), /\*Lasted\* 3 min 20 s/);
  });

  it('waits as long as a 429 asks, with a delayed message, and posts once', async () => {
    const { clock, posted, tried, queue, alarm } = started([
      { kind: 'later', retryAfterMs: 90_000, why: 'status 429' },
    ]);
    alarm('gap-unfillable', 'ALARM');
    await clock.advance(80_000);
    assert.deepEqual([posted.length, tried.length, queue.size], [0, 1, 1]);
    await clock.advance(15_000);

    assert.deepEqual([posted.length, tried.length, queue.size], [1, 2, 0]);
  });

  it('backs off while Slack is gone, and posts once when it is back', async () => {
    const gone = Array.from(
      { length: 5 },
      (): PostOutcome => ({ kind: 'later', retryAfterMs: null, why: 'ECONNREFUSED' }),
    );
    const { clock, posted, tried, alarm } = started(gone);
    alarm('gap-unfillable', 'ALARM');
    await clock.advance(20_000);
    alarm('socket-down', 'ALARM');
    await clock.advance(600_000);

    assert.deepEqual([posted.length, tried.length], [1, 6]);
    assert.ok(text(posted[0]).includes('Trades are lost') && text(posted[0]).includes('A socket is down'));
    assert.deepEqual(
      tried.map(({ atMs }) => Math.round(atMs / 1000)),
      [0, 5, 15, 35, 75, 155],
    );
  });

  it('repeats a post of unknown outcome once, marked, and no more', async () => {
    const unknown: PostOutcome = { kind: 'unknown', why: 'TimeoutError' };
    const { clock, posted, queue, alarm } = started([unknown, unknown, unknown]);
    alarm('gap-unfillable', 'ALARM');
    await clock.advance(300_000);

    assert.equal(posted.length, 2);
    assert.doesNotMatch(text(posted[0]), /repeat/);
    assert.match(text(posted[1]), /may be a repeat/);
    assert.equal(queue.size, 0);
  });

  it('takes a post that a killed process left behind as unknown', async () => {
    const { clock, tried, posted, alarm } = started(['hang']);
    alarm('gap-unfillable', 'ALARM');
    await clock.advance(300_000);

    assert.deepEqual([tried.length, posted.length], [2, 1]);
    assert.match(text(posted[0]), /may be a repeat/);
  });

  it('fails the message where Slack refuses the webhook, until it waits in the dead letters', async () => {
    const refused = Array.from({ length: 100 }, (): PostOutcome => ({ kind: 'refused', why: 'status 403' }));
    const { clock, posted, deadLetters, logged, alarm } = started(refused);
    alarm('gap-unfillable', 'ALARM');
    await clock.advance(900_000);

    assert.equal(posted.length, 0);
    assert.ok(deadLetters.size > 0);
    assert.ok(logged.some((line) => line.includes('SLACK_REFUSED')));
    assert.ok(!logged.join().includes('hooks.example'), 'the webhook is never logged');
  });

  it('mutes a symbol, a kind and a time, and never the pipeline', async () => {
    const { clock, posted, incidents, alarm, startMs } = started();
    await incidents.saveMutes([
      { symbol: 'BTCUSDT', kind: 'whale', fromMs: startMs, untilMs: startMs + 60_000, note: 'test' },
      { fromMs: startMs + 120_000, untilMs: startMs + 180_000, note: 'all' },
    ]);
    alarm('market-whale-BTCUSDT', 'ALARM');
    await clock.advance(1000);
    assert.equal(posted.length, 0);
    alarm('market-whale-BTCUSDT', 'OK');
    alarm('market-whale-ETHUSDT', 'ALARM');
    await clock.advance(70_000);
    assert.equal(posted.length, 1);
    alarm('market-whale-BTCUSDT', 'ALARM');
    await clock.advance(60_000);
    assert.equal(posted.length, 2);
    alarm('market-volatility-SOLUSDT', 'ALARM');
    alarm('socket-down', 'ALARM');
    await clock.advance(40_000);

    assert.equal(posted.length, 3);
    assert.match(posted[2]?.message.text ?? '', /A socket is down/);
  });

  it('lists every whale since the last post, and shows the signal’s own figures', async () => {
    const { clock, posted, alarm, setSignals, startMs } = started();
    const whale = (second: number, value: number): ListedSignal => ({
      symbol: 'BTCUSDT',
      severity: 'info',
      state: 'open',
      value,
      threshold: 100_000,
      baseline: null,
      timeNs: `${BigInt(Math.floor(startMs + second * 1000)) * 1_000_000n + 5n}`,
      ids: [100 + second],
      prices: [61_000],
    });
    setSignals([whale(-2, 140_000), whale(-3, 120_000)]);
    alarm('market-whale-BTCUSDT', 'ALARM');
    await clock.advance(40_000);
    setSignals([whale(20, 300_000), whale(10, 150_000), whale(-2, 140_000), whale(-3, 120_000)]);
    alarm('market-whale-BTCUSDT', 'OK');
    await clock.advance(1000);

    assert.match(text(posted[0]), /140000 at 61000.*120000 at 61000/);
    assert.match(text(posted[0]), /\*Value\* 140000 against 100000 \(1\.4 ×\)/);
    assert.match(text(posted[1]), /300000 at 61000.*150000 at 61000/);
    assert.doesNotMatch(text(posted[1]), /140000/);
  });

  it('posts without evidence where the store does not answer', async () => {
    const { clock, posted, alarm } = started([], {
      signals: {
        signals: async () => {
          throw new Error('secret detail');
        },
      },
    });
    alarm('market-volatility-BTCUSDT', 'ALARM');
    await clock.advance(1000);

    assert.match(text(posted[0]), /The evidence could not be read/);
  });

  it('posts each severity to the webhook of its own', async () => {
    const { clock, posted, alarm } = started([], {
      webhooks: {
        read: async () => ({ default: 'https://hooks.example/d', critical: 'https://hooks.example/c' }),
        forget: () => {},
      },
    });
    alarm('gap-unfillable', 'ALARM');
    alarm('socket-down', 'ALARM');
    await clock.advance(1000);

    assert.deepEqual(
      posted.map(({ url, message }) => [url.at(-1), message.text.split(' ')[0]]),
      [
        ['c', ':rotating_light:'],
        ['d', ':warning:'],
      ],
    );
  });

  it('keeps a storm of hundreds of alarms to one list that says how many more there are', async () => {
    const { clock, posted, alarm } = started();
    alarm('gap-unfillable', 'ALARM');
    await clock.advance(1000);
    for (let count = 0; count < 300; count += 1) alarm(`market-whale-COIN${count}USDT`, 'ALARM');
    await clock.advance(60_000);

    assert.equal(posted.length, 2);
    assert.match(posted[1]?.message.text ?? '', /^300 alarm changes/);
    assert.ok((posted[1]?.message.blocks.length ?? 99) <= 50);
    assert.match(text(posted[1]), /and 260 more/);
  });

  it('lets one of two concurrent invocations post, and loses neither alarm', async () => {
    const { clock, posted, mapping, notify, queue } = started();
    await mapping.close();
    const record = (name: string) => {
      queue.send(
        JSON.stringify({ Message: JSON.stringify(alarmFields(name, 'ALARM', clock.nowUs() / 1000)) }),
      );
      const [message] = queue.receive(1);
      assert.ok(message !== undefined);
      return sqsRecord(message, 'notify');
    };
    const answers = await Promise.all(
      ['gap-unfillable', 'candle-mismatch', 'socket-down'].map((name) => notify({ Records: [record(name)] })),
    );
    assert.deepEqual(
      answers.flatMap((answer) => answer.batchItemFailures),
      [],
    );
    assert.equal(posted.length, 1, 'the first posts, the others wait for the list');
    await clock.advance(31_000);
    for (const message of queue.receive(10).filter(({ body }) => body.includes('wake'))) {
      await notify({ Records: [sqsRecord(message, 'notify')] });
    }

    assert.equal(posted.length, 2);
    const all = posted.map(text).join();
    for (const title of ['Trades are lost', 'A candle differs', 'A socket is down'])
      assert.ok(all.includes(title));
  });

  it('tells every alarm once whatever Slack answers, and twice at most where it did not say', async () => {
    const outcome = fc.constantFrom<PostOutcome | 'hang'>(
      { kind: 'posted' },
      { kind: 'later', retryAfterMs: 7000, why: 'status 429' },
      { kind: 'later', retryAfterMs: null, why: 'status 500' },
      { kind: 'unknown', why: 'TimeoutError' },
      'hang',
    );
    const gaps = fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(outcome, { maxLength: 10 }), gaps, async (outcomes, waits) => {
        const uncertain = outcomes.some((each) => each === 'hang' || each.kind === 'unknown');
        const { clock, posted, queue, alarm, mapping } = started([...outcomes]);
        const names = waits.map((_, index) => `alarm-${index}-x`);
        for (const [index, name] of names.entries()) {
          alarm(name, 'ALARM');
          alarm(name, 'ALARM');
          await clock.advance(waits[index] ?? 0);
        }
        await clock.advance(7_200_000);
        await mapping.close();

        for (const name of names) {
          const told = posted.filter((post) => text(post).includes(name)).length;
          assert.ok(uncertain ? told <= 2 : told === 1, `${name} was told ${told} times`);
          if (!outcomes.includes('hang')) assert.ok(told >= 1, `${name} was lost`);
        }
        assert.equal(queue.size, 0);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves out what is no alarm, without failing', async () => {
    const { clock, queue, posted, deadLetters } = started();
    for (const body of [
      '',
      'x',
      '{}',
      'null',
      '[]',
      '{"Message":"x"}',
      '{"Message":"{\\"AlarmName\\":3}"}',
      '{"notify":"wake"',
    ]) {
      queue.send(body);
    }
    await clock.advance(300_000);

    assert.equal(posted.length, 0);
    assert.deepEqual([queue.size, deadLetters.size], [0, 1], 'only the broken wake-up cannot be read');
  });
});
