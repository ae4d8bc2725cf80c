import type { IdRanges } from '../../shared/id-ranges.ts';
import { type EdgeFills, remainderQuantity } from './edge-fills.ts';
import type { RepairedRecord } from './trade-repair.ts';

/**
 * The part of a repaired record whose trades were not seen. A single trade is taken whole or not at all. Of an
 * aggregate that overlaps seen trades the remainder is made: the unseen ids, the quantity less the seen fills, the
 * same price. Undefined where nothing is unseen, where the unseen ids are not in one piece, or where the seen fills
 * are not at hand: then the ids stay a told gap.
 */
export function unseenPart(
  record: RepairedRecord,
  seen: IdRanges,
  fills: Pick<EdgeFills, 'quantityOf'>,
): RepairedRecord | undefined {
  const [missing, ...more] = seen.missingWithin(record.from, record.to);
  if (missing === undefined) return undefined;
  if (missing.from === record.from && missing.to === record.to) return record;
  if (record.quantity === undefined || more.length > 0) return undefined;
  const seenIds: number[] = [];
  for (let id = record.from; id <= record.to; id += 1)
    if (id < missing.from || id > missing.to) seenIds.push(id);
  const quantity = remainderQuantity(record.quantity, seenIds, fills);
  if (quantity === undefined) return undefined;
  const fields: unknown = JSON.parse(record.bytes.toString('utf8'));
  const remainder = { ...(fields as object), q: quantity, f: missing.from, l: missing.to };
  return {
    from: missing.from,
    to: missing.to,
    tradeTimeUs: record.tradeTimeUs,
    bytes: Buffer.from(JSON.stringify(remainder)),
  };
}
