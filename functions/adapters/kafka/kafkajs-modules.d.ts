/** Parts of kafkajs 2.2.4 (pinned) that are not in its types; used in `kafkajs-internals.ts` alone. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  }
}
