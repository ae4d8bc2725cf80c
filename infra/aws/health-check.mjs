// Asks ingest in the same container whether it lives; ends with 0 or 1, as ECS and Docker want it.
const port = process.env.HEALTH_PORT || '8080';
const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);
