// What happens to money, as stories. This very file runs in Node, in Chromium and in workerd: it imports nothing, and gets
// the package and the service from whoever calls it.
//
//   play     what a program does; gives what it saw, as JSON
//   expect   what it has to see
//   sandbox  options of the sandbox; `faults` alone are so common that they stand by themselves
//   posts    requests that reach the service: 1 unless it says otherwise
//   charges  how often the service charges, by its own ledger: as often as it is asked unless it says otherwise
//   twice    why somebody is paid for twice here
//   only     the runtimes that can do this, and why

export const JANE = { linkedin_url: "https://www.linkedin.com/in/jane-doe" };
const JANE_BY_EMAIL = { email: "jane.doe@acme.example.com" };
const MARCUS = { linkedin_url: "https://www.linkedin.com/in/marcus-bell" };
const INES = { linkedin_url: "https://www.linkedin.com/in/ines-carvalho" };
const NOBODY = { email: "nobody@example.com" };
/** What may stand in no error and in no claim: of Jane, and the token. */
export const SECRETS = ["jane-doe", "jane.doe", "Jane", "acme.example", "555-0101", "5550101", "marcus", "5ecret-Sauce-0f-Nobody"];
export const TOKEN = "5ecret-Sauce-0f-Nobody";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const never = () => new Promise(() => {});
/** How often each value comes, the values in order. */
const count = (values) => values.reduce((counts, value) => ({ ...counts, [value]: (counts[value] ?? 0) + 1 }), {});

/** What a program has at hand: clients of this service, and what the service itself says. */
function worldOf(api, { baseUrl, origin, token, onError }) {
  const browser = typeof document === "object" ? { dangerouslyAllowBrowser: true } : {};
  const shown = [];
  const charges = [];
  const control = async (path, body) => (await fetch(`${origin}/__sandbox/${path}`, body === undefined ? {} : { method: "PUT", body: JSON.stringify(body) })).json();
  const posts = async () => (await control("requests")).filter(({ method }) => method === "POST");
  return {
    shown,
    charges,
    client: (options) => api.createClient({ baseUrl, token, ...browser, ...options }),
    single: (request, options) => api.enrichPhone(request, { baseUrl, token, ...browser, ...options }),
    check: api.checkRequest,
    /** How a call ends, in words: what, the charge, and for an answer where it came from and how many requests it took. */
    end: (call) =>
      call.then(
        ({ status, meta }) => {
          charges.push(meta.charge);
          return `${status} ${meta.charge} ${meta.source} x${meta.attempts}`;
        },
        (error) => {
          if (!api.isEnrichmentError(error)) throw error;
          charges.push(error.charge);
          onError?.(error);
          const { name, message, stack, cause, ...fields } = error;
          shown.push(String(error), message, stack, JSON.stringify(error), JSON.stringify(fields), String(cause), String(cause?.stack));
          return `${error.code} ${error.charge}`;
        },
      ),
    /** The error itself, where its fields matter. */
    error: (call) => call.then(() => undefined, (error) => (charges.push(error.charge), error)),
    setFaults: (rules) => control("faults", rules),
    setCredits: (credits) => control("credits", credits),
    requests: async () => (await posts()).length,
    /** Resolves once so many requests are with the service. */
    async arrived(number) {
      while ((await posts()).length < number) await pause(15);
    },
  };
}

/** A store that waits for its answers, as most do. */
export class SlowStore {
  entries = new Map();
  async get(key) {
    await pause(1);
    return this.entries.get(key);
  }
  async set(key, value) {
    await pause(1);
    this.entries.set(key, value);
  }
  async delete(key) {
    await pause(1);
    return this.entries.delete(key);
  }
}

/** A store with a lock of its own, as a database has one. */
class LockedStore extends Map {
  held = new Map();
  async lock(key) {
    const before = this.held.get(key);
    let release;
    this.held.set(key, new Promise((resolve) => (release = resolve)));
    await before;
    return release;
  }
}

/** A Map whose methods do something else, from their first or from a later call on. */
function flawed(method, flaw, from = 1) {
  const store = new Map();
  // An error can also be told of as an event, as Keyv does.
  store.on = (_, listener) => (store.tell = listener);
  const real = Object.assign(store[method].bind(store), { tell: () => store.tell(new Error("The disk is full.")) });
  let calls = 0;
  store[method] = (...given) => (++calls >= from ? flaw(real, ...given) : real(...given));
  return store;
}

const broken = () => {
  throw new Error("The disk is full.");
};
const rejected = async () => broken();

