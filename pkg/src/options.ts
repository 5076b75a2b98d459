import { misuse } from "./error.js";

/** Refuses an option that is none, or is of a type that it can't have, by its name and for free. */
export function requireOptions(options: object, types: Record<string, string>): void {
  let entries: [string, any][];
  try {
    entries = Object.entries(options);
  } catch (cause) {
    throw misuse("They are not a readable object.", cause);
  }
  for (const [name, value] of entries) {
    if (!Object.hasOwn(types, name)) throw misuse(`Unknown option: ${name.slice(0, 40)}.`);
    const listens = typeof value?.addEventListener === "function" && typeof value.removeEventListener === "function";
    const type = listens ? "AbortSignal" : value === null ? "null" : typeof value;
    if (value !== undefined && !types[name]!.split(" or ").includes(type)) throw misuse(`${name} must be of type ${types[name]}.`);
  }
}
