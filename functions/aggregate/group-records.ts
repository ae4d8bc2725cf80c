import { recordKey } from '../../shared/log/event-records.ts';
import type { MSKEvent, MSKRecord } from '../../shared/log/kafka-event.ts';
import type { MarketSymbol } from '../../shared/units.ts';
import type { Effects } from './effects.ts';
import { refusedRecord } from './refused-record.ts';

/** The records of a batch that belong to one symbol and feed, in the log's order. */
export interface RecordGroup {
  /** The key of the feed's state, such as `trades#BTCUSDT`. */
  readonly key: string;
  readonly isQuotes: boolean;
  readonly symbol: MarketSymbol;
  readonly records: MSKRecord[];
}

/** Groups a batch by symbol and feed. A record without a key cannot be ordered and is refused. */
export function groupRecords(event: MSKEvent, quotesTopic: string, effects: Effects): readonly RecordGroup[] {
  const groups = new Map<string, RecordGroup>();
  for (const records of Object.values(event.records)) {
    let key: string | undefined;
    let group: RecordGroup | undefined;
    for (const record of records) {
      // Records of one symbol stand together more often than not: the key is then compared, not looked up.
      if (group === undefined || record.key !== key) {
        group = groupOf(record, quotesTopic, groups);
        key = record.key;
      }
      if (group === undefined) effects.refused.push(keylessRecord(record));
      else group.records.push(record);
    }
  }
  return [...groups.values()];
}

function groupOf(
  record: MSKRecord,
  quotesTopic: string,
  groups: Map<string, RecordGroup>,
): RecordGroup | undefined {
  const symbol = recordKey(record);
  if (symbol === null) return undefined;
  const isQuotes = record.topic === quotesTopic;
  const key = `${isQuotes ? 'quotes' : 'trades'}#${symbol}`;
  let group = groups.get(key);
  if (group === undefined) {
    group = { key, isQuotes, symbol, records: [] };
    groups.set(key, group);
  }
  return group;
}

function keylessRecord(record: MSKRecord): Effects['refused'][number] {
  const error = `A record of ${record.topic} has no key; its symbol and so its order are not known.`;
  const bytes = Buffer.from(record.value ?? '', 'base64');
  return {
    ...refusedRecord(record, { kind: 'refused', reason: 'SYMBOL_NOT_KEY', error }, '', bytes),
    key: null,
  };
}
