import { REFUSED, refusal } from "./error.js";

/** Refuses an option that is none, or is of a type that it can't have, by its name and for free. */
export function requireOptions(options: object, types: Record<string, string>): void {
  const refuse = (problem: string, cause?: unknown) =>
    refusal("invalid_options", `${REFUSED} ${problem}`, { cause });
  let entries: [string, any][];
  try {
    entries = Object.entries(options);
  } catch (cause) {
    throw refuse("They are not a readable object.", cause);
  }
  for (const [name, value] of entries) {
    if (!Object.hasOwn(types, name)) throw refuse(`Unknown option: ${name.slice(0, 40)}.`);
    const listens = typeof value?.addEventListener === "function" && typeof value.removeEventListener === "function";
    const type = listens ? "AbortSignal" : value === null ? "null" : typeof value;
    if (value !== undefined && !types[name]!.split(" or ").includes(type)) throw refuse(`${name} must be of type ${types[name]}.`);
  }
}
