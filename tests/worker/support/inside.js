// A module before the built one, for what cannot be done from outside: to end the wallet's object at once, to look into its
// tables, and to let the clock run ahead. It is asked at /test/<method>, with the arguments as a list.
export const inside = `
  import worker, { Wallet as Built, Job } from "./index.js";
  const now = Date.now.bind(Date);
  let ahead = 0;
  Date.now = () => now() + ahead;
  export { Job };
  export class Wallet extends Built {
    end() { this.ctx.abort("ended by a test"); }
    rows(sql, ...values) { return this.ctx.storage.sql.exec(sql, ...values).toArray(); }
    ahead(ms) { return (ahead += ms); }
  }
  export default {
    ...worker,
    async fetch(request, env, ctx) {
      const [, test, method] = new URL(request.url).pathname.split("/");
      if (test !== "test") return worker.fetch(request, env, ctx);
      const wallet = env.WALLET.get(env.WALLET.idFromName("wallet"));
      return Response.json((await wallet[method](...(await request.json()))) ?? null);
    },
  };
`;

/** Asks the object at a Worker's address; `undefined` when it ended of it. */
export async function insideOf(url, method, ...values) {
  const reply = await fetch(`${url}/test/${method}`, { method: "POST", body: JSON.stringify(values) });
  return reply.ok ? reply.json() : void (await reply.text());
}
