import { type Incident, NO_INCIDENT } from '../../../functions/notify/incident.ts';
import type { Mute } from '../../../functions/notify/mute.ts';
import type { IncidentStore } from '../../../functions/notify/ports.ts';

/** The incident store in memory; one contract test holds it and the DynamoDB table to the same behaviour. */
export class MemoryIncidents implements IncidentStore {
  readonly #items = new Map<string, { readonly text: string; readonly version: number }>();
  #mutes = '[]';

  async read(channel: string): Promise<{ readonly incident: Incident; readonly version: number }> {
    const item = this.#items.get(channel);
    if (item === undefined) return { incident: NO_INCIDENT, version: 0 };
    return { incident: JSON.parse(item.text), version: item.version };
  }

  async save(channel: string, incident: Incident, version: number): Promise<boolean> {
    if ((this.#items.get(channel)?.version ?? 0) !== version) return false;
    this.#items.set(channel, { text: JSON.stringify(incident), version: version + 1 });
    return true;
  }

  async readMutes(): Promise<readonly Mute[]> {
    return JSON.parse(this.#mutes);
  }

  async saveMutes(mutes: readonly Mute[]): Promise<void> {
    this.#mutes = JSON.stringify(mutes);
  }
}
