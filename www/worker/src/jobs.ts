// The routes of jobs: lists that are planned for free, looked up within a budget, and read back row by row.
import { Hono, type Context } from "hono";
import * as v from "valibot";
import { checkRequest, type EnrichmentRequest } from "phone-enrichment";
import { NOT_FOUND, refusal, type Answer } from "./answer.ts";
import { digestOf } from "./callers.ts";
import { distinct, type Field } from "./columns.ts";
import { lineOf } from "./csv.ts";
import { jobOf, walletOf, type Env } from "./env.ts";
import { jsonOf, parsed, send, type Asked } from "./http.ts";
import type { Command, Foreseen, NewRow, RowAnswer, StoredRow, Summary } from "./job.ts";
import { MOST_ROWS, readUpload, Refused, type Input, type Row } from "./uploads.ts";

/** Rows that are judged and kept together, and about how many characters. */
const BATCH_ROWS = 1000;
const BATCH_LENGTH = 1_000_000;
/** Bytes of a command. */
const MOST_COMMAND = 256 * 1024;
const MOST_FORCED = 10_000;
const MOST_BUDGET = 100_000_000;
/** Between two looks at a job whose events are followed. */
const LOOK_MS = 1000;
const HEARTBEAT_MS = 15_000;
/** How long one stream of events lasts at most; whoever still follows connects again. */
const EVENTS_MS = 10 * 60_000;
const FIELDS: Field[] = ["linkedin_url", "email", "first_name", "last_name", "company_name", "company_website"];

const hasEnded = ({ state }: Summary) => state === "done" || state === "cancelled";

const progressOf = async (env: Env, { id, state, reason, budget, progress }: Summary) => ({
  state,
  ...(reason && { reason }),
  // In doubt and on their way included: what is held against the budget.
  progress: { ...progress, credits: await walletOf(env).jobCredits(id), budget },
});

/** A job as its maker sees it. */
async function viewOf(env: Env, summary: Summary) {
  const { id, name, ladder, made_at, plan, columns } = summary;
  const names = columns && distinct(columns.map(({ header }) => header));
  return {
    id,
    name,
    ladder,
    made_at: new Date(made_at).toISOString(),
    ...(await progressOf(env, summary)),
    plan,
    ...(columns && names && { columns: Object.fromEntries(columns.map(({ field }, index) => [names[index]!, field])) }),
  };
}

/** The job that is asked for, if it is the caller's and whole. */
async function mine(context: Context<Asked>): Promise<Summary | Answer> {
  const id = context.req.param("id")!;
  const refused = await walletOf(context.env).refuseJob(context.get("proof"), id);
  if (refused) return refused;
  const summary = await jobOf(context.env, id).summary();
  return summary && summary.state !== "uploading" ? summary : NOT_FOUND;
}

const isAnswer = (value: Summary | Answer): value is Answer => "status" in value;

// Making

const MakeQuery = v.object({
  name: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100), v.regex(/^[^\p{Cc}]*$/u))),
  ladder: v.optional(v.picklist(["true", "false"]), "false"),
});

/** Judges rows, keeps them, and asks the wallet about whoever is new among them. */
async function keep(env: Env, id: string, rows: Row[], foreseen: Foreseen): Promise<() => Promise<void>> {
  const judged = await Promise.all(rows.map(({ request }) => checkRequest(request)));
  const kept = judged.map((checked, index): NewRow => {
    const { line, input } = rows[index]!;
    const given = { line, input: JSON.stringify(input) };
    if (checked.ok) {
      foreseen.price = checked.price;
      return { ...given, person: checked.fingerprint, keys: checked.ladder.map(({ key }) => key), answer: null };
    }
    const { issues } = checked;
    for (const code of new Set(issues.map(({ code }) => code))) foreseen.issues[code] = (foreseen.issues[code] ?? 0) + 1;
    const says = issues.flatMap(({ message, fix }) => [message, fix ?? []].flat()).join(" ");
    return { ...given, person: null, keys: [], answer: { charge: "none", credits: 0, code: "invalid_request", message: says, issues } };
  });
  const isNew = await jobOf(env, id).add(kept);
  const people = rows.filter((_, index) => isNew[index]).map(({ request }) => request as EnrichmentRequest);
  return async () => {
    if (!people.length) return;
    for (const known of await walletOf(env).known(people)) if (known !== "new") foreseen[known]++;
  };
}

