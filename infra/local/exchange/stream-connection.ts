import { WebSocket } from 'ws';
import type { Clock, Timer } from '../../../shared/clock.ts';
import type { Micros, Millis } from '../../../shared/units.ts';
import type { TimeUnit } from '../market/binance-json.ts';
import type { ExchangeLimits } from './exchange-limits.ts';
import type { ConnectionFaults } from './fault-schedule.ts';
import type { FrameFaults } from './frame-faults.ts';
import { RateWindow } from './rate-window.ts';
import type { StreamPath } from './stream-path.ts';
import { answerStreamRequest, type Subscriptions } from './stream-request.ts';

/** What a connection needs beside its socket. */
export interface StreamConnectionDeps {
  readonly clock: Clock;
  readonly limits: ExchangeLimits;
  /** The faults of its messages and of itself; undefined where there are none. */
  readonly frameFaults: FrameFaults | undefined;
  readonly faults: ConnectionFaults | undefined;
  /** Whether faults still happen. */
  faultsActive(): boolean;
  /** Told when its streams change, and when it ends. */
  onChange(): void;
}

/** One client's connection: its subscriptions, its pings, its limits, its end. */
export class StreamConnection {
  readonly unit: TimeUnit;
  readonly #socket: WebSocket;
  readonly #deps: StreamConnectionDeps;
  readonly #incoming: RateWindow;
  readonly #beganUs: Micros;
  readonly #timers = new Set<Timer>();
  readonly #pings = new Map<string, Micros>();
  #now: Subscriptions;

  constructor(socket: WebSocket, path: StreamPath, deps: StreamConnectionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.unit = path.unit;
    this.#now = { streams: new Set(path.streams), combined: path.combined };
    this.#incoming = new RateWindow(deps.limits.messagesPerSecond, 1_000);
    this.#beganUs = deps.clock.nowUs();
    socket.on('message', (data) => this.#receive(() => this.#request(String(data))));
    socket.on('ping', () => this.#receive(() => {}));
    socket.on('pong', (data) => this.#receive(() => this.#ponged(data.toString())));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#ended());
    this.#schedule();
  }

  get streams(): ReadonlySet<string> {
    return this.#now.streams;
  }

  get combined(): boolean {
    return this.#now.combined;
  }

  /** Bytes that the client has not taken yet. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Sends a market message through the connection's faults; a client that does not read is dropped. */
  send(message: string): void {
    if (this.#silent()) return;
    const { frameFaults, limits } = this.#deps;
    const messages =
      frameFaults === undefined || !this.#deps.faultsActive() ? [message] : frameFaults.apply(message);
    for (const text of messages) this.#socket.send(text);
    if (this.#socket.bufferedAmount > limits.maxBufferedBytes) this.#socket.terminate();
  }

  /** Whether it can still be sent to. */
  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Says that the server is about to end, and ends. */
  shutDown(noticeMs: Millis): void {
    const data = `{"e":"serverShutdown","E":${Math.floor(this.#deps.clock.nowUs() / 1000)}}`;
    this.#socket.send(this.#now.combined ? `{"stream":"!serverShutdown","data":${data}}` : data);
    this.#after(noticeMs, () => this.#socket.close(1001, 'the server is going away'));
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.#socket.terminate();
  }

  #schedule(): void {
    const { limits, faults } = this.#deps;
    const lifeMs = limits.connectionLifeMs - limits.shutdownNoticeMs;
    this.#after(Math.max(0, lifeMs), () => this.shutDown(limits.shutdownNoticeMs));
    this.#after(limits.pingEveryMs, () => this.#ping());
    if (faults?.cutAfterMs !== undefined)
      this.#after(faults.cutAfterMs, () => this.#ifFaulty(() => this.cut()));
    if (faults?.shutdownAfterMs !== undefined) {
      const noticeMs = Math.min(2_000, limits.shutdownNoticeMs);
      this.#after(faults.shutdownAfterMs, () => this.#ifFaulty(() => this.shutDown(noticeMs)));
    }
  }

  #ifFaulty(act: () => void): void {
    if (this.#deps.faultsActive()) act();
  }

  #silent(): boolean {
    const { faults, clock } = this.#deps;
    if (faults?.silentFromMs === undefined || faults.silentToMs === undefined) return false;
    const ageMs = (clock.nowUs() - this.#beganUs) / 1000;
    return ageMs >= faults.silentFromMs && ageMs < faults.silentToMs && this.#deps.faultsActive();
  }

  #ping(): void {
    const nowUs = this.#deps.clock.nowUs();
    const payload = String(Math.floor(nowUs / 1000));
    this.#pings.set(payload, nowUs);
    this.#socket.ping(payload);
    this.#after(this.#deps.limits.pongWithinMs, () => {
      if (this.#pings.has(payload)) this.#socket.terminate();
    });
    this.#after(this.#deps.limits.pingEveryMs, () => this.#ping());
  }

  /** Only the payload of a ping answers it; it answers the ones before it too. */
  #ponged(payload: string): void {
    const sentUs = this.#pings.get(payload);
    if (sentUs === undefined) return;
    for (const [other, otherUs] of this.#pings) if (otherUs <= sentUs) this.#pings.delete(other);
  }

  #receive(act: () => void): void {
    if (this.#incoming.take(this.#deps.clock.nowUs())) act();
    else this.#socket.close(1008, 'Too many requests');
  }

  #request(message: string): void {
    const { reply, next } = answerStreamRequest(message, this.#now, this.#deps.limits.streamsPerConnection);
    this.#socket.send(reply);
    if (next === this.#now) return;
    this.#now = next;
    this.#deps.onChange();
  }

  #after(delayMs: Millis, task: () => void): void {
    const timer = this.#deps.clock.after(delayMs, () => {
      this.#timers.delete(timer);
      if (this.#socket.readyState === WebSocket.OPEN) task();
    });
    this.#timers.add(timer);
  }

  #ended(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#now = { ...this.#now, streams: new Set() };
    this.#deps.onChange();
  }
}
