// Keyv over SQLite and over a Redis of its own, as anybody would set it up.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Keyv from "keyv";
import KeyvRedis from "@keyv/redis";
import KeyvSqlite from "@keyv/sqlite";
import { program } from "../../identity/runtimes.js";

const quiet = (keyv) => keyv.on("error", () => {});

export async function openSqlite() {
  const folder = mkdtempSync(join(tmpdir(), "phone-sqlite-"));
  const opened = [];
  return {
    /** Another connection to the same database. */
    keyv(options) {
      const store = new KeyvSqlite(`sqlite://${join(folder, "keyv.sqlite")}`);
      // Two connections wait for each other instead of failing.
      store.query("PRAGMA busy_timeout = 5000");
      opened.push(store);
      return quiet(new Keyv({ store, ...options }));
    },
    /** Closes it under the feet of its Keyv. */
    leave: (keyv) => (opened.splice(opened.indexOf(keyv.store), 1), keyv.store.close()),
    async close() {
      await Promise.all(opened.map((store) => store.close()));
      rmSync(folder, { recursive: true });
    },
  };
}

/** A port of this machine that nobody has. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function openRedis() {
  const folder = mkdtempSync(join(tmpdir(), "phone-redis-"));
  const port = await freePort();
  const server = spawn(program("REDIS_SERVER", "redis-server", "valkey-server"), ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(server, "exit");
  const end = () => server.kill("SIGKILL");
  process.once("exit", end);
  let log = "";
  server.stdout.setEncoding("utf8").on("data", (text) => (log += text));
  for (const start = Date.now(); ; ) {
    const socket = connect(port, "127.0.0.1");
    if (await once(socket, "connect").then(() => true, () => false)) {
      socket.destroy();
      break;
    }
    if (server.exitCode !== null || Date.now() - start > 10_000) throw new Error(`Redis does not start: ${log}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const opened = [];
  return {
    keyv(options, client = {}) {
      const store = new KeyvRedis({ url: `redis://127.0.0.1:${port}`, ...client }, options);
      opened.push(store);
      return quiet(new Keyv({ store, useKeyPrefix: false, ...options }));
    },
    async stop() {
      end();
      await gone;
    },
    async close() {
      await Promise.allSettled(opened.map((store) => store.disconnect(true)));
      process.off("exit", end);
      end();
      await gone;
      rmSync(folder, { recursive: true });
    },
  };
}