/** Reads a list into a job that was begun, and says what it would cost. Throws {@link Refused}. */
async function fill(env: Env, id: string, request: Request): Promise<Summary> {
  const digest = new crypto.DigestStream("SHA-256");
  const writer = digest.getWriter();
  const { columns, rows } = await readUpload(request, (bytes) => writer.write(bytes));
  const foreseen: Foreseen = { known: 0, suppressed: 0, unknown: 0, issues: {}, price: 0 };
  let batch: Row[] = [];
  let length = 0;
  let count = 0;
  // The wallet is asked about some while the next are read.
  let asking: Promise<void> | undefined;
  const flush = async () => {
    const ask = await keep(env, id, batch, foreseen);
    await asking;
    asking = ask();
    asking.catch(() => {});
    [batch, length] = [[], 0];
  };
  for await (const row of rows) {
    if (++count > MOST_ROWS) throw new Refused(413, `The list has more than ${MOST_ROWS} rows.`, "too_many_rows", row.line);
    batch.push(row);
    for (const cell of Object.values(row.input)) length += typeof cell === "string" ? cell.length : 8;
    if (batch.length === BATCH_ROWS || length > BATCH_LENGTH) await flush();
  }
  if (!count) throw new Refused(400, "The list is empty.", "empty");
  if (batch.length) await flush();
  await asking;
  await writer.close();
  return jobOf(env, id).seal(columns, hex(await digest.digest), foreseen);
}

const hex = (bytes: ArrayBuffer) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The digest of a body that is not kept. */
async function digestOfBody(request: Request): Promise<string> {
  const digest = new crypto.DigestStream("SHA-256");
  await (request.body ?? new Blob([]).stream()).pipeTo(digest);
  return hex(await digest.digest);
}

/** The first job again, if the same list came again under the same key. */
async function repeated(context: Context<Asked>, id: string, name: string | null, ladder: boolean): Promise<Answer | undefined> {
  const before = await jobOf(context.env, id).summary();
  if (!before) return undefined;
  const refused = await walletOf(context.env).refuseJob(context.get("proof"), id);
  if (refused) return refused;
  if (before.state === "uploading") return refusal(409, "A list with this Idempotency-Key is being read.", "idempotency_key_in_use", { "retry-after": "5" });
  if (before.name !== name || before.ladder !== ladder || before.body !== (await digestOfBody(context.req.raw)))
    return refusal(422, "This Idempotency-Key was used for another list.", "idempotency_key_reused");
  return { status: 201, headers: { location: `/v1/jobs/${id}`, "idempotency-replayed": "true" }, body: await viewOf(context.env, before) };
}

const KEY_MALFORMED = refusal(400, "An Idempotency-Key has 1 to 255 visible characters.", "idempotency_key_malformed");

export const jobRoutes = new Hono<Asked>({ strict: true });

jobRoutes.post("/", async (context) => {
  const { env } = context;
  const query = parsed(MakeQuery, context.req.query());
  if ("status" in query) return send(context, query);
  const name = query.value.name ?? null;
  const ladder = query.value.ladder === "true";
  const key = context.req.header("idempotency-key");
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) return send(context, KEY_MALFORMED);
  // The same key of the same caller leads to the same job, wherever it arrives.
  const id = key === undefined ? crypto.randomUUID().replaceAll("-", "") : (await digestOf(`job ${context.get("proof").id} ${key}`)).slice(0, 32);
  const again = key !== undefined && (await repeated(context, id, name, ladder));
  if (again) return send(context, again);
  const job = jobOf(env, id);
  if (!(await job.begin(id, name, ladder))) return send(context, refusal(409, "A list with this Idempotency-Key is being read.", "idempotency_key_in_use", { "retry-after": "5" }));
  const refused = await walletOf(env).openJob(context.get("proof"), id);
  if (refused) {
    await job.remove();
    return send(context, refused);
  }
  try {
    const summary = await fill(env, id, context.req.raw);
    return send(context, { status: 201, headers: { location: `/v1/jobs/${id}` }, body: await viewOf(env, summary) });
  } catch (error) {
    // Nothing of a list that is not whole is kept.
    await Promise.all([job.remove(), walletOf(env).closeJob(id)]);
    if (error instanceof Refused) return send(context, error.answer);
    throw error;
  }
});

// Looking

