import type { Decimal } from '../decimal.ts';
import { smallest } from '../decimal.ts';
import type { KlineFigures } from '../events/kline.ts';
import type { Figures, Units } from '../window/figures.ts';
import { Pane, type RevisionReason, type Witness } from '../window/pane.ts';
import { AMOUNTS } from '../window/same-kline.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

const FLAG = { repaired: 1, byAggregate: 2, provenance: 4, witness: 8, asked: 16, scatteredIds: 32 } as const;
const REASONS: readonly RevisionReason[] = ['late', 'repair', 'gap', 'rebuild'];
const SUMS = [
  'volume',
  'quoteVolume',
  'takerBuyVolume',
  'takerBuyQuoteVolume',
  'priceSum',
  'priceSquares',
] as const satisfies readonly (keyof Figures)[];

/** Writes a pane whole, its index aside: about 70 bytes for a busy pane that nothing happened to. */
export function writePane(pane: Pane, to: ByteWriter): void {
  const { figures } = pane;
  const scattered = pane.ids.rangeCount > 1;
  const hasProvenance =
    pane.late.length > 0 ||
    pane.gapMarks.length > 0 ||
    pane.toldGaps.length > 0 ||
    pane.gaps > 0 ||
    pane.beganUs !== null ||
    pane.endedUs !== null;
  to.byte(
    (pane.repaired ? FLAG.repaired : 0) |
      (pane.repairedByAggregate ? FLAG.byAggregate : 0) |
      (hasProvenance ? FLAG.provenance : 0) |
      (pane.witness !== null ? FLAG.witness : 0) |
      (pane.asked ? FLAG.asked : 0) |
      (scattered ? FLAG.scatteredIds : 0),
  );
  to.unsigned(pane.sequence);
  to.unsigned(figures.count);
  if (figures.count > 0) {
    writeFigures(figures, to);
    to.unsigned(pane.whales);
  }
  if (scattered) {
    to.list(pane.ids.ranges(), ({ from, to: last }) => {
      to.unsigned(from);
      to.unsigned(last - from);
    });
  }
  if (hasProvenance) writeProvenance(pane, to);
  if (pane.witness !== null) writeWitness(pane.witness, to);
}

/** Reads the pane `index` back. */
export function readPane(index: number, from: ByteReader): Pane {
  const pane = new Pane(index);
  const flags = from.byte();
  pane.repaired = (flags & FLAG.repaired) !== 0;
  pane.repairedByAggregate = (flags & FLAG.byAggregate) !== 0;
  pane.asked = (flags & FLAG.asked) !== 0;
  pane.sequence = from.unsigned();
  const count = from.unsigned();
  if (count > 0) {
    readFigures(count, pane.figures, from);
    pane.whales = from.unsigned();
  }
  if ((flags & FLAG.scatteredIds) !== 0) {
    from.list(() => {
      const first = from.unsigned();
      pane.ids.addRange(first, first + from.unsigned());
    });
  } else if (count > 0) {
    pane.ids.addRange(pane.figures.firstId, pane.figures.lastId);
  }
  if ((flags & FLAG.provenance) !== 0) readProvenance(pane, from);
  if ((flags & FLAG.witness) !== 0) pane.witness = readWitness(from);
  return pane;
}

function writeFigures(figures: Figures, to: ByteWriter): void {
  to.byte(figures.priceScale);
  to.byte(figures.quantityScale);
  to.unsigned(figures.firstId);
  to.unsigned(figures.lastId - figures.firstId);
  to.unsigned(figures.low);
  for (const price of [figures.open, figures.high, figures.close]) to.unsigned(minus(price, figures.low));
  to.unsigned(figures.largest);
  for (const name of SUMS) to.unsigned(figures[name].safeValue() ?? figures[name].value());
}

