import { WebSocketServer } from 'ws';

/**
 * The sending side of the ingest benchmark, in a process of its own: a WebSocket server on loopback that sends
 * trade and quote frames of ten symbols at a rate (0: as fast as the receiver takes them). Prints its port.
 */
const rate = Number(process.argv[2] ?? '0');
const frames = Number(process.argv[3] ?? '100000');
const SYMBOLS = Array.from({ length: 10 }, (_, at) => `COIN${at}USDT`);
const HIGH_WATER = 1_000_000;

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('listening', () => {
  const at = server.address();
  process.stdout.write(`${typeof at === 'object' && at !== null ? at.port : 0}\n`);
});
server.on('connection', (socket) => {
  let sent = 0;
  const startMs = performance.now();
  const pump = (): void => {
    const due =
      rate === 0 ? frames : Math.min(frames, Math.ceil(((performance.now() - startMs) / 1_000) * rate));
    while (sent < due && socket.bufferedAmount < HIGH_WATER) {
      socket.send(frame(sent), { binary: false });
      sent += 1;
    }
    if (sent < frames) setTimeout(pump, rate === 0 ? 0 : 1);
    else
      process.stderr.write(
        `${JSON.stringify({ generatorCpuUs: process.cpuUsage().user + process.cpuUsage().system })}\n`,
      );
  };
  pump();
});
process.on('SIGTERM', () => process.exit(0));

/** Microseconds stand in `E`, so that the receiver can tell the latency. */
function frame(number: number): string {
  const symbol = SYMBOLS[number % SYMBOLS.length] ?? '';
  const at = Math.round((performance.timeOrigin + performance.now()) * 1_000);
  return `{"stream":"${symbol.toLowerCase()}@trade","data":{"e":"trade","E":${at},"s":"${symbol}","t":${Math.floor(number / SYMBOLS.length) + 1},"p":"61837.63000000","q":"0.02000000","T":${at},"m":true,"M":true}}`;
}
