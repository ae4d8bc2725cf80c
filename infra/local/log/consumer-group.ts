import type { CommittedOffset, LogRecord, PartitionLag } from '../../../shared/log/log.ts';
import type { LogStore, ReadLimits } from './log-store.ts';

/** A member's mark in the group; only identity counts. */
export interface GroupMember {
  /** Called when the partitions of the member have changed. */
  onAssigned(): void;
}

/**
 * One consumer group on one topic: who owns which partition, and where each is to be read next. Partitions go
 * to members in turn. A partition that changes hands starts at its committed offset.
 */
export class ConsumerGroup {
  readonly #members: GroupMember[] = [];
  readonly #owners: (GroupMember | undefined)[];
  readonly #positions: (number | undefined)[];
  readonly #store: LogStore;
  readonly #groupId: string;
  readonly #topic: string;
  #turn = 0;

  constructor(store: LogStore, groupId: string, topic: string, partitions: number) {
    this.#store = store;
    this.#groupId = groupId;
    this.#topic = topic;
    this.#owners = new Array(partitions).fill(undefined);
    this.#positions = new Array(partitions).fill(undefined);
  }

  join(member: GroupMember): void {
    this.#members.push(member);
    this.#assign();
  }

  leave(member: GroupMember): void {
    const at = this.#members.indexOf(member);
    if (at < 0) return;
    this.#members.splice(at, 1);
    this.#assign();
  }

  /** The next records of the member's partitions; the partition to begin with moves on at each call. */
  next(member: GroupMember, limits: ReadLimits): readonly LogRecord[] {
    const partitions = this.#owners.length;
    const start = this.#turn++ % partitions;
    const found: LogRecord[] = [];
    let bytes = 0;
    for (let i = 0; i < partitions && found.length < limits.maxRecords; i++) {
      const partition = (start + i) % partitions;
      if (this.#owners[partition] !== member) continue;
      if (found.length > 0 && bytes >= limits.maxBytes) break;
      const from = this.#position(partition);
      const records = this.#store.read(this.#topic, partition, from, {
        maxRecords: limits.maxRecords - found.length,
        maxBytes: limits.maxBytes - bytes,
      });
      for (const record of records) {
        // The store gives the first record whatever its size; only the first of all may be oversized.
        const size = (record.key?.length ?? 0) + (record.value?.length ?? 0);
        if (found.length > 0 && bytes + size > limits.maxBytes) return found;
        found.push(record);
        bytes += size;
        this.#positions[partition] = record.offset + 1;
      }
    }
    return found;
  }

  commit(member: GroupMember, offsets: readonly CommittedOffset[]): void {
    const owned = offsets.filter(
      (offset) => offset.topic === this.#topic && this.#owners[offset.partition] === member,
    );
    if (owned.length > 0) this.#store.commit(this.#groupId, owned);
  }

  rewind(member: GroupMember, partitions: readonly number[]): void {
    for (const partition of partitions) {
      if (this.#owners[partition] === member) this.#positions[partition] = undefined;
    }
  }

  lag(member: GroupMember): readonly PartitionLag[] {
    const lags: PartitionLag[] = [];
    for (let partition = 0; partition < this.#owners.length; partition++) {
      if (this.#owners[partition] !== member) continue;
      const next = this.#store.bounds(this.#topic, partition).next;
      lags.push({ topic: this.#topic, partition, records: Math.max(0, next - this.#committed(partition)) });
    }
    return lags;
  }

  #position(partition: number): number {
    const first = this.#store.bounds(this.#topic, partition).first;
    const position = this.#positions[partition] ?? this.#committed(partition);
    return Math.max(position, first);
  }

  #committed(partition: number): number {
    const first = this.#store.bounds(this.#topic, partition).first;
    return Math.max(this.#store.committed(this.#groupId, this.#topic, partition) ?? 0, first);
  }

  #assign(): void {
    const changed = new Set<GroupMember>();
    for (let partition = 0; partition < this.#owners.length; partition++) {
      const before = this.#owners[partition];
      const owner = this.#members[partition % Math.max(1, this.#members.length)];
      if (owner === before) continue;
      this.#owners[partition] = owner;
      this.#positions[partition] = undefined;
      if (owner !== undefined) changed.add(owner);
    }
    for (const member of changed) member.onAssigned();
  }
}
