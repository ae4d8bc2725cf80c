import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainRefusal } from '../../../functions/ingest/explain-refusal.ts';
import { type MemoryConnection, MemoryStreamSource } from '../../../functions/ingest/memory-stream-source.ts';
import { planSockets } from '../../../functions/ingest/plan-sockets.ts';
import { type KeeperLimits, SocketKeeper } from '../../../functions/ingest/socket-keeper.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

const LIMITS: KeeperLimits = {
  minMs: 1_000,
  maxMs: 60_000,
  rotateAfterMs: 84_600_000,
  pingAfterMs: 10_000,
  deadAfterMs: 10_000,
  silentAfterMs: 30_000,
  pausedMaxMs: 30_000,
  handoverMs: 5_000,
};
const FRAME = Buffer.from('{"stream":"btcusdt@trade","data":{}}');
const [PLAN] = planSockets({
  streamUrl: 'ws://x',
  symbols: ['BTCUSDT'],
  streams: ['trade'],
  microseconds: false,
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setup(options: { answersPings?: boolean; refuses?: () => boolean } = {}) {
  assert.ok(PLAN);
  const clock = new VirtualClock(1_000_000_000);
  const made: MemoryConnection[] = [];
  const source = new MemoryStreamSource((connection) => {
    made.push(connection);
    connection.answersPings = options.answersPings ?? true;
    if (options.refuses?.()) connection.refuse(explainRefusal('ws://x', { errorCode: 'ECONNREFUSED' }));
    else connection.open();
  });
  const frames: string[] = [];
  const opened: boolean[] = [];
  const retries: (number | null)[] = [];
  let silent = 0;
  let outcome: 'taken' | 'shutdown' = 'taken';
  const keeper = new SocketKeeper({
    plan: PLAN,
    source,
    clock,
    random: () => 0,
    limits: LIMITS,
    run: '',
    events: {
      onFrame: (connection) => {
        frames.push(connection);
        return outcome;
      },
      onOpen: (_connection, afterOutage) => opened.push(afterOutage),
      onClose: (_connection, _why, retryMs) => retries.push(retryMs),
      onSilent: () => {
        silent += 1;
      },
    },
  });
  const run = async (seconds: number, each: () => void = () => {}): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1_000);
      keeper.check();
      await turn();
      each();
    }
  };
  const open = (): readonly MemoryConnection[] => source.connections.filter((one) => one.state === 'open');
  return {
    clock,
    keeper,
    made,
    open,
    frames,
    opened,
    retries,
    run,
    silent: () => silent,
    say: (next: 'taken' | 'shutdown') => {
      outcome = next;
    },
  };
}

describe('SocketKeeper', () => {
  it('reconnects after a cut, waiting twice as long each time up to the maximum', async () => {
    let refuses = false;
    const { keeper, made, run, retries } = setup({ refuses: () => refuses });
    keeper.start();
    await turn();
    refuses = true;
    made[0]?.end();
    await run(300);
    assert.deepEqual(
      retries.slice(0, 9),
      [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000],
    );
    assert.equal(keeper.isOpen, false);
    assert.match(keeper.lastRefusal?.message ?? '', /nothing listens/);
    refuses = false;
    await run(61);
    assert.equal(keeper.isOpen, true);
    assert.equal(keeper.lastRefusal, null);
  });

  it('begins with the short wait again once frames flow', async () => {
    const { keeper, made, run, retries, clock } = setup();
    keeper.start();
    await turn();
    made[0]?.end();
    await run(2);
    made[1]?.end();
    await run(3);
    made[2]?.deliver(FRAME, clock.nowUs());
    made[2]?.end();
    assert.deepEqual(retries, [1_000, 2_000, 1_000]);
  });

  it('tells quiet from dead: a socket that answers pings stays and the exchange’s time is asked for', async () => {
    const { keeper, made, run, open, silent } = setup();
    keeper.start();
    await turn();
    await run(29);
    assert.equal(silent(), 0);
    await run(10);
    assert.ok(silent() >= 5);
    assert.equal(keeper.isQuiet, true);
    assert.equal(open().length, 1);
    assert.ok((made[0]?.pings ?? 0) >= 3);
  });

  it('replaces a socket that answers no ping, and says that frames may have passed', async () => {
    const { keeper, made, opened, run } = setup({ answersPings: false });
    keeper.start();
    await turn();
    await run(21);
    assert.equal(made.length, 2);
    assert.deepEqual(opened, [true, true]);
    await run(5);
    assert.equal(made[0]?.state, 'closed');
    assert.equal(keeper.connection, 't0-2');
  });

  it('turns over before a day is out: the new socket delivers before the old one closes', async () => {
    const { keeper, made, run, open, opened, clock, frames } = setup();
    keeper.start();
    await turn();
    const deliver = (): void => made[0]?.deliver(FRAME, clock.nowUs());
    clock.advance(84_600_000 - 5_000);
    await run(4, deliver);
    assert.equal(made.length, 1);
    await run(2, deliver);
    assert.equal(open().length, 2);
    assert.deepEqual(opened, [true, false], 'nothing can have passed between them');
    frames.length = 0;
    made[0]?.deliver(FRAME, clock.nowUs());
    made[1]?.deliver(FRAME, clock.nowUs());
    assert.deepEqual(frames, ['t0-1', 't0-2']);
    assert.deepEqual(
      open().map((one) => one.request.connection),
      ['t0-2'],
    );
  });

  it('turns over when the exchange announces its end, and is not caught when the old one is cut first', async () => {
    const { keeper, made, open, clock, say, retries } = setup();
    keeper.start();
    await turn();
    say('shutdown');
    made[0]?.deliver(FRAME, clock.nowUs());
    say('taken');
    await turn();
    assert.equal(open().length, 2);
    made[0]?.end(1001);
    assert.equal(keeper.connection, 't0-2');
    assert.equal(keeper.isOpen, true);
    assert.deepEqual(retries, [null]);
  });

  it('closes a socket that was paused for over 30 s, and opens a new one when the log has room', async () => {
    const { keeper, made, run, open } = setup();
    keeper.start();
    await turn();
    keeper.pause();
    assert.equal(made[0]?.paused, true);
    await run(29);
    assert.equal(open().length, 1);
    await run(2);
    assert.equal(open().length, 0);
    await run(60);
    assert.equal(made.length, 1);
    keeper.resume();
    await turn();
    assert.equal(open().length, 1);
  });

  it('stops for good', async () => {
    const { keeper, made, run, open } = setup();
    keeper.start();
    await turn();
    keeper.stop();
    await run(120);
    assert.equal(open().length, 0);
    assert.equal(made.length, 1);
  });
});
