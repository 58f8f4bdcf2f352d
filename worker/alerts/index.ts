export { type AlertConfig, AlertEnvSchema } from "./config.ts";
export { createLook } from "./look.ts";
export { createAlertMetrics } from "./metrics.ts";
export { type AlertState, NO_ALERTS, readState } from "./outbox.ts";
export { type AlertMemory, alertRound, ROUND_MS } from "./rounds.ts";
export { createWebhook } from "./webhook.ts";
