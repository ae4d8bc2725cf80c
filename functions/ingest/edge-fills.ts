import { type Decimal, formatUnits, unitsAt } from '../../shared/decimal.ts';
import type { Gap } from '../../shared/ledger/gap.ts';

/** Trades kept before a gap, and after it: an aggregate of more fills than this is rare. */
const KEPT = 64;

interface Edge {
  readonly quantities: Map<number, Decimal>;
  room: number;
}

/**
 * The quantities of the trades at both edges of the open gaps of a symbol: an aggregate that overlaps trades that
 * were seen can then be delivered as its remainder.
 */
export class EdgeFills {
  readonly #recent: { id: number; quantity: Decimal }[] = [];
  #next = 0;
  readonly #edges = new Map<Gap, Edge>();

  /** Takes note of a trade in the order of arrival. */
  note(id: number, quantity: Decimal): void {
    const slot = this.#recent[this.#next];
    if (slot === undefined) this.#recent.push({ id, quantity });
    else {
      slot.id = id;
      slot.quantity = quantity;
    }
    this.#next = (this.#next + 1) % KEPT;
    if (this.#edges.size === 0) return;
    for (const [gap, edge] of this.#edges)
      if (gap.state === 'filled') this.#edges.delete(gap);
      else if (edge.room > 0) {
        edge.room -= 1;
        edge.quantities.set(id, quantity);
      }
  }

  /** A gap was found: what came before it is kept, and what comes next. */
  open(gap: Gap): void {
    const quantities = new Map(this.#recent.map(({ id, quantity }) => [id, quantity] as const));
    this.#edges.set(gap, { quantities, room: KEPT });
  }

  close(gap: Gap): void {
    this.#edges.delete(gap);
  }

  /** The quantity of a trade at an edge of any open gap; undefined where it is not at hand. */
  quantityOf(id: number): Decimal | undefined {
    for (const { quantities } of this.#edges.values()) {
      const quantity = quantities.get(id);
      if (quantity !== undefined) return quantity;
    }
    return undefined;
  }
}

/**
 * What is left of an aggregate's quantity once the fills that were seen are taken off, as plain decimal text;
 * undefined where one of them is not at hand, or where nothing would be left.
 */
export function remainderQuantity(
  whole: Decimal,
  seenIds: readonly number[],
  fills: Pick<EdgeFills, 'quantityOf'>,
): string | undefined {
  const quantities: Decimal[] = [];
  for (const id of seenIds) {
    const quantity = fills.quantityOf(id);
    if (quantity === undefined) return undefined;
    quantities.push(quantity);
  }
  const scale = Math.max(whole.scale, ...quantities.map((quantity) => quantity.scale));
  let left = unitsAt(whole, scale);
  for (const quantity of quantities) left -= unitsAt(quantity, scale);
  return left > 0n ? formatUnits(left, scale) : undefined;
}
