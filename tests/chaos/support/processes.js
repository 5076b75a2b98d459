// Chaos among processes: they share a plan, are killed at moments drawn from the seed, and are started again until all is
// asked.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSandbox } from "phone-enrichment/sandbox";
import { livesOf } from "./judge.js";
import { FAULTS, randomFrom } from "./plan.js";

const program = fileURLToPath(new URL("child.js", import.meta.url));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs a child to its end, or kills it once the service has seen so many more requests, and a while passed. */
function live(options, strike) {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ["ignore", "inherit", "inherit"] });
  let isOver = false;
  const end = new Promise((resolve, reject) => child.once("error", reject).once("exit", (code, signal) => ((isOver = true), resolve({ code, signal }))));
  strike?.(() => isOver).then(() => child.kill("SIGKILL"));
  return end;
}

/**
 * Lets chaos reign, and gives all that a judge needs.
 *
 * @param kills how often a child is killed at most
 */
export async function chaosAmongProcesses(t, { plan, children, kills, store, faults = FAULTS }) {
  const folder = mkdtempSync(join(tmpdir(), "phone-chaos-"));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const sandbox = await startSandbox({ people: plan.people, credits: 1_000_000, faults, seed: plan.seed });
  t.after(() => sandbox.close());
  const logs = join(folder, "logs");
  mkdirSync(logs);
  const options = { baseUrl: sandbox.url, token: sandbox.token, folder: join(folder, "store"), logs, store, plan };
  const random = randomFrom(plan.seed + 1);
  let strikes = kills;
  let killed = 0;
  let crashed = 0;
  await Promise.all(
    Array.from({ length: children }, async (_, at) => {
      for (;;) {
        const [requests, ms] = [Math.floor(random() * 30), Math.floor(random() * 60)];
        const strike = async (isOver) => {
          const until = sandbox.requests().length + requests;
          while (sandbox.requests().length < until && !isOver()) await pause(2);
          await pause(ms);
        };
        const { code, signal } = await live({ ...options, name: `child-${at}`, share: { at, of: children } }, strikes-- > 0 ? strike : undefined);
        if (signal === null) return void (crashed += code);
        killed++;
      }
    }),
  );
  await sandbox.idle();
  const read = (of) => readdirSync(logs).filter((name) => name.startsWith(of)).flatMap((name) => livesOf(readFileSync(join(logs, name), "utf8")));
  const before = { lives: read("child"), ledger: sandbox.ledger(), requests: sandbox.requests(), killed, crashed };

  sandbox.setFaults([]);
  const round = async (name) => {
    const seen = sandbox.requests().length;
    const { code } = await live({ ...options, name, everybody: true });
    await sandbox.idle();
    return { code, ends: read(name).flat().filter((entry) => "end" in entry), requests: sandbox.requests().slice(seen) };
  };
  const again = await round("again");
  const onceMore = await round("once-more");
  return { before, again, onceMore, wallet: sandbox.wallet() };
}