// What a store does instead of what it should, before anything is sent.
const beforeTheSend = {
  "get throws": ["get", broken],
  "get rejects": ["get", rejected],
  "get tells of an error as an event, and gives nothing": ["get", (real) => void real.tell()],
  "get never comes back": ["get", never],
  "get gives a number": ["get", () => 5],
  "get gives an object": ["get", () => ({ v: 1 })],
  "get gives a text that is no JSON": ["get", () => "<html>"],
  "get gives null as JSON": ["get", () => "null"],
  "get gives JSON of something else": ["get", () => '{"v":2,"names":[]}'],
  "get gives a record without its content": ["get", (_, name) => JSON.stringify({ v: 1, names: [name] }), ["success confirmed network x1", "store_failed none"]],
  "get gives a record of another shape": ["get", (_, name) => JSON.stringify({ v: 1, names: [name], record: { status: "ok" } })],
  "get gives somebody else's record": ["get", (_, name) => JSON.stringify({ v: 1, names: [name.replace(/.$/, "x")], record: { status: "not_found", message: "", at: 1, until: 9e12 } })],
  "get gives what was there before": ["get", () => undefined],
  "set throws": ["set", broken],
  "set rejects": ["set", rejected],
  "set never comes back": ["set", never],
  "set forgets": ["set", () => true],
  "set keeps a part": ["set", (real, name, value) => real(name, value.slice(0, 20))],
};

const afterTheSend = {
  "set throws": broken,
  "set rejects": rejected,
  "set never comes back": never,
  "set forgets": () => true,
  "set keeps a part": (real, name, value) => real(name, value.slice(0, 20)),
};

const sharing = {
  "a burst of 500 calls for one person is one request, and one of them pays": {
    faults: [{ fault: "delay", ms: 100, match: { method: "POST" } }],
    async play({ client, end }) {
      const spellings = ["https://www.linkedin.com/in/jane-doe", "uk.linkedin.com/in/Jane-Doe/?trk=x", "http://linkedin.com/in/JANE-DOE/"];
      const one = client();
      return count(await Promise.all(Array.from({ length: 500 }, (_, index) => end(one.enrichPhone({ linkedin_url: spellings[index % 3] })))));
    },
    expect: { "success confirmed network x1": 1, "success none cache x0": 499 },
  },
  "a burst of 500 calls for one person whose reply is lost is one request, and nobody is told that it was free": {
    faults: [{ fault: "charge_then_drop" }],
    async play({ client, end }) {
      const one = client();
      const ends = count(await Promise.all(Array.from({ length: 500 }, () => end(one.enrichPhone(JANE)))));
      // Whoever can't wait for another's promise looks at what is written down.
      return [Object.values(ends).reduce((sum, ends) => sum + ends), Object.keys(ends).every((end) => ["network possible", "outcome_unknown possible"].includes(end))];
    },
    expect: [500, true],
  },
  "a person is the same by every spelling, and by the e-mail that came along": {
    async play({ client, end }) {
      const one = client();
      return [await end(one.enrichPhone(JANE)), await end(one.enrichPhone({ linkedin_url: "de.linkedin.com/in/Jane-Doe" })), await end(one.enrichPhone(JANE_BY_EMAIL))];
    },
    expect: ["success confirmed network x1", "success none cache x0", "success none cache x0"],
  },
  "two clients on one store pay once between them": {
    async play({ client, end }) {
      const store = new SlowStore();
      return [await end(client({ store }).enrichPhone(JANE)), await end(client({ store }).enrichPhone(JANE))];
    },
    expect: ["success confirmed network x1", "success none cache x0"],
  },
  "two clients on one store pay once between them, also at once": {
    only: [["Node", "Chromium"], "a Worker can't wait for what another request began, and needs a store with a lock for this"],
    faults: [{ fault: "delay", ms: 100, match: { method: "POST" } }],
    async play({ client, end }) {
      const store = new SlowStore();
      // Whichever takes the lock first pays.
      return count(await Promise.all([end(client({ store }).enrichPhone(JANE)), end(client({ store }).enrichPhone(JANE))]));
    },
    expect: { "success confirmed network x1": 1, "success none cache x0": 1 },
  },
  "two clients on one store with a lock pay once between them, also at once": {
    faults: [{ fault: "delay", ms: 100, match: { method: "POST" } }],
    async play({ client, end }) {
      const store = new LockedStore();
      // Whichever takes the lock first pays.
      return count(await Promise.all([end(client({ store }).enrichPhone(JANE)), end(client({ store }).enrichPhone(JANE))]));
    },
    expect: { "success confirmed network x1": 1, "success none cache x0": 1 },
  },
  "single lookups with the same token pay once between them": {
    async play({ single, end }) {
      return [await end(single(JANE)), await end(single(JANE)), await end(single(JANE, { fresh: true }))];
    },
    expect: ["success confirmed network x1", "success none cache x0", "success confirmed network x1"],
    posts: 2,
    twice: "fresh asks again",
  },
  "an answer that is kept for no time is asked for each time": {
    async play({ client, end }) {
      const one = client({ retention: { foundDays: 0, notFoundDays: 0 } });
      return [await end(one.enrichPhone(NOBODY)), await end(one.enrichPhone(NOBODY))];
    },
    expect: ["not_found none network x1", "not_found none network x1"],
    posts: 2,
    charges: 0,
  },
  "fresh asks again, and a failure that is free leaves the answer before": {
    faults: [{ fault: "status", status: 401, body: {}, match: { nth: 2 } }],
    async play({ client, end }) {
      const one = client();
      return [await end(one.enrichPhone(JANE)), await end(one.enrichPhone(JANE, { fresh: true })), await end(one.enrichPhone(JANE))];
    },
    expect: ["success confirmed network x1", "invalid_token none", "success none cache x0"],
    posts: 2,
    charges: 1,
  },
  "fresh asks again, and a failure that may have been charged leaves the answer before, too": {
    faults: [{ fault: "drop", match: { nth: 2 } }],
    async play({ client, end }) {
      const one = client();
      return [await end(one.enrichPhone(JANE)), await end(one.enrichPhone(JANE, { fresh: true })), await end(one.enrichPhone(JANE)), await end(one.enrichPhone(JANE, { fresh: true }))];
    },
    expect: ["success confirmed network x1", "network possible", "success none cache x0", "outcome_unknown possible"],
    posts: 2,
    charges: 1,
  },
};

