declare module 'dynalite' {
  import type { Server } from 'node:http';
  /** DynamoDB's protocol in this process. */
  export default function dynalite(options?: { readonly createTableMs?: number }): Server;
}