function readFigures(count: number, figures: Figures, from: ByteReader): void {
  figures.count = count;
  figures.priceScale = from.byte();
  figures.quantityScale = from.byte();
  figures.firstId = from.unsigned();
  figures.lastId = figures.firstId + from.unsigned();
  figures.low = from.units();
  figures.open = plus(figures.low, from.units());
  figures.high = plus(figures.low, from.units());
  figures.close = plus(figures.low, from.units());
  figures.largest = from.units();
  for (const name of SUMS) figures[name].set(BigInt(from.units()));
}

function writeProvenance(pane: Pane, to: ByteWriter): void {
  to.list(pane.late, (entry) => {
    to.signed(entry.openPane - pane.index);
    to.unsigned(entry.count);
    to.unsigned(entry.sequence);
    to.byte(REASONS.indexOf(entry.reason));
  });
  to.list(pane.gapMarks, (mark) => {
    to.signed(mark.openPane - pane.index);
    to.unsigned(mark.sequence);
    to.byte(REASONS.indexOf(mark.reason));
  });
  to.list(pane.toldGaps, (gap) => {
    to.unsigned(gap.from);
    to.unsigned(gap.to - gap.from);
    to.signed(gap.afterPane - pane.index);
    to.byte(gap.told);
  });
  to.unsigned(pane.gaps);
  to.unsigned((pane.beganUs ?? -1) + 1);
  to.unsigned((pane.endedUs ?? -1) + 1);
}

function readProvenance(pane: Pane, from: ByteReader): void {
  const reason = (): RevisionReason => REASONS[from.byte()] ?? 'late';
  pane.late.push(
    ...from.list(() => ({
      openPane: pane.index + from.signed(),
      count: from.unsigned(),
      sequence: from.unsigned(),
      reason: reason(),
    })),
  );
  pane.gapMarks.push(
    ...from.list(() => ({
      openPane: pane.index + from.signed(),
      sequence: from.unsigned(),
      reason: reason(),
    })),
  );
  pane.toldGaps.push(
    ...from.list(() => {
      const first = from.unsigned();
      const to = first + from.unsigned();
      return { from: first, to, afterPane: pane.index + from.signed(), told: from.byte() };
    }),
  );
  pane.gaps = from.unsigned();
  pane.beganUs = optional(from.unsigned());
  pane.endedUs = optional(from.unsigned());
}

function writeWitness(witness: Witness, to: ByteWriter): void {
  const { figures } = witness;
  to.byte(witness.confirmed ? 1 : 0);
  to.unsigned(figures.tradeCount);
  to.signed(figures.firstTradeId ?? -2);
  to.signed(figures.lastTradeId ?? -2);
  for (const name of AMOUNTS) {
    to.byte(figures[name].scale);
    to.unsigned(figures[name].units);
  }
}

function readWitness(from: ByteReader): Witness {
  const confirmed = from.byte() === 1;
  const tradeCount = from.unsigned();
  const id = (): number | null => {
    const value = from.signed();
    return value === -2 ? null : value;
  };
  const firstTradeId = id();
  const lastTradeId = id();
  const decimal = (): Decimal => {
    const scale = from.byte();
    return { scale, units: from.units() };
  };
  const figures: KlineFigures = {
    tradeCount,
    firstTradeId,
    lastTradeId,
    open: decimal(),
    high: decimal(),
    low: decimal(),
    close: decimal(),
    volume: decimal(),
    quoteVolume: decimal(),
    takerBuyVolume: decimal(),
    takerBuyQuoteVolume: decimal(),
  };
  return { figures, confirmed };
}

function optional(shifted: number): number | null {
  return shifted === 0 ? null : shifted - 1;
}

function minus(a: Units, b: Units): Units {
  return typeof a === 'number' && typeof b === 'number' ? a - b : smallest(BigInt(a) - BigInt(b));
}

function plus(a: Units, b: Units): Units {
  const sum = Number(a) + Number(b);
  return sum <= Number.MAX_SAFE_INTEGER ? sum : smallest(BigInt(a) + BigInt(b));
}
