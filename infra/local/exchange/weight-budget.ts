import { MINUTE_US, type Micros, SECOND_US } from '../../../shared/units.ts';
import type { ExchangeLimits } from './exchange-limits.ts';

/** Whether a request may be answered. `used` is the weight of this minute, this request's included. */
export type WeightVerdict =
  | { readonly kind: 'allowed'; readonly used: number }
  | { readonly kind: 'too-many'; readonly used: number; readonly retryAfterS: number }
  | {
      readonly kind: 'banned';
      readonly used: number;
      readonly retryAfterS: number;
      readonly untilUs: Micros;
    };

interface Account {
  minute: number;
  used: number;
  refusals: number;
  bannedUntilUs: Micros;
}

/** Counts the request weight of each address by the clock's minute, and bans those that go on after a refusal. */
export class WeightBudget {
  readonly #limits: ExchangeLimits;
  readonly #accounts = new Map<string, Account>();

  constructor(limits: ExchangeLimits) {
    this.#limits = limits;
  }

  /** Takes a request's weight from the address's budget. */
  take(address: string, weight: number, nowUs: Micros): WeightVerdict {
    const account = this.#accounts.get(address) ?? { minute: 0, used: 0, refusals: 0, bannedUntilUs: 0 };
    this.#accounts.set(address, account);
    const minute = Math.floor(nowUs / MINUTE_US);
    if (account.minute !== minute) Object.assign(account, { minute, used: 0, refusals: 0 });
    if (nowUs < account.bannedUntilUs) return this.#banned(account, nowUs);
    account.used += weight;
    const { used } = account;
    if (used <= this.#limits.weightPerMinute) return { kind: 'allowed', used };
    account.refusals += 1;
    if (account.refusals > this.#limits.refusalsBeforeBan) {
      account.bannedUntilUs = nowUs + this.#limits.banMs * 1000;
      return this.#banned(account, nowUs);
    }
    return { kind: 'too-many', used, retryAfterS: secondsUntil((minute + 1) * MINUTE_US, nowUs) };
  }

  #banned(account: Account, nowUs: Micros): WeightVerdict {
    const { used, bannedUntilUs } = account;
    return { kind: 'banned', used, retryAfterS: secondsUntil(bannedUntilUs, nowUs), untilUs: bannedUntilUs };
  }
}

function secondsUntil(untilUs: Micros, nowUs: Micros): number {
  return Math.max(1, Math.ceil((untilUs - nowUs) / SECOND_US));
}
