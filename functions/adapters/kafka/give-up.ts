/**
 * Disconnects a client that is given up. What kafkajs says to that is of no use: the connection is gone either way,
 * the reason why it was given up is told by whoever does so, and a new client takes its place or nobody wants one.
 */
export async function giveUp(
  client: { disconnect(): Promise<void> } | Promise<{ disconnect(): Promise<void> }> | undefined,
): Promise<void> {
  try {
    await (await client)?.disconnect();
  } catch {
    // See above.
  }
}
