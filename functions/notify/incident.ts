import type { Millis } from '../../shared/units.ts';
import type { AlarmChange } from './alarm-change.ts';

/** What arrives so soon after a post waits, and is posted as one list. */
export const QUIET_MS: Millis = 30_000;

/** A post without an outcome after this is taken as unknown: longer than notify may run. */
export const LEASE_MS: Millis = 60_000;

const MAX_PENDING = 100;
const MAX_KNOWN = 200;
const MAX_NAMES = 500;
const MAX_BACKOFF_MS: Millis = 900_000;

/** A change that is to be posted; `repeat`: it may have been posted before. */
export interface Entry {
  readonly change: AlarmChange;
  readonly repeat: boolean;
  /** For a recovery: when the alarm had begun. */
  readonly sinceMs: Millis;
}

/** Entries on their way to Slack. */
export interface Post {
  readonly id: string;
  readonly entries: readonly Entry[];
  /** Further changes that were too many to keep. */
  readonly more: number;
  readonly startedMs: Millis;
}

/** What one Slack channel has been told and is to be told. */
export interface Incident {
  readonly quietUntilMs: Millis;
  /** Slack takes nothing before this. */
  readonly notBeforeMs: Millis;
  /** Posts in a row that failed. */
  readonly failures: number;
  readonly pending: readonly Entry[];
  readonly more: number;
  readonly sending: Post | null;
  /** Ids of the newest changes, to recognise a redelivery. */
  readonly known: readonly string[];
  /** When each alarm that was told began. */
  readonly alarmed: Readonly<Record<string, Millis>>;
  /** Row time, as text in nanoseconds, of the newest signal that each alarm's posts have listed. */
  readonly listed: Readonly<Record<string, string>>;
  /** Slack refused the last post for good: the webhook is wrong. */
  readonly refused: boolean;
  /** A wake-up is on its way for this time; 0 where none is. */
  readonly wakeMs: Millis;
}

/** A channel that has heard nothing yet. */
export const NO_INCIDENT: Incident = {
  quietUntilMs: 0,
  notBeforeMs: 0,
  failures: 0,
  pending: [],
  more: 0,
  sending: null,
  known: [],
  alarmed: {},
  listed: {},
  refused: false,
  wakeMs: 0,
};

/**
 * Takes in a change. A redelivery changes nothing; a recovery counts only where the alarm was told, so that the
 * first evaluation of every alarm, which ends in OK, is silent. Insufficient data is for the console.
 */
export function accept(incident: Incident, change: AlarmChange, muted: boolean): Incident {
  if (incident.known.includes(change.id)) return incident;
  const known = [...incident.known, change.id].slice(-MAX_KNOWN);
  const sinceMs = incident.alarmed[change.name];
  if (change.state === 'INSUFFICIENT_DATA') return { ...incident, known };
  if (change.state === 'OK') {
    if (sinceMs === undefined) return { ...incident, known };
    const { [change.name]: _, ...alarmed } = incident.alarmed;
    return enqueue({ ...incident, known, alarmed }, { change, repeat: false, sinceMs });
  }
  if (muted) return { ...incident, known };
  const alarmed = newest({ ...incident.alarmed, [change.name]: change.timeMs });
  return enqueue({ ...incident, known, alarmed }, { change, repeat: false, sinceMs: change.timeMs });
}

/** What is to be done now: a post that has just begun, or nothing before `wakeMs` (null: nothing at all). */
export type Step =
  | { readonly kind: 'post'; readonly incident: Incident; readonly post: Post }
  | { readonly kind: 'wait'; readonly incident: Incident; readonly wakeMs: Millis | null };

/** Begins a post where one is due. A post whose outcome never came is taken as unknown. */
export function nextStep(incident: Incident, nowMs: Millis, postId: string): Step {
  if (incident.sending !== null) {
    const endMs = incident.sending.startedMs + LEASE_MS;
    if (nowMs < endMs) return { kind: 'wait', incident, wakeMs: endMs };
    incident = afterUnknown(incident, nowMs);
  }
  if (incident.pending.length === 0) return { kind: 'wait', incident, wakeMs: null };
  const dueMs = Math.max(incident.quietUntilMs, incident.notBeforeMs);
  if (nowMs < dueMs) return { kind: 'wait', incident, wakeMs: dueMs };
  const post: Post = { id: postId, entries: incident.pending, more: incident.more, startedMs: nowMs };
  return { kind: 'post', post, incident: { ...incident, pending: [], more: 0, sending: post } };
}

/** Slack took the post. */
export function afterPosted(incident: Incident, nowMs: Millis, listed: Incident['listed']): Incident {
  return {
    ...incident,
    sending: null,
    failures: 0,
    refused: false,
    notBeforeMs: 0,
    quietUntilMs: nowMs + QUIET_MS,
    listed: newest({ ...incident.listed, ...listed }),
  };
}

/** Slack did not take the post and said so, or could not be reached: it is put off. */
export function afterDeclined(
  incident: Incident,
  nowMs: Millis,
  retryAfterMs: Millis | null,
  refused: boolean,
): Incident {
  const backoffMs = Math.min(5000 * 2 ** incident.failures, MAX_BACKOFF_MS);
  return {
    ...putBack(incident, incident.sending?.entries ?? []),
    failures: incident.failures + 1,
    refused,
    notBeforeMs: nowMs + Math.min(retryAfterMs ?? backoffMs, MAX_BACKOFF_MS),
  };
}

/**
 * Nobody knows whether Slack has the post. It is told once more, marked; what had been repeated already is given
 * up, so that a message stands there twice at most.
 */
export function afterUnknown(incident: Incident, nowMs: Millis): Incident {
  const entries = incident.sending?.entries.filter((entry) => !entry.repeat) ?? [];
  return {
    ...putBack(
      incident,
      entries.map((entry) => ({ ...entry, repeat: true })),
    ),
    notBeforeMs: nowMs + 5000,
  };
}

function putBack(incident: Incident, entries: readonly Entry[]): Incident {
  const all = [...entries, ...incident.pending];
  const more = incident.more + (incident.sending?.more ?? 0) + Math.max(0, all.length - MAX_PENDING);
  return { ...incident, sending: null, pending: all.slice(0, MAX_PENDING), more };
}

function enqueue(incident: Incident, entry: Entry): Incident {
  if (incident.pending.length >= MAX_PENDING) return { ...incident, more: incident.more + 1 };
  return { ...incident, pending: [...incident.pending, entry] };
}

function newest<Value>(record: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).slice(-MAX_NAMES));
}
