/** The blocks that notify writes; a subset of Block Kit. */
export type SlackBlock =
  | { readonly type: 'header'; readonly text: { type: 'plain_text'; text: string; emoji: true } }
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'section'; readonly fields: readonly Mrkdwn[] }
  | { readonly type: 'context'; readonly elements: readonly Mrkdwn[] }
  | { readonly type: 'divider' };

interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
}

/** A message of an incoming webhook. `text` is what notifications and screen readers get. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

/** Slack refuses a longer text of a section, field or header. */
const MAX = { section: 3000, field: 2000, header: 150 } as const;

/**
 * Text from elsewhere, made harmless in mrkdwn: `&`, `<` and `>` as entities (so that it cannot mention or link),
 * and a zero-width space before the characters that format.
 * @see https://docs.slack.dev/messaging/formatting-message-text
 */
export function escapeMrkdwn(text: string): string {
  return escapeHtml(text).replace(/[*_~`]/g, '\u200b$&');
}

/** The three characters that Slack reads as its own, also in plain text. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function header(text: string): SlackBlock {
  return { type: 'header', text: { type: 'plain_text', text: cut(text, MAX.header), emoji: true } };
}

export function section(text: string): SlackBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: cut(text, MAX.section) } };
}

/** At most ten fields, as Slack allows. */
export function fields(texts: readonly string[]): SlackBlock {
  return {
    type: 'section',
    fields: texts.slice(0, 10).map((text) => ({ type: 'mrkdwn', text: cut(text, MAX.field) })),
  };
}

export function context(text: string): SlackBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: cut(text, MAX.section) }] };
}

function cut(text: string, max: number): string {
  // Half an entity would show as text.
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/&[a-z]{0,3}$/, '')}…`;
}