jobRoutes.get("/", async (context) => {
  const ids = await walletOf(context.env).jobs(context.get("proof"));
  if (!Array.isArray(ids)) return send(context, ids);
  const summaries = await Promise.all(ids.map((id) => jobOf(context.env, id).summary()));
  const whole = summaries.filter((summary): summary is Summary => summary !== undefined && summary.state !== "uploading");
  return send(context, { status: 200, headers: {}, body: { jobs: await Promise.all(whole.map((summary) => viewOf(context.env, summary))) } });
});

const ID = "/:id{[0-9a-f]{32}}";

jobRoutes.get(ID, async (context) => {
  const job = await mine(context);
  return send(context, isAnswer(job) ? job : { status: 200, headers: {}, body: await viewOf(context.env, job) });
});

/** A file's name that any system takes, and the one that the job has. */
function disposition(name: string | null): string {
  const whole = `${name ?? "results"}.csv`;
  const plain = whole.normalize("NFKD").replace(/[^\w. -]/g, "_").replace(/^[. ]+/, "_");
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(whole.replace(/[/\\]/g, "_")).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)}`;
}

/** In these states nobody can say that it was free. */
const MAY_COST = new Set(["sent", "unknown"]);

/** A row with what came of it. A duplicate cost nothing: the row that it repeats did. */
function resultOf({ number, state, sameAs }: StoredRow, answer: RowAnswer | null) {
  const { phone = null, e164 = null, email = null, charge = MAY_COST.has(state) ? "possible" : "none", credits = 0, code = null, message = null } = answer ?? {};
  const cost = sameAs === null ? { charge, credits } : { charge: "none", credits: 0 };
  return { row: number, same_as: sameAs, status: state, phone, e164, email, ...cost, code, message };
}

type Result = ReturnType<typeof resultOf>;
const RESULTS = ["row", "same_as", "status", "phone", "e164", "email", "charge", "credits", "code", "message"] as const satisfies (keyof Result)[];

/** The given cells by the names of their columns. */
const inputOf = (input: Input | null, names: string[]): Record<string, unknown> | null =>
  Array.isArray(input) ? Object.fromEntries(names.map((name, index) => [name, input[index] ?? ""])) : input;

/** How results are written: what comes first, and then each row. */
interface Format {
  type: string;
  begin(names: string[]): string;
  line(result: Result, input: Record<string, unknown> | null, names: string[], answer: RowAnswer | null): string;
}

const FORMATS: Record<"ndjson" | "csv", Format> = {
  ndjson: {
    type: "application/x-ndjson",
    begin: () => "",
    line: (result, input, _, answer) => `${JSON.stringify({ ...result, ...(answer?.issues && { issues: answer.issues }), input })}\n`,
  },
  // The names of what was added begin with `result_`: a list often has a column of the same name.
  csv: {
    type: "text/csv; charset=utf-8",
    begin: (names) => lineOf([...names, ...RESULTS.map((name) => `result_${name}`)]),
    line: (result, input, names) => lineOf([...names.map((name) => input?.[name]), ...RESULTS.map((name) => result[name])]),
  },
};

const ResultsQuery = v.object({ format: v.optional(v.picklist(["ndjson", "csv"])) });

jobRoutes.get(`${ID}/results`, async (context) => {
  const query = parsed(ResultsQuery, context.req.query());
  if ("status" in query) return send(context, query);
  const job = await mine(context);
  if (isAnswer(job)) return send(context, job);
  const wanted = query.value.format ?? (/\btext\/csv\b/i.test(context.req.header("accept") ?? "") ? "csv" : "ndjson");
  const { type, begin, line } = FORMATS[wanted];
  const names = job.columns ? distinct(job.columns.map(({ header }) => header)) : FIELDS;
  const stub = jobOf(context.env, job.id);
  const encoder = new TextEncoder();
  let after = 0;
  // Page by page, as fast as they are read.
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(begin(names))),
    async pull(controller) {
      const page = await stub.page(after);
      const last = page.at(-1);
      if (!last) return controller.close();
      after = last.number;
      const lines = page.map((row) => {
        const answer = row.answer === null ? null : (JSON.parse(row.answer) as RowAnswer);
        return line(resultOf(row, answer), row.input === null ? null : inputOf(JSON.parse(row.input) as Input, names), names, answer);
      });
      controller.enqueue(encoder.encode(lines.join("")));
    },
  });
  return new Response(body, { headers: { "content-type": type, ...(wanted === "csv" && { "content-disposition": disposition(job.name) }) } });
});

jobRoutes.get(`${ID}/events`, async (context) => {
  const job = await mine(context);
  if (isAnswer(job)) return send(context, job);
  const { env } = context;
  const stub = jobOf(env, job.id);
  const encoder = new TextEncoder();
  const began = Date.now();
  let last: number | undefined;
  let heard = began;
  let left = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        if (last !== undefined) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        if (left) return;
        const summary = last === undefined ? job : await stub.summary();
        if (left) return;
        if (!summary || Date.now() - began > EVENTS_MS) return controller.close();
        if (summary.version !== last) {
          last = summary.version;
          heard = Date.now();
          controller.enqueue(encoder.encode(`id: ${last}\nevent: ${hasEnded(summary) ? "end" : "progress"}\ndata: ${JSON.stringify(await progressOf(env, summary))}\n\n`));
          if (hasEnded(summary)) controller.close();
          return;
        }
        if (Date.now() - heard >= HEARTBEAT_MS) {
          heard = Date.now();
          return controller.enqueue(encoder.encode(": still here\n\n"));
        }
      }
    },
    cancel() {
      left = true;
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
});

// Commands

const Credits = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_BUDGET));
/** What each command is told. */
const ORDERS = {
  start: v.strictObject({ budget: Credits }),
  pause: v.strictObject({}),
  resume: v.strictObject({ budget: v.optional(Credits) }),
  cancel: v.strictObject({}),
} satisfies Record<Exclude<Command, "force">, v.GenericSchema>;
const Force = v.strictObject({ rows: v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_ROWS))), v.minLength(1), v.maxLength(MOST_FORCED)) });

/** The JSON of a command; those that need nothing may be given nothing. */
async function orderOf<Schema extends v.GenericSchema>(context: Context<Asked>, schema: Schema): Promise<{ value: v.InferOutput<Schema> } | Answer> {
  const isEmpty = context.req.header("content-type") === undefined && (await context.req.raw.clone().text()) === "";
  const read = isEmpty ? { json: {} } : await jsonOf(context.req.raw, MOST_COMMAND);
  return "status" in read ? read : parsed(schema, read.json);
}

async function impossible(env: Env, command: Command, summary: Summary): Promise<Answer> {
  const answer = refusal(409, `A job that is ${summary.state} can't be told to ${command}${command === "start" && summary.state === "running" ? " with another budget" : ""}.`, "wrong_state");
  return { ...answer, body: { ...(answer.body as object), ...(await viewOf(env, summary)) } };
}

