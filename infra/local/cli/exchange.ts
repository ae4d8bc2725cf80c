import { parseArgs } from 'node:util';
import { CodedError } from '../../../shared/coded-error.ts';
import { type Exchange, startExchange } from '../exchange/exchange.ts';
import { FaultSchedule } from '../exchange/fault-schedule.ts';
import type { MarketSource } from '../exchange/market-source.ts';
import { RecordedSource } from '../exchange/recorded-source.ts';
import { SimulatedSource } from '../exchange/simulated-source.ts';
import { SimulatedMarket } from '../market/simulated-market.ts';
import { openRecording } from '../recordings/recording.ts';
import { systemClock } from '../system-clock.ts';

const HELP = `Usage: npm run exchange -- [options]

Serves a market on 127.0.0.1 by Binance's WebSocket and REST protocols.

  --port P             port; 0 is any free one (default 9443)
  --seed S             seed of the simulated market (default 1)
  --symbols A,B        symbols to trade, or of the recording (default all)
  --recording PATH     serve this recording instead; may be given several times
  --speed N|max        how many times as fast a recording is served (default 1)
  --faults SEED        cut, drop, double, swap and malform on the schedule of this seed
  --help               this text
`;

interface Settings {
  readonly port: number;
  readonly seed: number;
  readonly symbols: readonly string[] | undefined;
  readonly recording: readonly string[];
  readonly speed: number | 'max';
  readonly faults: FaultSchedule | undefined;
}

function readSettings(args: readonly string[]): Settings | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '9443' },
      seed: { type: 'string', default: '1' },
      symbols: { type: 'string' },
      recording: { type: 'string', multiple: true, default: [] },
      speed: { type: 'string', default: '1' },
      faults: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const recording = [...values.recording, ...positionals];
  if (positionals.length > 0 && values.recording.length === 0) {
    throw badSetting('PATH', positionals.join(' '), 'paths only after --recording');
  }
  return {
    port: wholeNumber('--port', values.port, 65_535),
    seed: wholeNumber('--seed', values.seed, Number.MAX_SAFE_INTEGER),
    symbols: values.symbols?.split(',').map((symbol) => symbol.trim().toUpperCase()),
    recording,
    speed: values.speed === 'max' ? 'max' : factor(values.speed),
    faults:
      values.faults === undefined
        ? undefined
        : new FaultSchedule(wholeNumber('--faults', values.faults, Number.MAX_SAFE_INTEGER)),
  };
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw badSetting(name, text, `a whole number from 0 to ${max}`);
}

function factor(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw badSetting('--speed', text, 'a number above 0, or max');
}

function badSetting(name: string, text: string, allowed: string): CodedError {
  return new CodedError('BAD_SETTING', `${name} is ${JSON.stringify(text)}; allowed is ${allowed}.`);
}

async function openMarket(settings: Settings): Promise<MarketSource> {
  const { seed, symbols, speed } = settings;
  if (settings.recording.length === 0) {
    return new SimulatedSource(new SimulatedMarket(seed, symbols), systemClock);
  }
  const recording = await openRecording(settings.recording, symbols === undefined ? {} : { symbols });
  for (const warning of recording.warnings) console.error(`warning: ${warning}`);
  return RecordedSource.open(recording, systemClock, { speed });
}

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2));
  if (settings === undefined) {
    console.log(HELP);
    return;
  }
  const market = await openMarket(settings);
  const { port, faults } = settings;
  const exchange: Exchange = await startExchange({ market, clock: systemClock, port, faults });
  const symbols = market.symbols.map(({ symbol }) => symbol);
  const what =
    settings.recording.length === 0
      ? `the simulated market of seed ${settings.seed}`
      : settings.recording.join(', ');
  console.log(
    `Serving ${what}: ${symbols.length} symbols (${symbols.slice(0, 8).join(', ')}${symbols.length > 8 ? ', …' : ''}).`,
  );
  console.log(`  streams  ${exchange.streamUrl}/stream?streams=${(symbols[0] ?? '').toLowerCase()}@trade`);
  console.log(`  REST     ${exchange.restUrl}/api/v3/time`);
  console.log('Point a monitor at it:');
  console.log(
    `  BINANCE_STREAM_URL=${exchange.streamUrl} BINANCE_REST_URL=${exchange.restUrl} SYMBOLS=${symbols.slice(0, 3).join(',')} npm start -- --live`,
  );
  for (const line of faults?.describe() ?? []) console.log(line);
  console.log('End it with Ctrl+C.');
  void exchange.finished.then(() => console.log('The recording has been served to its end.'));
  const end = (): void => void exchange.close().then(() => process.exit(0));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
