import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isListed } from '../../shared/alarms/market-alarms.ts';
import type { Clock } from '../../shared/clock.ts';
import { CodedError } from '../../shared/coded-error.ts';
import { METRICS, type MetricSpec } from '../../shared/metrics/metric-catalogue.ts';
import type { Millis } from '../../shared/units.ts';
import { type AlarmChange, readAlarmChange } from './alarm-change.ts';
import {
  accept,
  afterDeclined,
  afterPosted,
  afterUnknown,
  type Entry,
  type Incident,
  nextStep,
  type Post,
} from './incident.ts';
import { isMuted } from './mute.ts';
import type {
  Channel,
  IncidentStore,
  ListedSignal,
  PostOutcome,
  SignalQuery,
  Slack,
  WakeQueue,
  WebhookSource,
  Webhooks,
} from './ports.ts';
import { type Evidence, type LinkSettings, renderPost } from './render.ts';

/** What notify works with. */
export interface NotifyDeps {
  readonly clock: Clock;
  readonly incidents: IncidentStore;
  readonly slack: Slack;
  readonly webhooks: WebhookSource;
  readonly signals: SignalQuery;
  readonly wakes: WakeQueue;
  readonly links: LinkSettings;
  /** What the alarms' names begin with before the catalogue's own. @default nothing */
  readonly alarmPrefix?: string;
  /** A new name for a post, so that its outcome is not taken for another's. */
  readonly newId: () => string;
  readonly count: (metric: MetricSpec, value: number) => void;
  /** A line for the log, without secrets. */
  readonly log: (level: 'info' | 'warn' | 'error', message: string, data?: object) => void;
}

/** A lost race is tried again so often; each loser lets a winner through. */
const MAX_TRIES = 10;
const MAX_SIGNALS = 20;
/** Evidence is read for so many entries of a list. */
const MAX_EVIDENCE = 10;
const MAX_WAKE_MS: Millis = 900_000;

/**
 * Takes SQS messages that carry SNS notifications of alarms, or notify's own wake-ups. What Slack cannot take now
 * comes back as a delayed message; nothing here sleeps. A record fails, and comes again, only where a dependency
 * failed or Slack refused for good.
 */
export function createNotify(deps: NotifyDeps): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async (event) => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const record of event.Records) {
      try {
        await handleRecord(record, deps);
      } catch (error) {
        const code = error instanceof CodedError ? error.code : 'UNEXPECTED';
        const name = error instanceof Error ? error.name : typeof error;
        // The message of an unexpected error may hold anything, a webhook's address included.
        deps.log('error', `A message was not handled: ${code}`, { code, name, messageId: record.messageId });
        batchItemFailures.push({ itemIdentifier: record.messageId });
      }
    }
    return { batchItemFailures };
  };
}

async function handleRecord(record: SQSRecord, deps: NotifyDeps): Promise<void> {
  const wake = readWake(record.body);
  const webhooks = await deps.webhooks.read();
  if (wake !== undefined) return work(wake.channel, null, wake.atMs, webhooks, deps);
  const change = readAlarmChange(messageOf(record.body), deps.alarmPrefix);
  if (change === undefined) {
    deps.log('warn', 'A message that is no alarm was left out', { messageId: record.messageId });
    return;
  }
  const channel: Channel = webhooks[change.severity] === undefined ? 'default' : change.severity;
  return work(channel, change, null, webhooks, deps);
}

/** Takes in a change (null: a wake-up) and does what is due. */
async function work(
  channel: Channel,
  change: AlarmChange | null,
  wokenMs: Millis | null,
  webhooks: Webhooks,
  deps: NotifyDeps,
): Promise<void> {
  const mutes = change === null ? [] : await deps.incidents.readMutes();
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const { incident: stored, version } = await deps.incidents.read(channel);
    const nowMs = deps.clock.nowUs() / 1000;
    let incident = wokenMs !== null && stored.wakeMs <= wokenMs ? { ...stored, wakeMs: 0 } : stored;
    if (change !== null) incident = accept(incident, change, isMuted(change, mutes, nowMs));
    const step = nextStep(incident, nowMs, deps.newId());
    const next =
      step.kind === 'wait' ? await planWake(channel, step.incident, step.wakeMs, nowMs, deps) : step.incident;
    if (next !== stored && !(await deps.incidents.save(channel, next, version))) continue;
    const refused =
      step.kind === 'post' ? await post(channel, step.post, step.incident, webhooks, deps) : next.refused;
    // The alarm's own message fails until it waits in the dead letters, which has an alarm; wake-ups go on trying.
    if (refused && change !== null) {
      throw new CodedError('SLACK_REFUSED', `Slack refuses the webhook of ${channel}: make a new one.`);
    }
    return;
  }
  throw new CodedError(
    'INCIDENT_CONTENDED',
    `The incident of ${channel} changed ${MAX_TRIES} times under us.`,
    {
      canRetry: true,
    },
  );
}

