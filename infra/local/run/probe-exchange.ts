import { explainRefusal, type Refusal } from '../../../functions/ingest/explain-refusal.ts';
import type { StreamSource } from '../../../functions/ingest/stream-source.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Millis } from '../../../shared/units.ts';

/** What a probe runs on. */
export interface ProbeDeps {
  readonly source: StreamSource;
  readonly clock: Clock;
  /** @default 4,000 */
  readonly timeoutMs?: Millis;
}

/**
 * Opens one stream and closes it again: undefined where the exchange let it through, else why not. It is the
 * streams that decide: without REST the monitor still watches, and tells what it cannot repair.
 */
export function probeExchange(
  streamUrl: string,
  stream: string,
  deps: ProbeDeps,
): Promise<Refusal | undefined> {
  return new Promise((resolve) => {
    let isSettled = false;
    const settle = (refusal: Refusal | undefined): void => {
      if (isSettled) return;
      isSettled = true;
      timer.cancel();
      socket.close();
      resolve(refusal);
    };
    // Names can take longer to resolve than any handshake may last.
    const timer = deps.clock.after(deps.timeoutMs ?? 4_000, () =>
      settle(explainRefusal(streamUrl, { errorCode: 'TIMEOUT' })),
    );
    const socket = deps.source.connect(
      { url: `${streamUrl}/stream?streams=${stream}`, streams: [stream], connection: 'probe' },
      {
        onOpen: () => settle(undefined),
        onFrame: () => {},
        onPong: () => {},
        onClose: (why) =>
          settle(
            why.kind === 'refused'
              ? why.refusal
              : explainRefusal(streamUrl, { errorMessage: `it closed at once (${why.code})` }),
          ),
      },
    );
  });
}
