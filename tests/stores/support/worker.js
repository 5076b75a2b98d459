// KV and Durable Objects in workerd, one of each, told what to do by requests.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startMiniflare } from "../../package/support/runtimes.js";
import { here, stores } from "./browsers.js";

const MAIN = `
  import { cloudflareKVStore } from "./cloudflare-kv.js";
  import { durableObjectStore } from "./durable-object.js";
  import { remote } from "./contract.js";
  import { DurableObject } from "cloudflare:workers";

  const answer = async (acts, request) => {
    const [name, args] = await request.json();
    try {
      return Response.json({ said: (await acts[name](...args)) ?? null });
    } catch (error) {
      return Response.json({ error: String(error?.stack ?? error) });
    }
  };

  class Home extends DurableObject {
    acts = {
      ...remote(() => durableObjectStore(this.ctx.storage)),
      raw: (name, ...args) => this.ctx.storage[name](...args),
      rawKeys: async () => [...(await this.ctx.storage.list()).keys()],
      /** Holds a lock for a while, and gives it back whether or not anybody still waits for the answer. */
      async holdFor(key, milliseconds) {
        const release = await durableObjectStore(this.storage()).lock(key);
        await new Promise((done) => setTimeout(done, milliseconds));
        release();
      },
      storage: () => this.ctx.storage,
      restart: () => this.ctx.abort("a restart"),
    };
    fetch(request) {
      return answer(this.acts, request);
    }
  }
  export class KeyValue extends Home {}
  export class Sqlite extends Home {}

  export default {
    async fetch(request, env) {
      const place = new URL(request.url).pathname.slice(1);
      if (place !== "kv") return env[place].get(env[place].idFromName("the one")).fetch(request);
      const acts = { ...remote(() => cloudflareKVStore(env.KV)), raw: (name, ...args) => env.KV[name](...args) };
      return answer(acts, request);
    },
  };`;

const file = (path, folder) => ({ type: "ESModule", path, contents: readFileSync(join(folder, path), "utf8") });

/** With a folder, what is kept outlives the runtime. */
export async function startWorker(folder = undefined) {
  const miniflare = startMiniflare([{ type: "ESModule", path: "main.js", contents: MAIN }, file("contract.js", here), file("cloudflare-kv.js", stores), file("durable-object.js", stores)], {
    kvNamespaces: ["KV"],
    durableObjects: { keyvalue: "KeyValue", sqlite: { className: "Sqlite", useSQLite: true } },
    ...(folder && { durableObjectsPersist: join(folder, "objects") }),
  });
  await miniflare.ready;
  return {
    async call(place, name, ...args) {
      const reply = await miniflare.dispatchFetch(`http://worker/${place}`, { method: "POST", body: JSON.stringify([name, args]) });
      const text = await reply.text();
      if (!reply.ok) throw new Error(`workerd: ${text}`);
      const { said, error } = JSON.parse(text);
      if (error) throw new Error(error);
      return said;
    },
    send: (place, signal, name, ...args) => miniflare.dispatchFetch(`http://worker/${place}`, { method: "POST", signal, body: JSON.stringify([name, args]) }),
    close: () => miniflare.dispose(),
  };
}
