// What the Worker is given: bindings, settings and secrets, as wrangler.jsonc and `wrangler secret` name them.
import type { Job } from "./job.ts";
import type { Wallet } from "./wallet.ts";

/** A slice of a job's rows that is to be looked up: where to find it, and nothing about anybody. */
export interface Slice {
  /** Its own name, for logs. */
  id: string;
  job: string;
  slice: number;
}

export interface Env {
  WALLET: DurableObjectNamespace<Wallet>;
  JOB: DurableObjectNamespace<Job>;
  CALLERS: KVNamespace;
  SLICES: Queue<Slice>;
  GUESSES: RateLimit;
  CALLS: RateLimit;
  /** The vendor's service, or a sandbox. */
  VENDOR_URL: string;
  /** The vendor's token, which nobody else ever sees. */
  VENDOR_TOKEN: string;
  /** Makes and revokes callers' keys. */
  ADMIN_KEY: string;
  /** Origins of pages and extensions that may call, separated by commas. */
  ALLOWED_ORIGINS: string;
  /** Credits that all callers together may spend in a day (UTC). */
  WALLET_PER_DAY: number;
  /** How long a caller waits for an answer, in milliseconds; by default 20,000. */
  DEADLINE_MS?: number;
}

/** The one wallet of this deployment. */
export const walletOf = (env: Env) => env.WALLET.get(env.WALLET.idFromName("wallet"));
export const jobOf = (env: Env, job: string) => env.JOB.get(env.JOB.idFromName(job));
