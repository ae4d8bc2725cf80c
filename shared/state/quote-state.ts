import { CodedError } from '../coded-error.ts';
import type { QuoteSignals, QuoteSignalsState } from '../signals/quote-signals.ts';
import type { MarketSymbol, Micros } from '../units.ts';
import { QuoteWindows } from '../window/quote-windows.ts';
import { SpreadWindow } from '../window/spread-window.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** The format of the hot item's bytes; a reader knows this one and all before it. */
export const QUOTE_STATE_FORMAT = 2;

/** The state of a symbol's quote windows as bytes. */
export function writeQuoteState(quotes: QuoteWindows): Buffer {
  const to = new ByteWriter();
  to.byte(QUOTE_STATE_FORMAT);
  to.unsigned(quotes.epoch);
  to.unsigned(quotes.sequence);
  to.unsigned(quotes.lastUpdateId + 1);
  to.unsigned(quotes.maxReceivedUs + 1);
  to.unsigned(quotes.lastQuoteUs + 1);
  to.unsigned(quotes.lastBeganUs + 1);
  to.unsigned(Math.max(0, quotes.openIndex));
  let before = 0;
  const windows = [...quotes.windows.values()].sort((a, b) => a.index - b.index);
  to.list(windows, (window) => {
    to.unsigned(window.index - before);
    before = window.index;
    writeWindow(window, to);
  });
  to.text(quotes.signals === null ? '' : JSON.stringify(quotes.signals.toState()));
  return to.finish();
}

/** The state back from its bytes. Fails with `STATE_FORMAT` where a newer program wrote them. */
export function readQuoteState(
  symbol: MarketSymbol,
  delayUs: Micros,
  bytes: Uint8Array,
  signals: QuoteSignals | null = null,
): QuoteWindows {
  const from = new ByteReader(bytes);
  const format = from.byte();
  if (format < 1 || format > QUOTE_STATE_FORMAT) {
    throw new CodedError(
      'STATE_FORMAT',
      `The quote state of ${symbol} has format ${format}; this program reads up to ${QUOTE_STATE_FORMAT}. Deploy the newer version again.`,
      { data: { symbol, format } },
    );
  }
  const quotes = new QuoteWindows(symbol, delayUs, from.unsigned(), signals);
  quotes.sequence = from.unsigned();
  quotes.lastUpdateId = from.unsigned() - 1;
  quotes.maxReceivedUs = from.unsigned() - 1;
  // The first format kept neither: what a tick tells as an interruption is then taken for one.
  if (format >= 2) {
    quotes.lastQuoteUs = from.unsigned() - 1;
    quotes.lastBeganUs = from.unsigned() - 1;
  }
  quotes.openIndex = from.unsigned();
  let index = 0;
  from.list(() => {
    index += from.unsigned();
    quotes.restore(readWindow(index, from));
  });
  const judged = from.text();
  // Written by `toState` of the same format version, which guards its shape.
  if (judged !== '') signals?.fromState(JSON.parse(judged) as QuoteSignalsState);
  return quotes;
}

function writeWindow(window: SpreadWindow, to: ByteWriter): void {
  to.unsigned(window.sequence);
  to.unsigned((window.beganUs ?? -1) + 1);
  to.unsigned((window.endedUs ?? -1) + 1);
  to.unsigned(window.count);
  if (window.count === 0) return;
  to.byte(window.scale);
  to.unsigned(window.lastUpdateId);
  to.unsigned(window.lastBid);
  to.unsigned(window.lastAsk);
  to.unsigned(window.minSpread);
  to.unsigned(window.maxSpread);
  to.unsigned(window.spreadSum.value());
  to.unsigned(window.minBps);
  to.unsigned(window.maxBps);
  to.unsigned(window.bpsSum.value());
}

function readWindow(index: number, from: ByteReader): SpreadWindow {
  const window = new SpreadWindow(index);
  window.sequence = from.unsigned();
  window.beganUs = optional(from.unsigned());
  window.endedUs = optional(from.unsigned());
  window.count = from.unsigned();
  if (window.count === 0) return window;
  window.scale = from.byte();
  window.lastUpdateId = from.unsigned();
  window.lastBid = from.units();
  window.lastAsk = from.units();
  window.minSpread = from.units();
  window.maxSpread = from.units();
  window.spreadSum.set(BigInt(from.units()));
  window.minBps = from.unsigned();
  window.maxBps = from.unsigned();
  window.bpsSum.set(BigInt(from.units()));
  return window;
}

function optional(shifted: number): number | null {
  return shifted === 0 ? null : shifted - 1;
}
