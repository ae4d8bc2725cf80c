import type { Micros, Millis } from '../../../shared/units.ts';
import { hash32, unit } from '../market/noise.ts';

/** How often which fault happens. A share is of all frames or requests, from 0 to 1. */
export interface FaultSettings {
  readonly dropShare: number;
  readonly doubleShare: number;
  /** A frame changes places with the next one of its connection. */
  readonly swapShare: number;
  readonly malformedShare: number;
  /** How long a connection lives on average before it is cut; 0 is never. */
  readonly cutEveryMs: Millis;
  /** The share of connections that end with a told `serverShutdown` instead of a cut. */
  readonly shutdownShare: number;
  /** How long a connection is silent, once in the time it lives on average, while it still answers pings. */
  readonly silenceMs: Millis;
  readonly tooManyRequestsShare: number;
  readonly bannedShare: number;
  readonly serverErrorShare: number;
  readonly slowPageShare: number;
  readonly slowPageMs: Millis;
  /** The share of requests that are never answered: the client's patience ends first. */
  readonly hungShare: number;
  /** The most that the exchange's clock is behind or ahead. */
  readonly clockErrorMs: Millis;
  /** How long the clock's error stays the same; 0 is for ever. */
  readonly clockHoldsMs: Millis;
  /** From then on, counted from the exchange's start, there are no more faults; 0 is never. */
  readonly endAfterMs: Millis;
}

/** The faults of a schedule for which nothing else is said. */
export const DEFAULT_FAULTS: FaultSettings = {
  dropShare: 0.002,
  doubleShare: 0.002,
  swapShare: 0.002,
  malformedShare: 0.0005,
  cutEveryMs: 45_000,
  shutdownShare: 0.3,
  silenceMs: 8_000,
  tooManyRequestsShare: 0.05,
  bannedShare: 0.005,
  serverErrorShare: 0.05,
  slowPageShare: 0.05,
  slowPageMs: 1_500,
  hungShare: 0,
  clockErrorMs: 1_500,
  clockHoldsMs: 0,
  endAfterMs: 0,
};

/** What becomes of a frame. */
export type FrameFault = 'none' | 'dropped' | 'doubled' | 'swapped' | 'malformed';

/** What becomes of a connection, in milliseconds from its beginning; undefined where it does not happen. */
export interface ConnectionFaults {
  readonly cutAfterMs: Millis | undefined;
  readonly shutdownAfterMs: Millis | undefined;
  readonly silentFromMs: Millis | undefined;
  readonly silentToMs: Millis | undefined;
}

/** What becomes of a REST request. */
export type RequestFault =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly status: 418 | 429; readonly retryAfterS: number }
  | { readonly kind: 'failed'; readonly status: 500 | 502 | 503 }
  | { readonly kind: 'slow'; readonly delayMs: Millis }
  | { readonly kind: 'hung' };

/** Decides every fault from a seed: the same connection, frame or request always meets the same. */
export class FaultSchedule {
  readonly seed: number;
  readonly settings: FaultSettings;

  constructor(seed: number, settings: Partial<FaultSettings> = {}) {
    this.seed = seed;
    this.settings = { ...DEFAULT_FAULTS, ...settings };
  }

  /** Whether there are faults at a time counted from the exchange's start. */
  active(sinceMs: Millis): boolean {
    return this.settings.endAfterMs === 0 || sinceMs < this.settings.endAfterMs;
  }

  /** @param connection counted from 0 over the exchange's life */
  connection(connection: number): ConnectionFaults {
    const { cutEveryMs, shutdownShare, silenceMs } = this.settings;
    if (cutEveryMs === 0) {
      return {
        cutAfterMs: undefined,
        shutdownAfterMs: undefined,
        silentFromMs: undefined,
        silentToMs: undefined,
      };
    }
    const endMs = Math.round(cutEveryMs * (0.1 + 1.8 * unit(this.seed, 1, connection)));
    const told = unit(this.seed, 2, connection) < shutdownShare;
    const silentFromMs =
      silenceMs === 0 ? undefined : Math.round(endMs * (0.1 + unit(this.seed, 3, connection)));
    return {
      cutAfterMs: told ? undefined : endMs,
      shutdownAfterMs: told ? endMs : undefined,
      silentFromMs,
      silentToMs: silentFromMs === undefined ? undefined : silentFromMs + silenceMs,
    };
  }

