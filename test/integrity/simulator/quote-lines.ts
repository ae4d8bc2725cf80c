import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import type { SimProcess } from './sim-process.ts';

/** A quote that an ingestor was given as it was meant, by the ingestor's own clock. */
export interface QuoteDelivery {
  readonly symbol: MarketSymbol;
  readonly receivedUs: Micros;
}

/** The life of a quotes socket, as the exchange saw it. */
export interface QuoteLine {
  readonly process: SimProcess;
  readonly openedUs: Micros;
  /** When it was cut or its process killed; where the ingestor closed it, when the exchange found out. */
  closedUs: Micros;
  readonly answersPings: boolean;
  /** When its first frame came, in whatever shape; infinite where none did. */
  firstFrameUs: Micros;
  /** What came whole and in its place. */
  readonly deliveries: QuoteDelivery[];
}

/** Keeps what the exchange knows of every quotes socket, so that coverage can be judged without the log. */
export class QuoteLines {
  readonly all: QuoteLine[] = [];

  open(process: SimProcess, openedUs: Micros, answersPings: boolean): QuoteLine {
    const line: QuoteLine = {
      process,
      openedUs,
      closedUs: Number.POSITIVE_INFINITY,
      answersPings,
      firstFrameUs: Number.POSITIVE_INFINITY,
      deliveries: [],
    };
    this.all.push(line);
    return line;
  }

  /** A frame of a symbol was sent as these messages. */
  sent(line: QuoteLine, symbol: MarketSymbol, message: string, sent: readonly string[]): void {
    if (sent.length === 0) return;
    const receivedUs = line.process.clock.nowUs();
    line.firstFrameUs = Math.min(line.firstFrameUs, receivedUs);
    if (sent[0] === message) line.deliveries.push({ symbol, receivedUs });
  }
}

/** Notes the end of a socket; a second one changes nothing. */
export function closeLine(line: QuoteLine | undefined, nowUs: Micros): void {
  if (line !== undefined) line.closedUs = Math.min(line.closedUs, nowUs);
}
