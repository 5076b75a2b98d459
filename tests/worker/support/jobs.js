// A Worker with a sandbox for jobs, whose queue can be played by hand: held back, and delivered as a test orders.
import { startSandbox } from "phone-enrichment/sandbox";
import { startWorker } from "./worker.js";

/** Before the built Worker: `/by-hand/…` holds the queue back, delivers to it, and calls the objects as the Worker would. */
const BY_HAND = `
  import worker, { Job as Built } from "./index.js";
  export * from "./index.js";
  export class Job extends Built {
    /** So many minutes pass, and the alarm rings. */
    async later(minutes) {
      const { sql } = this.ctx.storage;
      sql.exec("UPDATE job SET made_at = made_at - ?", minutes * 60_000);
      sql.exec("UPDATE slices SET sent_at = sent_at - ?", minutes * 60_000);
      await this.alarm();
    }
  }
  let held = false;
  const acts = {
    hold: (env, yes) => void (held = yes),
    /** Delivers messages, each as often as it is in the list, and tells what was answered to each. */
    async deliver(env, { queue = "phone-enrichment-slices", messages }) {
      const answered = messages.map(() => []);
      await worker.queue({ queue, messages: messages.map((body, index) => ({ id: "m" + index, timestamp: new Date(), attempts: 1, body, ack: () => answered[index].push("ack"), retry: (how) => answered[index].push(how ?? {}) })) }, env);
      return answered;
    },
    job: (env, { job, method, args }) => env.JOB.get(env.JOB.idFromName(job))[method](...args),
    wallet: (env, { method, args }) => env.WALLET.get(env.WALLET.idFromName("wallet"))[method](...args),
  };
  export default {
    async fetch(request, env, context) {
      const act = /^\\/by-hand\\/(\\w+)$/.exec(new URL(request.url).pathname)?.[1];
      return act ? Response.json((await acts[act](env, await request.json())) ?? null) : worker.fetch(request, env, context);
    },
    queue: (batch, env, context) => (held ? batch.ackAll() : worker.queue(batch, env, context)),
  };`;

export const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Starts both; `people` are those whom the sandbox generates. */
export async function startJobs({ credits = 1_000_000, people = 2000, vars = {} } = {}) {
  const sandbox = await startSandbox({ credits, people });
  const worker = await startWorker({ also: BY_HAND, vars: { VENDOR_URL: sandbox.url, VENDOR_TOKEN: sandbox.token, WALLET_PER_DAY: 1_000_000, ...vars } });
  const key = await worker.keyFor("maker", { scopes: ["jobs", "lookup", "erase"] });
  const act = async (name, what) => (await worker.call("POST", `/by-hand/${name}`, { body: what })).json;
  const jobs = {
    sandbox,
    worker,
    key,
    /** Whether the queue is held back: what is in it is dropped. */
    hold: (yes) => act("hold", yes),
    deliver: (messages, queue) => act("deliver", { messages, queue }),
    job: (job, method, ...args) => act("job", { job, method, args }),
    wallet: (method, ...args) => act("wallet", { method, args }),
    post: (list, { query = "", headers, type, by = key } = {}) => worker.call("POST", `/v1/jobs${query}`, { key: by, body: list, headers, type: type ?? (typeof list === "string" ? "text/csv" : "application/json") }),
    /** A job of this list, planned. */
    async planned(list, options) {
      const { status, json, text } = await jobs.post(list, options);
      if (status !== 201) throw new Error(`no job: ${status} ${text}`);
      return json;
    },
    tell: (id, command, body, by = key) => worker.call("POST", `/v1/jobs/${id}/${command}`, { key: by, body }),
    see: async (id) => (await worker.call("GET", `/v1/jobs/${id}`, { key })).json,
    /** Waits for a state, or for whatever else is asked of a job. */
    async until(id, wanted, patience = 15_000) {
      for (const end = Date.now() + patience; ; await wait(50)) {
        const job = await jobs.see(id);
        if (typeof wanted === "string" ? job.state === wanted : wanted(job)) return job;
        if (Date.now() > end) throw new Error(`not ${wanted} in time: ${JSON.stringify(job)}`);
      }
    },
    /** A job of this list, to its end or its pause. */
    async run(list, budget = 10_000, options) {
      const { id } = await jobs.planned(list, options);
      await jobs.tell(id, "start", { budget });
      return jobs.until(id, ({ state, progress }) => state !== "running" && progress.sent === 0);
    },
    async results(id) {
      const { text } = await worker.call("GET", `/v1/jobs/${id}/results`, { key });
      return text.trim().split("\n").map((line) => JSON.parse(line));
    },
    /** How often somebody was charged for, by what the sandbox calls them. */
    chargesOf: (id) => sandbox.ledger().filter(({ person_id }) => person_id === id).length,
    async close() {
      await worker.close();
      await sandbox.close();
    },
  };
  return jobs;
}

const padded = (number) => String(number).padStart(5, "0");
export const slug = (number) => `person-${padded(number)}`;
export const person = (number) => ({ linkedin_url: `https://www.linkedin.com/in/${slug(number)}` });
/** So many generated people from one of them on. */
export const people = (from, count) => Array.from({ length: count }, (_, index) => person(from + index));
