import type { EnrichmentError as Shape, ErrorCode, Issue } from "./types.js";

/** What the core says of a failure: the fields of the error, and its cause where something was thrown. */
export type Failure = Omit<Shape, "name" | "stack">;

// Registered, so that every copy of the package in every realm knows the others' errors.
const BRAND = Symbol.for("phone-enrichment.EnrichmentError");

/** The one class of error that this package throws. */
export class EnrichmentError extends Error {
  declare readonly name: "EnrichmentError";
  declare readonly code: ErrorCode;

  constructor({ message, cause, responseText, ...fields }: Failure) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, fields);
    // A reply may hold personal data: neither a log nor a serialiser comes across it by accident.
    if (responseText !== undefined) Object.defineProperty(this, "responseText", { value: responseText });
  }
}
// On the prototype, and as text: a minifier renames the class.
Object.defineProperty(EnrichmentError.prototype, "name", { value: "EnrichmentError" });
Object.defineProperty(EnrichmentError.prototype, BRAND, { value: true });

export interface EnrichmentError extends Shape {}

/** What the message of `invalid_options` begins with. */
const REFUSED = "The options are not valid; nothing was sent.";

/** An error of a call that never became a lookup. */
export function refusal(code: ErrorCode, message: string, more?: { cause?: unknown; issues?: Issue[] }): EnrichmentError {
  return new EnrichmentError({ code, charge: "none", retryable: false, message, lookupId: "", ...more });
}

/** The error of an option, or of an argument, that can't work. */
export function misuse(problem: string, cause?: unknown): EnrichmentError {
  return refusal("invalid_options", `${REFUSED} ${problem}`, { cause });
}

/** The failure of a call under which the WebAssembly broke down: in doubt if anything of it was on the wire. */
export function broken(cause: unknown, sent?: boolean, lookupId = ""): Failure {
  return {
    code: "wasm_failed",
    charge: sent ? "possible" : "none",
    retryable: !sent,
    message: "WebAssembly broke down; see cause. Ask again: it starts anew, and pays for nobody twice.",
    lookupId,
    cause,
  };
}

/** Whether a caught value is an {@link EnrichmentError}, of whichever copy of the package and whichever realm. */
export function isEnrichmentError(value: unknown): value is EnrichmentError {
  try {
    return (value as Record<symbol, unknown>)[BRAND] === true;
  } catch {
    // Nothing at all, or a proxy that refuses.
    return false;
  }
}
