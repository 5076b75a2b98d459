// What the demo shows: real requests from the installed package to a sandbox that speaks the vendor's contract.
// Ends with 1 when an outcome is not the expected one. With --stay the sandbox stays up until standard input closes, and
// the last line names it as JSON.
import { createClient, isEnrichmentError } from "phone-enrichment";
import { startSandbox } from "phone-enrichment/sandbox";

const sandbox = await startSandbox({ credits: 100 });
const client = createClient({ token: sandbox.token, baseUrl: sandbox.url });

const LOOKUPS = [
  { title: "someone with a known phone", expected: "success", request: { linkedin_url: "https://www.linkedin.com/in/johndoe" } },
  { title: "someone nobody knows", expected: "not_found", request: { linkedin_url: "https://www.linkedin.com/in/no-such-person-anywhere" } },
  { title: "a request with two mistakes", expected: "invalid_request", request: { linkedin_url: "https://www.linkedin.com/company/acme", email: "john.doe@" } },
  { title: "an empty wallet", expected: "insufficient_credits", request: { email: "jane.roe@example.com" }, before: () => sandbox.setCredits(0) },
];

/** What came of it, and what there is to say about it. */
function tell(outcome) {
  if (isEnrichmentError(outcome)) {
    const issues = (outcome.issues ?? []).map((issue) => `${issue.field}: ${issue.message}${issue.fix ? ` ${issue.fix}` : ""}`);
    return [outcome.code, ...(issues.length > 0 ? issues : [outcome.message]), `charge: ${outcome.charge}`];
  }
  const { status, results, message, remaining_credits, meta } = outcome;
  const found = status === "success" ? [`phone: ${results.phone}`, `email: ${results.email ?? "none"}`] : [message];
  return [status, ...found, `charge: ${meta.charge}, ${meta.credits} credits; ${remaining_credits} left`];
}

let wrong = 0;
console.log(`\nA sandbox is listening at ${sandbox.url}\n`);
for (const { title, expected, request, before } of LOOKUPS) {
  before?.();
  const charged = sandbox.ledger().length;
  const sent = sandbox.requests().length;
  const outcome = await client.enrichPhone(request).catch((error) => error);
  if (outcome instanceof Error && !isEnrichmentError(outcome)) throw outcome;
  const [what, ...said] = tell(outcome);
  const requests = sandbox.requests().length - sent;
  const charges = sandbox.ledger().length - charged;
  const right = what === expected && requests === (expected === "invalid_request" ? 0 : 1) && charges === (expected === "success" ? 1 : 0);
  if (!right) wrong++;
  console.log(`${title}\n  ${JSON.stringify(request)}`);
  console.log(`  → ${what}${right ? "" : `  ← NOT AS EXPECTED (${expected})`}`);
  for (const line of said) console.log(`    ${line}`);
  console.log(`    on the wire: ${requests} request${requests === 1 ? "" : "s"}; on the sandbox's own ledger: ${charges} charge${charges === 1 ? "" : "s"}\n`);
}

process.exitCode = wrong === 0 ? 0 : 1;
if (process.argv.includes("--stay") && wrong === 0) {
  sandbox.setCredits(100);
  console.log(JSON.stringify({ url: sandbox.url, token: sandbox.token }));
  process.stdin.resume().once("close", () => sandbox.close());
} else {
  await sandbox.close();
}
