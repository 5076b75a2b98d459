// The command of the installed package, started for real in a folder of its own, beside a sandbox of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox } from "phone-enrichment/sandbox";
import { filesOf, installed } from "../../package/support/installed.js";

/** Longer than anything takes, so that what hangs fails. */
const PATIENCE_MS = 90_000;
export const TOKEN = "live-6f2d1c9ab84e4707";

/** A folder to work in, and a sandbox; no token may ever come to lie in the one or in an output. */
export async function workplace(t, { people = 0, credits = 10_000, faults = [], bin = join(installed, "bin"), ...more } = {}) {
  const sandbox = await startSandbox({ token: TOKEN, people, credits, faults, ...more });
  const folder = mkdtempSync(join(tmpdir(), "phone-cli-"));
  t.after(async () => {
    await sandbox.close();
    const holds = filesOf(folder).filter((file) => file !== "token" && readFileSync(join(folder, file), "latin1").includes(TOKEN));
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    assert.deepEqual(holds, [], "the token lies in a file");
  });

  /** Starts the command. With `terminal` its input and output are one. */
  function start(words, { env = { ENRICHMENT_TOKEN: TOKEN }, terminal, input = "" } = {}) {
    const command = [process.execPath, join(bin, "phone-enrichment.js"), ...words];
    const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    const [program, ...rest] = terminal ? ["script", "-qec", quoted, "/dev/null"] : command;
    const { ENRICHMENT_TOKEN, ENRICHMENT_TOKEN_FILE, ...own } = process.env;
    const child = spawn(program, rest, { cwd: folder, env: { ...own, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    const run = { child, out: "", err: "" };
    child.stdout.on("data", (text) => (run.out += text));
    child.stderr.on("data", (text) => (run.err += text));
    child.stdin.on("error", () => {});
    if (terminal) child.stdin.write(input);
    else child.stdin.end(input);
    const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    t.after(() => child.kill("SIGKILL"));
    run.ended = new Promise((resolve) =>
      child.once("close", (code, signal) => {
        clearTimeout(late);
        resolve({ code: code ?? signal, out: run.out, err: run.err });
      }),
    ).then((end) => {
      assert.ok(!`${end.out}${end.err}`.includes(TOKEN), "the token is in what the command said");
      return end;
    });
    return run;
  }

  return {
    sandbox,
    folder,
    start,
    run: (words, options) => start(words, options).ended,
    /** The same, told where the sandbox is. */
    ask: (words, options) => start([...words, "--base-url", sandbox.url], options).ended,
    startAsking: (words, options) => start([...words, "--base-url", sandbox.url], options),
    write: (name, text, options) => writeFileSync(join(folder, name), text, options),
    read: (name) => readFileSync(join(folder, name), "utf8"),
    has: (name) => existsSync(join(folder, name)),
    /** Waits until something is so. */
    async until(isSo) {
      for (const end = Date.now() + PATIENCE_MS; !isSo(); await new Promise((done) => setTimeout(done, 2))) if (Date.now() > end) throw new Error("it never came to that");
    },
    posts: () => sandbox.requests().filter(({ method }) => method === "POST"),
  };
}

/** Records of a CSV text, by nothing but RFC 4180: an own reading, to judge that of the command. */
export function cellsOf(text, delimiter = ",") {
  const records = [[""]];
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const cells = records.at(-1);
    if (isQuoted) {
      if (text[at] !== '"') cells[cells.length - 1] += text[at];
      else if (text[at + 1] === '"') cells[cells.length - 1] += text[++at];
      else isQuoted = false;
    } else if (text[at] === '"') isQuoted = true;
    else if (text[at] === delimiter) cells.push("");
    else if (text[at] === "\r" && text[at + 1] === "\n") {
      at++;
      records.push([""]);
    } else cells[cells.length - 1] += text[at];
  }
  assert.deepEqual(records.pop(), [""], "the last line ends");
  return records;
}

/** The rows of a list, each by its headers. */
export function rowsOf(text, delimiter) {
  const [names, ...rows] = cellsOf(text, delimiter);
  return rows.map((cells) => {
    assert.equal(cells.length, names.length);
    return Object.fromEntries(names.map((name, at) => [name, cells[at]]));
  });
}

export const number = (n) => String(n).padStart(5, "0");
/** A list of generated people, from the first on. */
export const listOf = (count) => `lead,email\n${Array.from({ length: count }, (_, at) => `${at},person-${number(at + 1)}@example.com\n`).join("")}`;
