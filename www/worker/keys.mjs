// The keys of callers: `node keys.mjs make --name NAME [--scopes lookup,jobs] [--per-minute CREDITS] [--per-day CREDITS]`,
// `node keys.mjs list`, `node keys.mjs revoke ID`. WORKER_URL is where the Worker is, ADMIN_KEY its administrator's key: from
// the environment, since what is typed after a command is kept by the shell and seen by everybody on the machine.
import { parseArgs } from "node:util";

const { WORKER_URL, ADMIN_KEY } = process.env;

/** Says what is wrong, and ends. */
function fail(problem) {
  console.error(problem);
  process.exit(1);
}

async function ask(method, path, body) {
  const reply = await fetch(new URL(path, WORKER_URL), {
    method,
    headers: { authorization: `Token ${ADMIN_KEY}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  }).catch((error) => fail(`${WORKER_URL} can't be reached: ${error.cause?.code ?? error.message}`));
  const said = await reply.json().catch(() => fail(`${WORKER_URL} is no such Worker: it answered ${reply.status} without JSON.`));
  if (!reply.ok) fail(`${reply.status}: ${said.detail ?? JSON.stringify(said)}`);
  return said;
}

const credits = (text) => (text === undefined ? null : /^\d+$/.test(text) ? Number(text) : fail(`Credits are a whole number, not "${text}".`));

const COMMANDS = {
  async make({ name, scopes = "lookup", "per-minute": perMinute, "per-day": perDay }) {
    if (!name) fail("A key needs a --name.");
    const { id, key } = await ask("POST", "/v1/keys", { name, scopes: scopes.split(","), per_minute: credits(perMinute), per_day: credits(perDay) });
    console.log(`${key}\n\nThis is told only now. It is revoked with: node keys.mjs revoke ${id}`);
  },
  async list() {
    const { keys } = await ask("GET", "/v1/keys");
    console.table(keys.map(({ scopes, ...key }) => ({ ...key, scopes: scopes.join(" ") })));
  },
  async revoke(_, id) {
    if (!/^[0-9a-z]{10}$/.test(id ?? "")) fail("Which key? An id has ten letters and digits; see: node keys.mjs list");
    await ask("DELETE", `/v1/keys/${id}`);
    console.log(`${id} is revoked.`);
  },
};

const { values, positionals } = (() => {
  try {
    return parseArgs({ allowPositionals: true, options: Object.fromEntries(["name", "scopes", "per-minute", "per-day"].map((option) => [option, { type: "string" }])) });
  } catch (error) {
    return fail(error.message);
  }
})();
const [command, id] = positionals;
if (!Object.hasOwn(COMMANDS, command ?? "")) fail(`Usage: node keys.mjs ${Object.keys(COMMANDS).join(" | ")}; see the first lines of the file.`);
if (!URL.canParse(WORKER_URL ?? "") || !ADMIN_KEY) fail("Set WORKER_URL to the address of the Worker and ADMIN_KEY to its administrator's key.");
await COMMANDS[command](values, id);
