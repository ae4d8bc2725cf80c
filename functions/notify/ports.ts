import type { Severity, SignalKind } from '../../shared/events/signal.ts';
import type { MarketSymbol, Millis } from '../../shared/units.ts';
import type { Incident } from './incident.ts';
import type { Mute } from './mute.ts';
import type { SlackMessage } from './slack-message.ts';

/** The incidents, one per channel, and the mutes. */
export interface IncidentStore {
  /** The incident and the version to save over; version 0 where there is none. */
  read(channel: string): Promise<{ readonly incident: Incident; readonly version: number }>;
  /** Saves if the stored version is still `version`; false where another invocation was first. */
  save(channel: string, incident: Incident, version: number): Promise<boolean>;
  readMutes(): Promise<readonly Mute[]>;
  saveMutes(mutes: readonly Mute[]): Promise<void>;
}

/** What became of a post. `later` and `refused`: Slack does not have it. `unknown`: it may. */
export type PostOutcome =
  | { readonly kind: 'posted' }
  | { readonly kind: 'later'; readonly retryAfterMs: Millis | null; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** Slack, seen through its incoming webhooks. Never throws; `why` never holds a webhook's address. */
export interface Slack {
  post(url: string, message: SlackMessage): Promise<PostOutcome>;
}

/** A channel is where a webhook posts to: `default`, or a severity that has a webhook of its own. */
export type Channel = 'default' | Severity;

/** The webhooks; `default` serves the severities that have none. */
export type Webhooks = Readonly<Partial<Record<Channel, string>>>;

/** Where the webhooks come from. */
export interface WebhookSource {
  read(): Promise<Webhooks>;
  /** Slack refused one: read anew the next time. */
  forget(): void;
}

/** A signal as a message shows it. */
export interface ListedSignal {
  readonly symbol: MarketSymbol;
  readonly severity: string;
  readonly state: string;
  readonly value: number;
  readonly threshold: number;
  readonly baseline: number | null;
  /** Row time in nanoseconds since 1970, as text. */
  readonly timeNs: string;
  readonly ids: readonly number[];
  readonly prices: readonly number[];
}

/** The table `signals`. */
export interface SignalQuery {
  /** Signals of a kind with a row time after `afterNs`, newest first. `symbol` null: of all symbols. */
  signals(wanted: {
    readonly kind: SignalKind;
    readonly symbol: MarketSymbol | null;
    readonly afterNs: string;
    readonly limit: number;
  }): Promise<readonly ListedSignal[]>;
}

/** Messages to oneself, later. */
export interface WakeQueue {
  /** Delivers `body` to notify after `delayMs`, at most 15 minutes. */
  send(body: string, delayMs: Millis): Promise<void>;
}
