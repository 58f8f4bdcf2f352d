import * as v from "valibot";
import { TrackerEnvSchema } from "../../tracker/config/index.ts";
import { AlertEnvSchema } from "../../worker/alerts/index.ts";
import { WorkerEnvSchema } from "../../worker/config.ts";
import { RedisEnvSchema, withSharedSecret } from "./redis.ts";
import { DATA_VARIABLES, SHELL_VARIABLES } from "./variables.ts";

/** Variables as text, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable's text; unset and empty both mean its default. */
const text = (name: keyof typeof SHELL_VARIABLES) =>
  v.pipe(
    v.optional(v.string(`${name}: expected a string`), ""),
    v.transform((given): string => given.trim() || SHELL_VARIABLES[name].default),
  );

const PORT_EXPECTED = "PORT: expected a whole number from 0 to 65535";
const LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;

const ShellEnvSchema = v.pipe(
  v.object({
    PORT: v.pipe(
      text("PORT"),
      v.regex(/^\d{1,5}$/, PORT_EXPECTED),
      v.transform(Number),
      v.maxValue(65_535, PORT_EXPECTED),
    ),
    HOST: v.pipe(text("HOST"), v.regex(/^[\w.:-]{1,253}$/, "HOST: expected an address or host name, such as 0.0.0.0")),
    LOG_LEVEL: v.pipe(text("LOG_LEVEL"), v.picklist(LEVELS, `LOG_LEVEL: expected one of ${LEVELS.join(", ")}`)),
  }),
  v.transform((env) => ({ port: env.PORT, host: env.HOST, logLevel: env.LOG_LEVEL })),
);

const DataEnvSchema = v.pipe(
  v.object({ DATA_DIR: v.optional(v.string("DATA_DIR: expected a string"), "") }),
  v.transform((env) => ({ folder: env.DATA_DIR.trim() || DATA_VARIABLES.DATA_DIR.default })),
);

const SCHEMAS = {
  shell: ShellEnvSchema,
  redis: RedisEnvSchema,
  tracker: TrackerEnvSchema,
  worker: WorkerEnvSchema,
  alerts: AlertEnvSchema,
  data: DataEnvSchema,
} as const;
type Schemas = typeof SCHEMAS;
export type Part = keyof Schemas;

/** What each of the chosen parts is told. */
export type Config<Parts extends Part> = { readonly [Name in Parts]: v.InferOutput<Schemas[Name]> };

export type ReadConfig<Parts extends Part> =
  | { readonly kind: "read"; readonly config: Config<Parts> }
  /** One line for each wrong variable, which it names together with what is expected. */
  | { readonly kind: "refused"; readonly lines: readonly string[] };

/** Reads the variables of these parts; all others are left alone. */
export function readConfig<Parts extends Part>(given: Environment, parts: readonly Parts[]): ReadConfig<Parts> {
  const env = withSharedSecret(given);
  const results = parts.map((part) => [part, v.safeParse(SCHEMAS[part], env)] as const);
  const lines = results.flatMap(([, result]) => firstIssueOfEach(result.issues ?? []));
  if (lines.length > 0) return { kind: "refused", lines };
  const entries = results.map(([part, result]) => [part, result.output] as const);
  // `fromEntries` forgets which key has which value; `results` was made key by key from SCHEMAS.
  return { kind: "read", config: Object.fromEntries(entries) as Config<Parts> };
}

type Issue = { readonly message: string; readonly path?: readonly { readonly key?: unknown }[] | undefined };

function firstIssueOfEach(issues: readonly Issue[]): readonly string[] {
  const byVariable = new Map<unknown, string>();
  for (const { message, path } of issues) {
    const variable = path?.[0]?.key;
    if (!byVariable.has(variable)) byVariable.set(variable, message.replaceAll("\n", " "));
  }
  return [...byVariable.values()];
}
