import type { Clock } from '../../../shared/clock.ts';
import type { Settings } from '../../../shared/settings/settings.ts';
import { type Exchange, startExchange } from '../exchange/exchange.ts';
import { SimulatedSource } from '../exchange/simulated-source.ts';
import { SimulatedMarket } from '../market/simulated-market.ts';

/** A local exchange, and the settings that point ingest at it. */
export interface SimulatedExchange {
  readonly exchange: Exchange;
  readonly settings: Settings;
}

/** Serves the simulated market of a seed on loopback: ingest runs against it as against Binance. */
export async function startSimulatedExchange(
  settings: Settings,
  seed: number,
  clock: Clock,
): Promise<SimulatedExchange> {
  const market = new SimulatedSource(new SimulatedMarket(seed), clock);
  const exchange = await startExchange({ market, clock });
  return {
    exchange,
    settings: Object.freeze({ ...settings, streamUrl: exchange.streamUrl, restUrl: exchange.restUrl }),
  };
}
