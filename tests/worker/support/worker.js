// The built Worker in workerd, beside a sandbox, told what to do over HTTP as anybody would.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";

/** What `wrangler deploy` would upload. */
export const built = fileURLToPath(new URL("../../../www/worker/dist", import.meta.url));

/** Nobody's, but as long as one has to be. */
export const ADMIN_KEY = "an-administrator-key-for-the-tests-alone";

/** The built files as workerd takes them; `also` goes first, and is then what is started. */
export function modulesOf(also) {
  const modules = readdirSync(built)
    .filter((name) => /\.(js|wasm)$/.test(name))
    .sort((one, other) => other.endsWith(".js") - one.endsWith(".js"))
    .map((name) => ({ type: name.endsWith(".js") ? "ESModule" : "CompiledWasm", path: name, contents: readFileSync(join(built, name)) }))
    .map((module) => (module.type === "ESModule" ? { ...module, contents: module.contents.toString() } : module));
  return also ? [{ type: "ESModule", path: "also.js", contents: also }, ...modules] : modules;
}

const settings = JSON.parse(readFileSync(join(built, "../wrangler.jsonc"), "utf8").replace(/^\s*\/\/.*$/gm, ""));

/** The configuration of wrangler.jsonc, as Miniflare has it. */
export function optionsOf({ vars = {}, folder, also, limits = {}, ...options } = {}) {
  const durableObjects = Object.fromEntries(settings.durable_objects.bindings.map(({ name, class_name }) => [name, { className: class_name, useSQLite: true }]));
  const consumers = settings.queues.consumers.map(({ queue, max_batch_size, max_batch_timeout, max_retries, dead_letter_queue }) => [
    queue,
    { maxBatchSize: max_batch_size, maxBatchTimeout: max_batch_timeout, maxRetries: max_retries, ...(dead_letter_queue && { deadLetterQueue: dead_letter_queue }) },
  ]);
  return {
    modules: modulesOf(also),
    modulesRoot: "/",
    compatibilityDate: settings.compatibility_date,
    compatibilityFlags: settings.compatibility_flags,
    cf: false,
    // One that is undefined is not there at all.
    bindings: Object.fromEntries(Object.entries({ ...settings.vars, ADMIN_KEY, ...vars }).filter(([, value]) => value !== undefined)),
    durableObjects,
    kvNamespaces: settings.kv_namespaces.map(({ binding }) => binding),
    queueProducers: Object.fromEntries(settings.queues.producers.map(({ binding, queue }) => [binding, { queueName: queue }])),
    queueConsumers: Object.fromEntries(consumers),
    ratelimits: Object.fromEntries(settings.ratelimits.map(({ name, simple }) => [name, { simple: { ...simple, ...(limits[name] && { limit: limits[name] }) } }])),
    ...(folder && { durableObjectsPersist: join(folder, "objects"), kvPersist: join(folder, "kv") }),
    ...options,
  };
}

/** Starts it, and gives the ways to talk to it. */
export async function startWorker(options = {}) {
  Object.assign(process.env, { CLOUDFLARE_CF_FETCH_ENABLED: "false", CLOUDFLARE_TELEMETRY_DISABLED: "1" });
  const miniflare = new Miniflare(optionsOf(options));
  const url = (await miniflare.ready).origin;
  return { ...callsTo(url), miniflare, close: () => miniflare.dispose() };
}

/** What can be asked of a Worker at an address. */
export function callsTo(url) {
  const call = async (method, path, { key, body, headers = {}, type = "application/json" } = {}) => {
    const reply = await fetch(url + path, {
      method,
      headers: { ...(key && { authorization: `Token ${key}` }), ...(body !== undefined && { "content-type": type }), ...headers },
      ...(body !== undefined && { body: typeof body === "string" || ArrayBuffer.isView(body) || body instanceof ReadableStream ? body : JSON.stringify(body), duplex: "half" }),
    });
    const text = await reply.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {}
    return { status: reply.status, headers: Object.fromEntries(reply.headers), text, json };
  };
  return {
    url,
    call,
    lookup: (key, body, headers) => call("POST", "/external/phone/enrichment/", { key, body, headers }),
    /** A new key; by default for lookups alone. */
    async keyFor(name, more = {}) {
      const { status, json } = await call("POST", "/v1/keys", { key: ADMIN_KEY, body: { name, scopes: ["lookup"], ...more } });
      if (status !== 201) throw new Error(`no key: ${JSON.stringify(json)}`);
      return json.key;
    },
  };
}

/** What the Worker is compared with: a Durable Object that is read, and a lookup that is only passed on, with the token. */
const BARE = `
  import { DurableObject } from "cloudflare:workers";
  export class Bare extends DurableObject {
    constructor(ctx, env) {
      super(ctx, env);
      ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS answers (name TEXT PRIMARY KEY, value TEXT NOT NULL)");
      ctx.storage.sql.exec("INSERT OR REPLACE INTO answers VALUES ('johndoe', ?)", JSON.stringify({ success: true, status: "success", results: { phone: "+1 555-123-4567" } }));
    }
    read() {
      return JSON.parse(this.ctx.storage.sql.exec("SELECT value FROM answers WHERE name = 'johndoe'").one().value);
    }
  }
  export default {
    async fetch(request, env) {
      if (new URL(request.url).pathname === "/read") return (await request.text()), Response.json(await env.BARE.get(env.BARE.idFromName("bare")).read());
      return fetch(env.VENDOR_URL + new URL(request.url).pathname, { method: "POST", headers: { "content-type": "application/json", authorization: "Token " + env.VENDOR_TOKEN }, body: request.body });
    },
  };`;

export async function startBare(bindings) {
  const miniflare = new Miniflare({ modules: [{ type: "ESModule", path: "bare.js", contents: BARE }], modulesRoot: "/", compatibilityDate: settings.compatibility_date, cf: false, bindings, durableObjects: { BARE: { className: "Bare", useSQLite: true } } });
  return { url: (await miniflare.ready).origin, close: () => miniflare.dispose() };
}

export const versionOfRuntime = () => JSON.parse(readFileSync(fileURLToPath(import.meta.resolve("workerd/package.json")), "utf8")).version;
