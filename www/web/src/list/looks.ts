import type { RowState } from "./run.ts";

/** How each state of a row looks: what may have been charged is told apart from everything else. */
export const LOOKS: Record<RowState, string> = {
  found: "charged",
  not_found: "not-charged",
  doubt: "unknown",
  failed: "failed",
  known: "not-charged",
  waiting: "not-sent",
  duplicate: "not-sent",
  invalid: "failed",
  suppressed: "not-sent",
  blank: "not-sent",
};
