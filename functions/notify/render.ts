import { DASHBOARD_UIDS } from '../../shared/dashboards.ts';
import type { Millis } from '../../shared/units.ts';
import type { Entry, Post } from './incident.ts';
import type { ListedSignal } from './ports.ts';
import {
  context,
  escapeHtml,
  escapeMrkdwn,
  fields,
  header,
  type SlackBlock,
  type SlackMessage,
  section,
} from './slack-message.ts';

/** Where links lead; null leaves them out. */
export interface LinkSettings {
  /** Such as `http://127.0.0.1:3000`. */
  readonly grafanaUrl: string | null;
  /** What a runbook's path is appended to. */
  readonly runbookUrl: string | null;
}

/** What the store knew of an entry; null where it could not be asked. */
export type Evidence = readonly ListedSignal[] | null;

/** Slack takes 50 blocks; a list needs room for its head and foot. */
const MAX_LISTED = 40;
const MAX_SIGNALS = 10;
const EMOJI = { info: ':information_source:', warning: ':warning:', critical: ':rotating_light:' } as const;

/** The message of a post: one alarm in full, or several as a list. */
export function renderPost(
  post: Post,
  evidenceOf: (entry: Entry) => Evidence | undefined,
  links: LinkSettings,
): SlackMessage {
  const [only, ...others] = post.entries;
  if (only !== undefined && others.length === 0 && post.more === 0) {
    return { text: headline(only, escapeHtml), blocks: inFull(only, evidenceOf(only), links) };
  }
  const shown = post.entries.slice(0, MAX_LISTED);
  const more = post.entries.length - shown.length + post.more;
  const title = `${post.entries.length + post.more} alarm changes within a short time`;
  return {
    text: `${title}: ${shown
      .slice(0, 5)
      .map((entry) => headline(entry, escapeHtml))
      .join('; ')}`,
    blocks: [
      header(title),
      ...shown.map((entry) => section(inShort(entry, evidenceOf(entry), links))),
      ...(more > 0 ? [context(`and ${more} more`)] : []),
    ],
  };
}

function inFull(entry: Entry, evidence: Evidence | undefined, links: LinkSettings): SlackBlock[] {
  const { change } = entry;
  const blocks = [header(headline(entry, escapeHtml)), fields(figures(entry, evidence))];
  if (change.description !== null) blocks.push(section(escapeMrkdwn(change.description)));
  if (entry.repeat)
    blocks.push(context('_This may be a repeat: Slack did not say whether it took the first post._'));
  const told = evidenceText(evidence);
  if (told !== '') blocks.push(section(told));
  if (change.kind === null && change.reason !== '') blocks.push(context(escapeMrkdwn(change.reason)));
  const where = linksOf(entry, links);
  if (where !== '') blocks.push(context(where));
  return blocks;
}

function inShort(entry: Entry, evidence: Evidence | undefined, links: LinkSettings): string {
  const repeat = entry.repeat ? ' _(may be a repeat)_' : '';
  const lines = [`*${headline(entry, escapeMrkdwn)}*${repeat}`, figures(entry, evidence).join('  ·  ')];
  return [...lines, evidenceText(evidence), linksOf(entry, links)].filter((line) => line !== '').join('\n');
}

function headline({ change }: Entry, escaped: (text: string) => string): string {
  const what = escaped(change.instance === null ? change.title : `${change.title}: ${change.instance}`);
  return change.state === 'OK' ? `:white_check_mark: Over: ${what}` : `${EMOJI[change.severity]} ${what}`;
}

function figures(entry: Entry, evidence: Evidence | undefined): string[] {
  const { change } = entry;
  const [signal] = evidence ?? [];
  const value = signal?.value ?? change.value;
  const threshold = signal?.threshold ?? change.threshold;
  const told: string[] = [];
  if (value !== null && threshold !== null) {
    const times = threshold > 0 && value > threshold ? ` (${(value / threshold).toFixed(1)} ×)` : '';
    const baseline = signal?.baseline ?? null;
    const ordinary = baseline === null ? '' : `, ordinarily ${plain(baseline)}`;
    told.push(`*Value* ${plain(value)} against ${plain(threshold)}${times}${ordinary}`);
  } else if (change.metric !== null) {
    told.push(`*Metric* ${escapeMrkdwn(change.metric)}`);
  }
  told.push(`*Since* ${when(entry.sinceMs)}`);
  if (change.state === 'OK') told.push(`*Lasted* ${duration(change.timeMs - entry.sinceMs)}`);
  told.push(`*Severity* ${change.severity}`, `*Alarm* ${escapeMrkdwn(change.name)}`);
  return told;
}

function evidenceText(evidence: Evidence | undefined): string {
  if (evidence === undefined) return '';
  if (evidence === null) return '_The evidence could not be read from the store._';
  const lines = evidence.slice(0, MAX_SIGNALS).map((signal) => {
    const timeMs = Number(BigInt(signal.timeNs) / 1_000_000n);
    const prices = signal.prices.length === 0 ? '' : ` at ${signal.prices.map(plain).join(' – ')}`;
    const state = signal.state === 'cleared' ? ', cleared' : '';
    const text = `${new Date(timeMs).toISOString().slice(11, 23)} ${signal.symbol}: ${plain(signal.value)}${prices}`;
    return `• ${escapeMrkdwn(text)}${state} (id ${signal.ids.join(', ')})`;
  });
  if (evidence.length > MAX_SIGNALS) lines.push(`• and ${evidence.length - MAX_SIGNALS} more`);
  return lines.join('\n');
}

function linksOf({ change, sinceMs }: Entry, links: LinkSettings): string {
  const found: string[] = [];
  if (links.grafanaUrl !== null) {
    const query = new URLSearchParams({
      from: String(Math.floor(sinceMs) - 300_000),
      to: String(Math.floor(change.timeMs) + 300_000),
    });
    const market = change.kind !== null;
    if (market && change.instance !== null && change.instance !== 'other')
      query.set('var-symbol', change.instance);
    const base = links.grafanaUrl.replace(/\/$/, '');
    found.push(`<${base}/d/${market ? DASHBOARD_UIDS.market : DASHBOARD_UIDS.pipeline}?${query}|Grafana>`);
  }
  if (change.runbook !== null) {
    const base = links.runbookUrl?.replace(/\/$/, '');
    found.push(base === undefined ? `Runbook ${change.runbook}` : `<${base}/${change.runbook}|Runbook>`);
  }
  return found.join('  ·  ');
}

/** In the reader's own time zone, with UTC for clients that cannot. */
function when(timeMs: Millis): string {
  const text = new Date(timeMs).toISOString().replace('T', ' ').slice(0, 19);
  return `<!date^${Math.floor(timeMs / 1000)}^{date_short_pretty} {time_secs}|${text} UTC>`;
}

function duration(ms: Millis): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Seven digits at most, without an exponent where it can be helped. */
function plain(value: number): string {
  return String(Number(value.toPrecision(7)));
}
