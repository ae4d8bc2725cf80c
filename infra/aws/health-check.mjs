// Asks ingest in the same container whether it lives and has ever been connected; ends with 0 or 1, as ECS and Docker
// want it. A release that cannot connect never becomes healthy, so that ECS takes it back; one that has been connected
// stays healthy through every outage of the exchange, because starting anew would mend nothing.
const port = process.env.HEALTH_PORT || '8080';
const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
const status = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
process.exit(status?.ws_opened === true ? 0 : 1);
