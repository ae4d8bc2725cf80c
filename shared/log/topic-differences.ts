import type { TopicSpec } from './log.ts';

/** What of an existing topic is not as it is wanted, in words for a person. Nothing is changed by itself. */
export function topicDifferences(wanted: TopicSpec, existing: TopicSpec): readonly string[] {
  const differences: string[] = [];
  const tell = (what: string, has: unknown, asked: unknown) => {
    if (has !== asked)
      differences.push(`Topic ${wanted.name} has ${what} ${has}; the settings ask for ${asked}.`);
  };
  tell('partitions', existing.partitions, wanted.partitions);
  tell('retention.ms', existing.retentionMs, wanted.retentionMs);
  // Where nobody asks for a bound, whoever made the topic may have given it one, as the AWS deployment does.
  if (wanted.retentionBytes !== undefined)
    tell('retention.bytes', existing.retentionBytes ?? -1, wanted.retentionBytes);
  tell('cleanup.policy', policy(existing), policy(wanted));
  return differences;
}

function policy(topic: TopicSpec): string {
  return topic.compacted ? 'compact' : 'delete';
}
