// The queue: slices of jobs, looked up one after the other by whoever gets them. A message may come twice, at once or
// later; what it points at is claimed in the job, and paid for once in the wallet.
import { checkRequest, type ErrorCode } from "phone-enrichment";
import { failed } from "./answer.ts";
import { jobOf, walletOf, type Env, type Slice } from "./env.ts";
import type { PutBack, Reason, RowAnswer, Verdict } from "./job.ts";
import type { Ending } from "./wallet.ts";

const DEAD = "phone-enrichment-dead-slices";
/** The longest that a message waits before it comes again, in seconds. */
const LONGEST_WAIT = 3600;

/** Failures that would meet every other row too, so that going on is pointless until a person did something. */
const PAUSES = new Set<ErrorCode>(["insufficient_credits", "invalid_token", "forbidden", "not_found_endpoint", "invalid_options", "token_in_browser", "wasm_unavailable"]);
/** Failures that pass by themselves and cost nothing: the row is asked again later. */
const PASSES = new Set<ErrorCode>(["rate_limited", "store_failed"]);

/** Seconds to wait when nobody says how long. */
const backOff = (attempts: number) => Math.min(300, 2 ** attempts);

/** What an ending means for its row, and whether it means anything for the others. */
async function verdictOf(number: number, ending: Ending, attempts: number): Promise<{ verdict: Verdict; putBack?: PutBack }> {
  if ("outcome" in ending) {
    const { outcome, cost } = ending;
    const answer: RowAnswer = { charge: cost.charge, credits: cost.credits, ...(cost.source === "cache" && { cached: true }) };
    if (outcome.status === "not_found") return { verdict: { number, state: "not_found", answer: { ...answer, message: outcome.message } } };
    const { phone, e164, email } = outcome.results;
    const checked = email === null ? undefined : await checkRequest({ email });
    return { verdict: { number, state: "found", answer: { ...answer, phone, e164, email }, key: checked?.ok ? checked.lookup.key : undefined } };
  }
  const { failure } = ending;
  const { code, charge, issues, limit, retryAfterMs } = failure;
  // The one thing that is never sent again by itself.
  const inDoubt = charge !== "none" || code === "outcome_unknown";
  if (!inDoubt) {
    const back = (reason: Reason, pause: boolean) => ({
      verdict: { number, state: "waiting" as const, answer: null },
      putBack: { reason, pause, afterMs: pause ? 0 : (retryAfterMs ?? backOff(attempts) * 1000) },
    });
    if (code === "budget_exceeded") return limit === "key_per_minute" ? back(limit, false) : back(limit === "job" || limit === undefined ? "job_budget" : limit, true);
    if (PAUSES.has(code)) return back(code, true);
    if (PASSES.has(code)) return back(code, false);
  }
  const { error } = failed(failure).body as { error: string };
  return {
    verdict: {
      number,
      state: inDoubt ? "unknown" : "failed",
      answer: { charge: inDoubt ? "possible" : "none", credits: 0, code, message: error, ...(issues && { issues }) },
    },
  };
}

/** Looks a slice up. Resolves to the seconds after which the message has to come again, if it has to. */
async function lookUp({ job: id, slice }: Slice, attempts: number, env: Env): Promise<number | undefined> {
  const job = jobOf(env, id);
  const claim = await job.claim(slice);
  if (!claim) return undefined;
  const wallet = walletOf(env);
  const settled = await Promise.all(
    [false, true].map(async (force) => {
      const rows = claim.rows.filter((row) => row.force === force);
      if (!rows.length) return [];
      const endings = await wallet.lookupRows(
        id,
        rows.map(({ request }) => request),
        { ladder: claim.ladder, force },
      );
      return Promise.all(rows.map(({ number }, index) => verdictOf(number, endings[index]!, attempts)));
    }),
  );
  const verdicts = settled.flat();
  // One that pauses the job outdoes any that only waits; of those the longest counts.
  const putBack = verdicts
    .flatMap(({ putBack }) => putBack ?? [])
    .reduce<PutBack | undefined>((worst, each) => (!worst || (each.pause && !worst.pause) || (each.pause === worst.pause && each.afterMs > worst.afterMs) ? each : worst), undefined);
  await job.settle(
    slice,
    verdicts.map(({ verdict }) => verdict),
    putBack,
  );
  return putBack && !putBack.pause ? Math.min(LONGEST_WAIT, Math.max(1, Math.ceil(putBack.afterMs / 1000))) : undefined;
}

/** The queue gave a message up: the job is told, and so is whoever reads the logs. */
async function bury({ id, job, slice }: Slice, env: Env): Promise<undefined> {
  const { unknown, failed, waiting } = await jobOf(env, job).bury(slice);
  console.error(`slice ${id} was given up: ${unknown} rows in doubt, ${failed} never sent, ${waiting} waiting`);
}

const isSlice = (body: unknown): body is Slice => {
  const { id, job, slice } = (body ?? {}) as Record<string, unknown>;
  return typeof id === "string" && typeof job === "string" && Number.isInteger(slice);
};

export async function consume(batch: MessageBatch<Slice>, env: Env): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      const { body, attempts } = message;
      if (!isSlice(body)) return message.ack();
      try {
        const again = batch.queue === DEAD ? await bury(body, env) : await lookUp(body, attempts, env);
        if (again === undefined) message.ack();
        else message.retry({ delaySeconds: again });
      } catch (error) {
        // Whatever was paid for is kept, and what is in doubt is known to be: it comes to light when the message comes again.
        console.error(`slice ${body.id} failed:`, (error as Error | undefined)?.name);
        message.retry({ delaySeconds: backOff(attempts) });
      }
    }),
  );
}