const budgets = {
  ...Object.fromEntries(
    ["total", "perDay", "perMinute"].map((limit) => [
      `200 calls at once with a budget for 10 (${limit}) are 10 requests, and the others hear what is left and when there is more`,
      {
        sandbox: { people: { builtIn: false, generated: 200 }, credits: 10_000 },
        faults: [{ fault: "delay", ms: [0, 50] }],
        async play({ client, end, error }) {
          const one = client({ budget: { [limit]: 50 } });
          const person = (index) => one.enrichPhone({ email: `person-${String(index + 1).padStart(5, "0")}@example.com` });
          const ends = await Promise.all(Array.from({ length: 200 }, (_, index) => end(person(index))));
          const { code, required, remainingCredits, retryAfterMs, retryable } = await error(person(199));
          const window = { perDay: 86_400_000, perMinute: 60_000 }[limit];
          const resets = window === undefined ? retryAfterMs : retryAfterMs > window - 30_000 && retryAfterMs <= window;
          const { spent, reserved, possible } = one.balance();
          return [count(ends), { code, required, remainingCredits, resets, retryable }, { spent, reserved, possible }];
        },
        expect: [
          { "success confirmed network x1": 10, "budget_exceeded none": 190 },
          { code: "budget_exceeded", required: 5, remainingCredits: 0, ...(limit !== "total" && { resets: true }), retryable: limit !== "total" },
          { spent: 50, reserved: 0, possible: 0 },
        ],
        posts: 10,
      },
    ]),
  ),
  "a budget counts what may have been charged": {
    faults: [{ fault: "drop" }],
    async play({ client, end }) {
      const one = client({ budget: { total: 5 } });
      return [await end(one.enrichPhone(JANE)), await end(one.enrichPhone(MARCUS)), one.balance()];
    },
    expect: ["network possible", "budget_exceeded none", { remaining_credits: null, as_of: null, spent: 0, reserved: 0, possible: 5 }],
    charges: 0,
  },
  "a budget gives back what a free answer did not need": {
    async play({ client, end }) {
      const one = client({ budget: { total: 5 } });
      return [await end(one.enrichPhone(NOBODY)), await end(one.enrichPhone(JANE)), await end(one.enrichPhone(MARCUS)), await end(one.enrichPhone(JANE))];
    },
    expect: ["not_found none network x1", "success confirmed network x1", "budget_exceeded none", "success none cache x0"],
    posts: 2,
    charges: 1,
  },
  "what may have been charged is sent again on request, and within the budget of one call": {
    faults: [{ fault: "charge_then_500", times: 1 }],
    async play({ client, end }) {
      const one = client({ budget: { perCall: 5 } });
      return [await end(one.enrichPhone(JANE, { retryUnknown: true })), await end(client().enrichPhone(MARCUS, { retryUnknown: true }))];
    },
    expect: ["server_error possible", "success confirmed network x1"],
    posts: 2,
  },
  "what may have been charged is sent again on request, and the ledger finds out what it cost": {
    faults: [{ fault: "charge_then_500", match: { nth: 2 } }],
    async play({ client, end }) {
      const one = client();
      await end(one.enrichPhone(NOBODY));
      const ended = await end(one.enrichPhone(JANE, { retryUnknown: true }));
      const { as_of, ...balance } = one.balance();
      return [ended, balance];
    },
    expect: ["success confirmed network x2", { remaining_credits: 90, spent: 10, reserved: 0, possible: 0 }],
    posts: 3,
    charges: 2,
    twice: "the caller opted in",
  },
};

