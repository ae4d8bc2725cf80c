import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liveConfig } from '../../../functions/ingest/ingest-config.ts';
import { planSockets } from '../../../functions/ingest/plan-sockets.ts';
import { SocketKeeper } from '../../../functions/ingest/socket-keeper.ts';
import type { StreamListener } from '../../../functions/ingest/stream-source.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

test('frames that came between our close and its answer went to a log that was closed already', () => {
  const config = liveConfig({
    symbols: ['BTCUSDT'],
    streams: ['trade'],
    streamUrl: 'ws://x',
    microseconds: false,
    topics: DEFAULT_TOPIC_NAMES,
    reconnectDelayMs: 1_000,
    maxReconnectDelayMs: 60_000,
    gapWaitMs: 1_000,
  });
  const [plan] = planSockets(config);
  assert.ok(plan);
  const listeners: StreamListener[] = [];
  let frames = 0;
  const keeper = new SocketKeeper({
    plan,
    source: {
      connect: (_request, listener) => {
        listeners.push(listener);
        return { pause: () => {}, resume: () => {}, close: () => {}, ping: () => {} };
      },
    },
    clock: new VirtualClock(0),
    random: () => 0,
    limits: config.sockets,
    run: '',
    events: {
      onFrame: () => {
        frames += 1;
        return 'taken';
      },
      onOpen: () => {},
      onClose: () => {},
      onSilent: () => {},
    },
  });
  keeper.start();
  listeners[0]?.onOpen();
  listeners[0]?.onFrame(Buffer.from('{}'), 1);
  assert.equal(frames, 1);
  keeper.stop();
  listeners[0]?.onFrame(Buffer.from('{}'), 2);
  assert.equal(frames, 1);
});
