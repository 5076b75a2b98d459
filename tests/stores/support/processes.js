// The file store in processes of their own: Node, Deno and Bun, each told what to do by lines.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const tests = fileURLToPath(new URL("../../", import.meta.url));
const program = fileURLToPath(new URL("file-program.js", import.meta.url));

const RUNTIMES = {
  Node: [process.execPath, []],
  Deno: [join(tests, "node_modules/deno", process.platform === "win32" ? "deno.exe" : "deno"), ["run", "--allow-all", "--no-lock", "--no-remote", "--cached-only", "--node-modules-dir=manual"]],
  Bun: [join(tests, "node_modules/bun/bin/bun.exe"), ["run", "--no-install"]],
};

/** `{ call(name, ...args), kill(signal), said, close() }`; `said` is what the process said unasked. */
export function startProcess(runtime, folder, { shell } = {}) {
  const [file, rights] = RUNTIMES[runtime];
  const command = [file, ...rights, program, folder];
  const [first, ...rest] = shell ? ["sh", "-c", `${shell}; exec "$@"`, "sh", ...command] : command;
  const child = spawn(first, rest, { cwd: tests, stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", DO_NOT_TRACK: "1" } });
  const waiting = new Map();
  const said = [];
  let last = 0;
  const gone = new Promise((resolve) => child.once("error", resolve).once("exit", (code, signal) => resolve(new Error(`${runtime} ended with ${code ?? signal}`)))).then((why) => {
    for (const { reject } of waiting.values()) reject(why);
    waiting.clear();
  });
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, unasked, result, error } = JSON.parse(line);
    if (id === undefined) return void said.push(unasked);
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  });
  return {
    said,
    pid: child.pid,
    call: (name, ...args) =>
      new Promise((resolve, reject) => {
        waiting.set(++last, { resolve, reject });
        child.stdin.write(`${JSON.stringify({ id: last, name, args })}\n`);
      }),
    kill: (signal) => child.kill(signal),
    gone,
    async close() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}