/** Posts; true where Slack refused for good. */
async function post(
  channel: Channel,
  post: Post,
  incident: Incident,
  webhooks: Webhooks,
  deps: NotifyDeps,
): Promise<boolean> {
  const url = webhooks[channel] ?? webhooks.default;
  if (url === undefined) {
    throw new CodedError(
      'NO_WEBHOOK',
      `No webhook is set for ${channel}: set SLACK_WEBHOOK_URL or its secret.`,
    );
  }
  const evidence = new Map<Entry, Evidence>();
  for (const entry of post.entries.slice(0, MAX_EVIDENCE)) {
    if (entry.change.kind !== null) evidence.set(entry, await readEvidence(entry, incident, deps));
  }
  const outcome = await deps.slack.post(
    url,
    renderPost(post, (entry) => evidence.get(entry), deps.links),
  );
  const listed: Record<string, string> = {};
  for (const [{ change }, signals] of evidence) {
    const newest = signals?.[0];
    if (newest !== undefined) listed[change.name] = newest.timeNs;
  }
  await settle(channel, post, outcome, listed, deps);
  if (outcome.kind === 'refused') deps.webhooks.forget();
  return outcome.kind === 'refused';
}

/** Stores a post's outcome and plans what comes next. */
async function settle(
  channel: Channel,
  post: Post,
  outcome: PostOutcome,
  listed: Incident['listed'],
  deps: NotifyDeps,
): Promise<void> {
  report(outcome, post, deps);
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const { incident, version } = await deps.incidents.read(channel);
    if (incident.sending?.id !== post.id) return;
    const nowMs = deps.clock.nowUs() / 1000;
    const after = afterOutcome(incident, outcome, nowMs, listed);
    const step = nextStep(after, nowMs, deps.newId());
    // A post that is due at once is left to a wake-up: one invocation posts once.
    const wakeMs = step.kind === 'post' ? nowMs : step.wakeMs;
    const next = await planWake(channel, after, wakeMs, nowMs, deps);
    if (await deps.incidents.save(channel, next, version)) return;
  }
  throw new CodedError('INCIDENT_CONTENDED', `The outcome of a post to ${channel} could not be stored.`);
}

function afterOutcome(
  incident: Incident,
  outcome: PostOutcome,
  nowMs: Millis,
  listed: Incident['listed'],
): Incident {
  switch (outcome.kind) {
    case 'posted':
      return afterPosted(incident, nowMs, listed);
    case 'later':
      return afterDeclined(incident, nowMs, outcome.retryAfterMs, false);
    case 'refused':
      return afterDeclined(incident, nowMs, null, true);
    case 'unknown':
      return afterUnknown(incident, nowMs);
  }
}

/**
 * Sends a wake-up unless one is on its way that is early enough. It is sent before the incident is saved: a wake-up
 * too many does nothing, one too few would leave a message lying.
 */
async function planWake(
  channel: Channel,
  incident: Incident,
  wakeMs: Millis | null,
  nowMs: Millis,
  deps: NotifyDeps,
): Promise<Incident> {
  if (wakeMs === null) return incident;
  if (incident.wakeMs > nowMs && incident.wakeMs <= wakeMs) return incident;
  // SQS counts in whole seconds.
  const delayMs = Math.min(Math.ceil(Math.max(0, wakeMs - nowMs) / 1000) * 1000, MAX_WAKE_MS);
  const atMs = nowMs + delayMs;
  if (incident.wakeMs > nowMs && incident.wakeMs <= atMs) return incident;
  await deps.wakes.send(JSON.stringify({ notify: 'wake', channel, at_ms: atMs }), delayMs);
  return { ...incident, wakeMs: atMs };
}

async function readEvidence(entry: Entry, incident: Incident, deps: NotifyDeps): Promise<Evidence> {
  const { change, sinceMs } = entry;
  if (change.kind === null) return null;
  const since = BigInt(Math.floor(sinceMs) - 600_000) * 1_000_000n;
  const told = incident.listed[change.name];
  const listed = isListed(change.kind);
  try {
    const found: readonly ListedSignal[] = await deps.signals.signals({
      kind: change.kind,
      symbol: change.instance === 'other' ? null : change.instance,
      afterNs: String(listed && told !== undefined && BigInt(told) > since ? told : since),
      limit: listed ? MAX_SIGNALS : 1,
    });
    return found;
  } catch (error) {
    const code =
      error instanceof CodedError ? error.code : error instanceof Error ? error.name : 'UNEXPECTED';
    deps.log('warn', `The evidence could not be read: ${code}`, { alarm: change.name, code });
    return null;
  }
}

function report(outcome: PostOutcome, post: Post, deps: NotifyDeps): void {
  const data = { entries: post.entries.length, post: post.id };
  if (outcome.kind === 'posted') {
    deps.count(METRICS.alertsPosted, 1);
    deps.log('info', 'Posted', data);
    return;
  }
  deps.count(outcome.kind === 'unknown' ? METRICS.alertsUncertain : METRICS.alertsDelayed, 1);
  deps.log('warn', `Not posted (${outcome.kind}): ${outcome.why}`, data);
}

/** The `Message` of SNS's envelope; the body itself with raw delivery. */
function messageOf(body: string): string {
  try {
    const envelope: unknown = JSON.parse(body);
    if (typeof envelope === 'object' && envelope !== null && 'Message' in envelope)
      return String(envelope.Message);
  } catch {
    // What is no JSON is no alarm either: the reader says so.
  }
  return body;
}

function readWake(body: string): { readonly channel: Channel; readonly atMs: Millis } | undefined {
  if (!body.startsWith('{"notify":"wake"')) return undefined;
  const { channel, at_ms }: { channel?: unknown; at_ms?: unknown } = JSON.parse(body);
  const known = (['default', 'info', 'warning', 'critical'] as const).find((name) => name === channel);
  return known === undefined || typeof at_ms !== 'number' ? undefined : { channel: known, atMs: at_ms };
}
