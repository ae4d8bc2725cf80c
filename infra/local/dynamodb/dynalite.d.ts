declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** DynamoDB's protocol in this process; in memory without a `path`. */
  export default function dynalite(options?: {
    readonly path?: string;
    readonly createTableMs?: number;
  }): Server;
}
