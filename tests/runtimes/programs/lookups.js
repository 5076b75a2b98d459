// What every program here does with the package, and what it says of it: it is the program that judges, not who started it.
// It gets the package from the program, which imports it in the way of its runtime.

/** The runtime, by its own name for itself. */
function where() {
  const { Deno, Bun, EdgeRuntime, navigator, process } = globalThis;
  if (Deno) return `Deno ${Deno.version.deno}`;
  if (Bun) return `Bun ${Bun.version}`;
  if (EdgeRuntime) return EdgeRuntime;
  if (process?.versions?.node && navigator?.userAgent !== "Cloudflare-Workers") return `Node ${process.versions.node}`;
  return navigator.userAgent;
}

/** The first of them is known by then, and so is that nobody knows the fourth; the last one stands there twice. */
const LIST = `LinkedIn URL,E-mail,Notes
linkedin.com/in/johndoe,,
https://uk.linkedin.com/in/JohnDoe/?trk=x,,again
,nobody@,half an address
,nobody.knows@acme.example.com,
,jane@acme.example.com,
,JANE@Acme.Example.com,"again, and
in two lines"
`;

/**
 * Looks up somebody whom the book has, somebody whom nobody knows, and half an address, which may not be sent; then plans a list
 * of them all, for which nothing is sent.
 */
async function lookUp({ createClient, isEnrichmentError, planList }, options) {
  const client = createClient(options);
  const wrong = [];
  const expect = (what, ...values) => {
    const [said, wanted] = values.map((value) => JSON.stringify(value));
    if (said !== wanted) wrong.push(`${what} is ${said}, not ${wanted}`);
  };
  const found = await client.enrichPhone({ linkedin_url: "https://www.linkedin.com/in/johndoe" });
  expect("who is found", [found.status, found.results?.phone, found.meta.charge, found.meta.credits], ["success", "+1 555-123-4567", "confirmed", 5]);
  const missing = await client.enrichPhone({ email: "nobody.knows@acme.example.com" });
  expect("who is not found", [missing.status, missing.meta.charge, missing.meta.credits], ["not_found", "none", 0]);
  const refused = await client.enrichPhone({ email: "nobody@" }).catch((error) => error);
  expect("what is refused", [isEnrichmentError(refused), refused.code, refused.charge], [true, "invalid_request", "none"]);
  const plan = await planList(LIST, { client });
  expect("the list", [plan.rows, plan.people, plan.known, plan.duplicates, plan.invalid, plan.most_credits], [6, 3, 2, 2, 1, 5]);
  expect("its rows", plan.page(0, 9).map(({ line, kind, of }) => [line, kind, of]), [[2, "known", null], [3, "duplicate", 0], [4, "invalid", null], [5, "known", null], [6, "unique", null], [7, "duplicate", 4]]);
  const none = await planList("a,b\n1,2\n").catch((error) => error);
  expect("what is no list", [isEnrichmentError(none), none.code, none.issues?.[0].code], [true, "invalid_list", "no_columns"]);
  return wrong;
}

/** One line: `passed in …`, or `failed in …: why`. */
export async function verdict(api, options) {
  const wrong = await lookUp(api, options).catch((error) => [`${error?.code ?? error?.name}: ${error?.message} ${error?.cause ?? ""}`]);
  return wrong.length === 0 ? `passed in ${where()}` : `failed in ${where()}: ${wrong.join("; ")}`;
}
