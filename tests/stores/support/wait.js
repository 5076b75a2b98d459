import assert from "node:assert/strict";

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until something holds, for as long as a busy machine may need. */
export async function until(holds, what) {
  for (const start = Date.now(); !(await holds()); await pause(20)) assert.ok(Date.now() - start < 15_000, `${what} does not happen`);
}

/** Does not hold, and goes on not to. */
export async function never(holds, what, milliseconds = 300) {
  for (const start = Date.now(); Date.now() - start < milliseconds; await pause(20)) assert.ok(!(await holds()), what);
}
