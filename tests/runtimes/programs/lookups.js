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

/** Looks up somebody whom the book has, somebody whom nobody knows, and half an address, which may not be sent. */
async function lookUp({ createClient, isEnrichmentError }, options) {
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
  return wrong;
}

/** One line: `passed in …`, or `failed in …: why`. */
export async function verdict(api, options) {
  const wrong = await lookUp(api, options).catch((error) => [`${error?.code ?? error?.name}: ${error?.message} ${error?.cause ?? ""}`]);
  return wrong.length === 0 ? `passed in ${where()}` : `failed in ${where()}: ${wrong.join("; ")}`;
}