const stores = {
  ...Object.fromEntries(
    Object.entries(beforeTheSend).map(([name, [method, flaw]]) => [
      `before the send, ${name}: nothing is sent`,
      {
        async play({ client, end }) {
          const warnings = [];
          const one = client({ store: flawed(method, flaw), timeoutMs: 300, onWarning: ({ code }) => warnings.push(code) });
          return [await end(one.enrichPhone(JANE)), one.balance().spent + one.balance().possible];
        },
        expect: ["store_failed none", 0],
        posts: 0,
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(afterTheSend).map(([name, flaw]) => [
      `after the send, ${name}: the answer is given all the same, with a warning, and nobody pays again without knowing`,
      {
        async play({ client, end, requests }) {
          const warnings = [];
          const store = flawed("set", flaw, 2);
          const one = client({ store, timeoutMs: 1000, onWarning: ({ code, message }) => warnings.push(code, typeof message) });
          const first = await end(one.enrichPhone(JANE));
          // Another client, as after a crash: what was kept before it is all that is known.
          const next = await end(client({ store, timeoutMs: 300 }).enrichPhone(JANE));
          return [first, warnings, next.replace(/^(outcome_unknown possible|store_failed none|timeout none)$/, "refused"), await requests()];
        },
        expect: ["success confirmed network x1", ["store_failed", "string"], "refused", 1],
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries({ throws: broken, rejects: rejected, forgets: () => true }).map(([name, flaw]) => [
      `after a free failure, delete ${name}: the failure is told all the same, with a warning`,
      {
        faults: [{ fault: "status", status: 401, body: {} }],
        async play({ client, end }) {
          const warnings = [];
          return [await end(client({ store: flawed("delete", flaw), onWarning: ({ code }) => warnings.push(code) }).enrichPhone(JANE)), warnings];
        },
        expect: ["invalid_token none", ["store_failed"]],
        charges: 0,
      },
    ]),
  ),
  "a claim is in the store before the request is out, and gone for an answer after": {
    faults: [{ fault: "delay", ms: 150 }],
    async play({ client, end, arrived }) {
      const store = new SlowStore();
      const call = end(client({ store }).enrichPhone(JANE));
      await arrived(1);
      const during = [...store.entries];
      await call;
      return { during, after: [...store.entries] };
    },
    expect: ({ during, after }) => [
      [during.length, JSON.parse(during[0][1]).record.status, secretsIn(during)],
      [after.length, after.map(([, value]) => JSON.parse(value).record.status), secretsIn(after.map(([name]) => name)), after.every(([name]) => /^phone-enrichment:[0-9a-f]{64}$/.test(name))],
    ],
    is: [
      [1, "claimed", []],
      // By the profile, and by the e-mail that came along.
      [2, ["success", "success"], [], true],
    ],
  },
  "a claim over an answer holds the answer, and nothing more about the person": {
    async play({ client, end }) {
      const store = new Map();
      const one = client({ store });
      await end(one.enrichPhone(NOBODY));
      await one.enrichPhone(NOBODY, { fresh: true, timeoutMs: 5000 }).catch(() => {});
      return [...store];
    },
    expect: (entries) => [entries.length, secretsIn(entries), JSON.stringify(entries).includes("nobody")],
    is: [1, [], false],
    posts: 2,
    charges: 0,
  },
  "another secret makes other names, and finds nothing of what is there": {
    async play({ client, end }) {
      const store = new Map();
      const names = [];
      const ends = [];
      for (const storeSecret of [undefined, "one", "two", "one"]) {
        ends.push(await end(client({ store, ...(storeSecret && { storeSecret }) }).enrichPhone(NOBODY)));
        names.push(store.size);
      }
      return [ends, names];
    },
    expect: [["not_found none network x1", "not_found none network x1", "not_found none network x1", "not_found none cache x0"], [1, 2, 3, 3]],
    posts: 3,
    charges: 0,
  },
  "whoever comes after a program that died is told that nobody knows, and may force": {
    async play({ client, end, requests }) {
      const store = new Map();
      await new Promise((sent) => {
        end(client({ store, timeoutMs: 1000, fetch: () => (sent(), never()) }).enrichPhone(JANE));
      });
      // What the store held at that moment is all that is left.
      const left = new Map(store);
      const one = client({ store: left });
      const first = [await end(one.enrichPhone(JANE)), await requests()];
      return [...first, await end(one.enrichPhone(JANE, { force: true })), await end(one.enrichPhone(JANE))];
    },
    expect: ["outcome_unknown possible", 0, "success confirmed network x1", "success none cache x0"],
  },
};

const forgetting = {
  "forgetting a person removes every record that is linked, by whichever identifier": {
    async play({ client, end, requests }) {
      const store = new Map([["other", "theirs"]]);
      const one = client({ store });
      const turns = [];
      for (const who of [JANE, JANE_BY_EMAIL]) {
        await end(one.enrichPhone(JANE));
        turns.push([store.size, await one.forget(who), store.size]);
      }
      return [turns, await one.forget(JANE), await requests()];
    },
    expect: [[[3, { removed: 2 }, 1], [3, { removed: 2 }, 1]], { removed: 0 }, 2],
    posts: 2,
    twice: "what is forgotten is not known",
  },
  "forgetting a person removes what was linked before a renewal, too": {
    faults: [{ fault: "drop", match: { nth: 2 } }],
    async play({ client, end }) {
      const store = new Map();
      const one = client({ store });
      await end(one.enrichPhone(JANE));
      await end(one.enrichPhone(JANE, { fresh: true }));
      const before = store.size;
      return [before, await one.forget(JANE), store.size];
    },
    expect: [2, { removed: 2 }, 0],
    posts: 2,
    charges: 1,
  },
  "forgetting takes every identifier of a request, and what can't be read": {
    async play({ client, end }) {
      const store = new Map();
      const one = client({ store });
      await end(one.enrichPhone(NOBODY));
      await end(one.enrichPhone(MARCUS));
      for (const name of store.keys()) store.set(name, "<html>");
      return [await one.forget({ ...NOBODY, ...MARCUS }), store.size];
    },
    expect: ({ 0: forgotten, 1: left }) => [forgotten, left],
    // The e-mail that came with Marcus was linked by what can't be read any more.
    is: [{ removed: 2 }, 1],
    posts: 2,
    charges: 1,
  },
  "forgetting a request that names nobody says so": {
    play: async ({ client, end }) => end(client().forget({ email: "no" })),
    expect: "invalid_request none",
    posts: 0,
  },
  "forgetting in a store that fails says so": {
    async play({ client, end }) {
      const store = flawed("delete", broken);
      const one = client({ store });
      await end(one.enrichPhone(NOBODY));
      return [await end(one.forget(NOBODY)), await end(client({ store: new SlowStore() }).forgetAll())];
    },
    expect: ["store_failed none", "store_failed none"],
    charges: 0,
  },
  "forgetting everything leaves what is others'": {
    async play({ client, end }) {
      const store = new Map([["other", "theirs"], ["phone-enrichment", "theirs too"]]);
      await end(client({ store }).enrichPhone(JANE));
      await end(client({ store, storeSecret: "another" }).enrichPhone(NOBODY));
      const before = store.size;
      await client({ store }).forgetAll();
      return [before, [...store.keys()]];
    },
    expect: [5, ["other", "phone-enrichment"]],
    posts: 2,
    charges: 1,
  },
  "forgetting everything without a store of one's own forgets all the same": {
    async play({ client, end }) {
      const one = client();
      const first = await end(one.enrichPhone(NOBODY));
      await one.forgetAll();
      return [first, await end(one.enrichPhone(NOBODY))];
    },
    expect: ["not_found none network x1", "not_found none network x1"],
    posts: 2,
    charges: 0,
  },
};

const suppression = Object.fromEntries(
  Object.entries({
    "a profile": () => ["https://uk.linkedin.com/in/Jane-Doe/"],
    "an e-mail": () => ["nobody@example.org", "Jane.Doe@acme.example.com"],
    "a key that check gave": async ({ check }) => [(await check(JANE)).lookup.key],
    "a Set": () => new Set(["linkedin.com/in/jane-doe"]),
    "a list that can be read once": () => ["linkedin.com/in/jane-doe"].values(),
    "a function": () => ({ kind, key }) => kind === "linkedin_url" && key === "in:jane-doe",
    "a function that answers later": () => async ({ request }) => (await pause(5), request.email === "jane.doe@acme.example.com"),
  }).map(([name, make]) => [
    `${name} suppresses a person by any identifier of the request, and nobody else`,
    {
      async play(world) {
        const one = world.client({ suppress: await make(world) });
        const jane = { ...JANE, ...JANE_BY_EMAIL };
        return [await world.end(one.enrichPhone(jane)), await world.end(one.enrichPhone(jane, { force: true, fresh: true })), await world.end(one.enrichPhone(NOBODY))];
      },
      expect: ["suppressed none", "suppressed none", "not_found none network x1"],
      charges: 0,
    },
  ]),
);
for (const [name, suppress] of Object.entries({ throws: broken, rejects: rejected })) {
  suppression[`a suppress function that ${name} lets nobody out`] = {
    play: async ({ client, end }) => end(client({ suppress }).enrichPhone(JANE)),
    expect: "invalid_options none",
    posts: 0,
  };
}
suppression["a suppress function that never answers ends at the deadline, and lets nobody out"] = {
  play: async ({ client, end }) => end(client({ suppress: never, timeoutMs: 100 }).enrichPhone(JANE)),
  expect: "timeout none",
  posts: 0,
};
suppression["who is suppressed is not given out of the store either"] = {
  async play({ client, end }) {
    const store = new Map();
    await end(client({ store }).enrichPhone(JANE));
    return end(client({ store, suppress: [JANE.linkedin_url] }).enrichPhone(JANE));
  },
  expect: "suppressed none",
};

const climbing = {
  "the next identifier is tried after a not-found, on request": {
    async play({ client, end }) {
      const one = client();
      const request = { linkedin_url: "linkedin.com/in/nobody-at-all", ...JANE_BY_EMAIL };
      return [await end(one.enrichPhone(request)), await end(one.enrichPhone(request, { ladder: true })), await end(client({ ladder: true }).enrichPhone({ ...request, linkedin_url: "https://lnkd.in/x" }))];
    },
    expect: ["not_found none network x1", "success confirmed network x1", "success confirmed network x1"],
    posts: 3,
    charges: 2,
    twice: "another client knows nothing of it",
  },
  "no next identifier is tried after what may have been charged": {
    faults: [{ fault: "charge_then_drop" }],
    async play({ client, end }) {
      const one = client({ ladder: true });
      return [await end(one.enrichPhone({ ...JANE, ...JANE_BY_EMAIL })), await end(one.enrichPhone({ ...JANE, ...JANE_BY_EMAIL }))];
    },
    expect: ["network possible", "outcome_unknown possible"],
  },
  "an error ends the ladder, however free": {
    faults: [{ fault: "status", status: 403, body: {} }],
    play: async ({ client, end }) => end(client({ ladder: true }).enrichPhone({ ...JANE, ...JANE_BY_EMAIL })),
    expect: "forbidden none",
    charges: 0,
  },
};

const wallet = {
  "the wallet is what the service last said, and what this client spent": {
    faults: [{ fault: "delay", ms: 200, match: { person: "ines-carvalho" } }, { fault: "drop", match: { person: "marcus-bell" } }],
    async play({ client, end, arrived }) {
      const one = client();
      const balance = () => {
        const { as_of, ...rest } = one.balance();
        return [as_of === null ? null : Math.abs(Date.parse(as_of) - Date.now()) < 60_000, ...Object.values(rest)];
      };
      const seen = [balance()];
      await end(one.enrichPhone(JANE));
      seen.push(balance());
      const call = end(one.enrichPhone(INES));
      await arrived(2);
      seen.push(balance());
      await call;
      seen.push(balance());
      await end(one.enrichPhone(MARCUS));
      seen.push(balance());
      return seen;
    },
    // When, the wallet, spent, reserved, possible.
    expect: [
      [null, null, 0, 0, 0],
      [true, 95, 5, 0, 0],
      [true, 95, 5, 5, 0],
      [true, 90, 10, 0, 0],
      [true, 90, 10, 0, 5],
    ],
    posts: 3,
    charges: 2,
  },
  "somebody else's spending is told, once": {
    async play({ client, end }) {
      const told = [];
      const one = client({ onAnomaly: (anomaly) => told.push(anomaly) });
      await end(one.enrichPhone(JANE));
      await end(client().enrichPhone(MARCUS));
      await end(one.enrichPhone(NOBODY));
      await end(one.enrichPhone(INES));
      return told;
    },
    expect: [{ expected: 95, remaining_credits: 90 }],
    posts: 4,
    charges: 3,
  },
  "a reply that was lost and charged for is no anomaly, and settled": {
    faults: [{ fault: "charge_then_drop", match: { person: "marcus-bell" } }],
    async play({ client, end }) {
      const told = [];
      const one = client({ onAnomaly: (anomaly) => told.push(anomaly) });
      for (const who of [JANE, MARCUS]) await end(one.enrichPhone(who));
      const before = one.balance();
      await end(one.enrichPhone(NOBODY));
      const { spent, possible } = one.balance();
      return [[before.spent, before.possible], [spent, possible], told];
    },
    expect: [[5, 5], [10, 0], []],
    posts: 3,
    charges: 2,
  },
  "many replies out of order are no anomaly": {
    sandbox: { people: { builtIn: false, generated: 60 }, credits: 10_000 },
    faults: [{ fault: "delay", ms: [0, 120], before: "answer" }],
    async play({ client, end }) {
      const told = [];
      const one = client({ onAnomaly: (anomaly) => told.push(anomaly) });
      const person = (index) => ({ email: `person-${String(index + 1).padStart(5, "0")}@example.com` });
      await Promise.all(Array.from({ length: 60 }, (_, index) => end(one.enrichPhone(person(index)))));
      await end(one.enrichPhone(NOBODY));
      const { remaining_credits, spent } = one.balance();
      return [told, remaining_credits, spent];
    },
    expect: [[], 9700, 300],
    posts: 61,
    charges: 60,
  },
  "after a 402 nothing is sent until the caller says that there is more": {
    sandbox: { credits: 3, detail402: true },
    async play({ client, end, error, requests, setCredits }) {
      const one = client();
      const first = await end(one.enrichPhone(JANE));
      const { code, charge, status, required, remainingCredits } = await error(one.enrichPhone(MARCUS));
      await setCredits(50);
      const held = await end(one.enrichPhone(MARCUS));
      const sent = await requests();
      one.closeBreaker();
      return [first, { code, charge, status, required, remainingCredits }, held, sent, await end(one.enrichPhone(MARCUS))];
    },
    expect: ["insufficient_credits none", { code: "insufficient_credits", charge: "none", required: 5, remainingCredits: 3 }, "insufficient_credits none", 1, "success confirmed network x1"],
    posts: 2,
    charges: 1,
  },
  "a reply that tells of enough credits closes the breaker": {
    sandbox: { credits: 100 },
    faults: [{ fault: "status", status: 402, body: {}, match: { person: "jane-doe" }, times: 1 }, { fault: "delay", ms: 250, match: { person: "marcus-bell" } }],
    async play({ client, end, arrived }) {
      const one = client();
      const call = end(one.enrichPhone(JANE));
      await arrived(1);
      return [await call, await end(one.enrichPhone(INES))];
    },
    expect: ["insufficient_credits none", "insufficient_credits none"],
    charges: 0,
  },
};

// The rows of the README's table: what a caller gets, what it costs, how many requests that took, and what the next call
// for the same person does. `call` makes the event happen; the rest is the same for all.
const SLOWLY = { fault: "delay", ms: 250, before: "answer", match: { method: "POST" } };
const status = (status) => ({ faults: [{ fault: "status", status, body: {}, times: 1 }] });
const simply = async ({ client, end }, one = client(), who = JANE) => [await end(one.enrichPhone(who)), one];
const events = [
  { event: "found", row: ["`success`", "confirmed, 5 credits", 1, "from the cache, free"] },
  { event: "not found", who: NOBODY, row: ["`not_found`", "none", 1, "from the cache, free"] },
  { event: "found or not found before, and kept", call: async (world) => { const [, one] = await simply(world); return simply(world, one); }, before: 1, row: ["`success`", "none", 0, "from the cache, free"] },
  { event: "another call for the person is out", faults: [{ fault: "delay", ms: 150 }], call: async (world) => { const one = world.client(); const first = world.end(one.enrichPhone(JANE)); await world.arrived(1); const second = await simply(world, one); await first; return second; }, before: 1, row: ["`success`", "none", 0, "from the cache, free"] },
  { event: "the request is invalid", who: { email: "jane@" }, row: ["`invalid_request`", "none", 0, "the same again"] },
  { event: "the person is suppressed", options: { suppress: [JANE.linkedin_url] }, row: ["`suppressed`", "none", 0, "the same again"] },
  { event: "the budget has no room", options: { budget: { perDay: 4 } }, row: ["`budget_exceeded`", "none", 0, "the same again"] },
  { event: "the claim can't be stored", call: async (world) => simply(world, world.client({ store: flawed("set", broken) })), row: ["`store_failed`", "none", 0, "the same again"] },
  { event: "400, 405", ...status(400), also: { 405: status(405) }, row: ["`bad_request`", "none", 1, "a request"] },
  { event: "401", ...status(401), row: ["`invalid_token`", "none", 1, "a request"] },
  { event: "403", ...status(403), row: ["`forbidden`", "none", 1, "a request"] },
  { event: "404", ...status(404), row: ["`not_found_endpoint`", "none", 1, "a request"] },
  { event: "402", ...status(402), row: ["`insufficient_credits`", "none", 1, "the same again"] },
  { event: "429 with `Retry-After` up to 60 s", faults: [{ fault: "429", retryAfter: 0, times: 1 }], row: ["`success`", "confirmed, 5 credits", 2, "from the cache, free"] },
  { event: "429 without it, or beyond 60 s", faults: [{ fault: "429", times: 1 }], also: { "61 s": { faults: [{ fault: "429", retryAfter: 61, times: 1 }] } }, row: ["`rate_limited`", "none", 1, "a request"] },
  { event: "429 for the third time", faults: [{ fault: "429", retryAfter: 0, times: 3 }], row: ["`rate_limited`", "none", 3, "a request"] },
  { event: "any other 4xx", ...status(409), also: Object.fromEntries([406, 408, 410, 413, 415, 422, 451, 499].map((code) => [code, status(code)])), row: ["`bad_request`", "possible", 1, "`outcome_unknown`"] },
  { event: "5xx", faults: [{ fault: "charge_then_500", times: 1 }], also: { "free of charge": { faults: [{ fault: "500", times: 1 }] }, "of a gateway": { faults: [{ fault: "502", times: 1 }] } }, row: ["`server_error`", "possible", 1, "`outcome_unknown`"] },
  { event: "a 200 that can't be read", faults: [{ fault: "html_200", times: 1 }], also: Object.fromEntries(["empty_200", "cut_body", "missing_phone"].map((fault) => [fault, { faults: [{ fault, times: 1, match: { method: "POST" } }] }])), row: ["`malformed_response`", "possible", 1, "`outcome_unknown`"] },
  { event: "a lost connection", faults: [{ fault: "charge_then_drop", times: 1 }], also: { "before the work": { faults: [{ fault: "drop", times: 1, match: { method: "POST" } }] } }, row: ["`network`", "possible", 1, "`outcome_unknown`"] },
  { event: "a redirect", faults: [{ fault: "redirect", times: 1 }], row: ["`network`", "possible", 1, "`outcome_unknown`"] },
  { event: "no answer in time; it comes later", faults: [{ ...SLOWLY, ms: 1500 }], options: { timeoutMs: 700 }, late: true, row: ["`timeout`", "possible", 1, "from the cache, free"] },
  { event: "aborted; the answer comes later", faults: [SLOWLY], call: (world) => aborted(world, {}), late: true, row: ["`aborted`", "possible", 1, "from the cache, free"] },
  { event: 'aborted with `abort: "cancel"`', faults: [SLOWLY], call: (world) => aborted(world, { abort: "cancel" }), late: true, row: ["`aborted`", "possible", 1, "`outcome_unknown`"] },
  { event: "aborted before the request is out", call: async ({ client, end }) => { const one = client(); return [await end(one.enrichPhone(JANE, { signal: AbortSignal.abort() })), one]; }, row: ["`aborted`", "none", 0, "a request"] },
  { event: "the program died while a request was out", call: async (world) => { const store = new Map(); await new Promise((sent) => void world.client({ store, timeoutMs: 1000, fetch: () => (sent(), never()) }).enrichPhone(JANE).catch(() => {})); return simply(world, world.client({ store: new Map(store) })); }, row: ["`outcome_unknown`", "possible", 0, "the same again"] },
];

async function aborted({ client, end, arrived }, options) {
  const one = client(options);
  const controller = new AbortController();
  const call = end(one.enrichPhone(JANE, { signal: controller.signal }));
  await arrived(1);
  controller.abort();
  return [await call, one];
}

/** Makes an event happen, and gives its row of the table. */
async function rowOf(world, { who = JANE, options, call, before = 0, late = false }) {
  const [ended, one] = await (call ?? ((world) => simply(world, world.client(options), who)))(world);
  const sent = (await world.requests()) - before;
  // What comes late is there once nothing is out any more.
  while (late && one.balance().reserved > 0) await pause(20);
  if (late) await pause(50);
  const posts = await world.requests();
  const next = await world.end(one.enrichPhone(who));
  const [what, charge] = ended.split(" ");
  const again = next.includes(" cache ") ? "from the cache, free" : (await world.requests()) > posts ? "a request" : next === ended ? "the same again" : `\`${next.split(" ")[0]}\``;
  return [`\`${what}\``, charge === "confirmed" ? "confirmed, 5 credits" : charge, sent, again];
}

/** The table of the README: each event, and its row. */
export const table = events.map(({ event, row }) => ({ event, row }));

const eventStories = {};
for (const { event, faults, also = {}, row, ...rest } of events) {
  for (const [name, one] of Object.entries({ [event]: { faults }, ...also })) {
    const says = name === event ? event : `${event}: ${name}`;
    eventStories[says] = { ...one, play: (world) => rowOf(world, rest), expect: row, posts: undefined, charges: undefined };
  }
}

/** Groups, so that a report reads well. */
export const groups = {
  "what is charged": eventStories,
  "calls for one person": sharing,
  "a budget": budgets,
  "a store": stores,
  "forgetting": forgetting,
  "suppression": suppression,
  "the ladder": climbing,
  "the wallet": wallet,
};

/** What may stand nowhere, as far as it stands in this value. */
function secretsIn(value) {
  const text = JSON.stringify(value);
  return SECRETS.filter((secret) => text.includes(secret));
}

/** Plays a story, and gives what was seen, every text of every error, and what the calls said of their charges. */
export async function tell(api, { group, name, ...given }) {
  const world = worldOf(api, given);
  const { play, expect } = groups[group][name];
  const seen = await play(world);
  const { shown, charges } = world;
  // As JSON, so that what crosses from another runtime and what did not are alike.
  return JSON.parse(JSON.stringify({ seen: typeof expect === "function" ? expect(seen) : seen, shown, charges }));
}
