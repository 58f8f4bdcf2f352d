import type * as v from "valibot";

/** Whether a value is one that a schema takes as it is. `false` may also mean that only the schema itself can tell. */
export type QuickCheck = (value: unknown) => boolean;

/** What this file has to know of a schema of valibot's, or of an action in its pipe. */
type Part = {
  readonly type: string;
  readonly requirement?: unknown;
  readonly pipe?: readonly Part[];
  readonly entries?: Readonly<Record<string, Part>>;
  readonly item?: Part;
  readonly wrapped?: Part;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
};

/**
 * The same checks as a schema's, bounds included, for values that nearly always pass: it makes no copy and no list of what is wrong, which
 * is most of what a schema costs. What it does not know it leaves to the schema.
 */
export const quickCheck = (schema: v.GenericSchema): QuickCheck => checkOf(schema as unknown as Part);

const NEVER: QuickCheck = () => false;

const checkOf = (schema: Part): QuickCheck => {
  const [base, actions] = schema.pipe ? [schema.pipe[0] ?? schema, schema.pipe.slice(1)] : [schema, []];
  switch (base.type) {
    case "number":
      return numberCheck(actions);
    case "string":
      return stringCheck(actions);
    case "array":
      return arrayCheck(base, actions);
    case "strict_object":
      return actions.length === 0 ? objectCheck(base.entries ?? {}) : NEVER;
    case "picklist":
    case "literal": {
      const taken = new Set(base.options ?? [base.literal]);
      return actions.length === 0 ? (value) => taken.has(value) : NEVER;
    }
    default:
      return NEVER;
  }
};

/** The requirement of each action by its type; null when there is one that is not among `known`. */
const requirements = (actions: readonly Part[], known: readonly string[]): ReadonlyMap<string, unknown> | null =>
  actions.every(({ type }) => type === "brand" || known.includes(type))
    ? new Map(actions.map(({ type, requirement }) => [type, requirement]))
    : null;

const numberCheck = (actions: readonly Part[]): QuickCheck => {
  const required = requirements(actions, ["integer", "min_value", "max_value"]);
  // Numbers that need not be whole could be endless or none at all: that is for the schema to say.
  if (!required?.has("integer")) return NEVER;
  const [least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY] = bounds(required, "value");
  return (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
};

const stringCheck = (actions: readonly Part[]): QuickCheck => {
  const required = requirements(actions, ["min_length", "max_length", "regex"]);
  if (required === null) return NEVER;
  const [least = 0, most = Number.POSITIVE_INFINITY] = bounds(required, "length");
  const regex = required.get("regex");
  const fits = (value: unknown): value is string =>
    typeof value === "string" && value.length >= least && value.length <= most;
  if (!(regex instanceof RegExp)) return fits;
  return regex.global || regex.sticky ? NEVER : (value) => fits(value) && regex.test(value);
};

const arrayCheck = ({ item }: Part, actions: readonly Part[]): QuickCheck => {
  const required = requirements(actions, ["min_length", "max_length"]);
  if (required === null || item === undefined) return NEVER;
  const [least = 0, most = Number.POSITIVE_INFINITY] = bounds(required, "length");
  const check = checkOf(item);
  return (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) return false;
    // `every` would pass over holes.
    for (const each of value) if (!check(each)) return false;
    return true;
  };
};

const bounds = (required: ReadonlyMap<string, unknown>, of: "length" | "value"): (number | undefined)[] =>
  [required.get(`min_${of}`), required.get(`max_${of}`)].map((bound) => bound as number | undefined);

const objectCheck = (entries: Readonly<Record<string, Part>>): QuickCheck => {
  const fields = Object.entries(entries).map(([name, part]) => ({
    name,
    optional: part.type === "optional",
    check: checkOf(part.type === "optional" ? (part.wrapped ?? part) : part),
  }));
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const given = value as Readonly<Record<string, unknown>>;
    let known = 0;
    for (const { name, optional, check } of fields) {
      const field = given[name];
      // A field that is there and undefined is a case for the schema.
      if (field === undefined && optional && !(name in given)) continue;
      if (!check(field)) return false;
      known += 1;
    }
    let all = 0;
    for (const _ in given) all += 1;
    return all === known;
  };
};