for (const command of Object.keys(ORDERS) as (keyof typeof ORDERS)[]) {
  jobRoutes.post(`${ID}/${command}`, async (context) => {
    const order = await orderOf<v.GenericSchema>(context, ORDERS[command]);
    if ("status" in order) return send(context, order);
    const job = await mine(context);
    if (isAnswer(job)) return send(context, job);
    const obeyed = await jobOf(context.env, job.id).command(command, (order.value as { budget?: number }).budget);
    if (!obeyed) return send(context, NOT_FOUND);
    const { done, summary } = obeyed;
    return send(context, done ? { status: 200, headers: {}, body: await viewOf(context.env, summary) } : await impossible(context.env, command, summary));
  });
}

jobRoutes.post(`${ID}/force`, async (context) => {
  const order = await orderOf(context, Force);
  if ("status" in order) return send(context, order);
  const job = await mine(context);
  if (isAnswer(job)) return send(context, job);
  const obeyed = await jobOf(context.env, job.id).force(order.value.rows);
  if (!obeyed) return send(context, NOT_FOUND);
  const { done, summary, forced } = obeyed;
  return send(context, done ? { status: 200, headers: {}, body: { forced, ...(await viewOf(context.env, summary)) } } : await impossible(context.env, "force", summary));
});

jobRoutes.delete(ID, async (context) => {
  const job = await mine(context);
  if (isAnswer(job)) return send(context, job);
  if ((await jobOf(context.env, job.id).remove()) === "running") return send(context, refusal(409, "A job that is running can't be removed; pause or cancel it first.", "wrong_state"));
  await walletOf(context.env).closeJob(job.id);
  return send(context, { status: 200, headers: {}, body: { id: job.id, removed: true } });
});