  /** @param frame counted from 0 over the connection's life */
  frame(connection: number, frame: number): FrameFault {
    const { dropShare, doubleShare, swapShare, malformedShare } = this.settings;
    let draw = unit(this.seed, 4, connection, frame);
    if (draw < dropShare) return 'dropped';
    draw -= dropShare;
    if (draw < doubleShare) return 'doubled';
    draw -= doubleShare;
    if (draw < swapShare) return 'swapped';
    return draw - swapShare < malformedShare ? 'malformed' : 'none';
  }

  /** @param request counted from 0 over the exchange's life */
  request(request: number): RequestFault {
    const { tooManyRequestsShare, bannedShare, serverErrorShare } = this.settings;
    const { slowPageShare, slowPageMs, hungShare } = this.settings;
    let draw = unit(this.seed, 5, request);
    if (draw < tooManyRequestsShare) {
      return { kind: 'refused', status: 429, retryAfterS: 1 + (hash32(this.seed, 6, request) % 3) };
    }
    draw -= tooManyRequestsShare;
    if (draw < bannedShare) return { kind: 'refused', status: 418, retryAfterS: 5 };
    draw -= bannedShare;
    if (draw < serverErrorShare) {
      const statuses = [500, 502, 503] as const;
      return { kind: 'failed', status: statuses[hash32(this.seed, 7, request) % 3] ?? 500 };
    }
    draw -= serverErrorShare;
    if (draw < slowPageShare) return { kind: 'slow', delayMs: slowPageMs };
    return draw - slowPageShare < hungShare ? { kind: 'hung' } : { kind: 'none' };
  }

  /** How far the exchange's clock is ahead of the truth, at a time since its start; negative where it is late. */
  clockErrorUs(sinceMs: Millis = 0): Micros {
    const { clockErrorMs, clockHoldsMs } = this.settings;
    const step = clockHoldsMs === 0 ? 0 : Math.floor(sinceMs / clockHoldsMs);
    const draw = step === 0 ? unit(this.seed, 8) : unit(this.seed, 8, step);
    return Math.round((draw * 2 - 1) * clockErrorMs) * 1000;
  }

  /** A malformed frame in place of a sound one: cut, with a broken figure, of an unknown event, or no JSON at all. */
  malform(frame: string, connection: number, index: number): string {
    const draw = hash32(this.seed, 9, connection, index);
    switch (draw % 4) {
      case 0:
        return frame.slice(0, 1 + (draw % (frame.length - 1)));
      case 1:
        return frame.replace(/"([pqbo])":"[^"]*"/, '"$1":"-0.5e3"');
      case 2:
        return frame.replace(/"e":"[^"]*"/, '"e":"nothingKnown"').replace(/"u":\d+/, '"u":"nothing"');
      default:
        return `<html>${frame.length}</html>`;
    }
  }

  /** The schedule as lines for a person, with what the first connections and requests meet. */
  describe(connections = 5, requests = 40): string[] {
    const lines = [
      `faults of seed ${this.seed}: the exchange's clock is ${this.clockErrorUs() / 1000} ms ahead`,
    ];
    for (let index = 0; index < connections; index += 1) {
      const { cutAfterMs, shutdownAfterMs, silentFromMs, silentToMs } = this.connection(index);
      const end =
        cutAfterMs === undefined ? `told to end after ${shutdownAfterMs} ms` : `cut after ${cutAfterMs} ms`;
      lines.push(
        (cutAfterMs ?? shutdownAfterMs)
          ? `connection ${index}: ${end}, silent from ${silentFromMs} to ${silentToMs} ms`
          : `connection ${index}: lives on`,
      );
    }
    for (let index = 0; index < requests; index += 1) {
      const fault = this.request(index);
      if (fault.kind !== 'none') lines.push(`request ${index}: ${JSON.stringify(fault)}`);
    }
    return lines;
  }
}
