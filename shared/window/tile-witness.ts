import type { AggTrade } from '../events/agg-trade.ts';

/** Checks that consecutive aggregates tile the trade ids: each begins where the one before it ended. */
export class TileWitness {
  lastAggregateId = -1;
  lastTradeId = -1;
  /** Aggregates that did not begin where they should have, since {@link takeMismatches}. */
  #mismatches = 0;

  note(aggregate: AggTrade): void {
    if (aggregate.aggTradeId <= this.lastAggregateId) return;
    const follows = aggregate.aggTradeId === this.lastAggregateId + 1;
    if (follows && aggregate.firstTradeId !== this.lastTradeId + 1) this.#mismatches += 1;
    this.lastAggregateId = aggregate.aggTradeId;
    this.lastTradeId = aggregate.lastTradeId;
  }

  takeMismatches(): number {
    const taken = this.#mismatches;
    this.#mismatches = 0;
    return taken;
  }
}
