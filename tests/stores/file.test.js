// What only a file system has: processes that are killed at any moment, and files that anybody can damage.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fileStore } from "phone-enrichment/stores/file";
import { startProcess } from "./support/processes.js";
import { ALL, testRules } from "./support/rules.js";
import { never, pause, until } from "./support/wait.js";

function newFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), "phone-files-"));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return join(folder, "store");
}

function processFor(t, folder, runtime = "Node", options) {
  const child = startProcess(runtime, folder, options);
  t.after(() => child.close());
  return child;
}

/** The one file of values, or the one whose name is given. */
const fileIn = (folder, name = readdirSync(join(folder, "values"))[0]) => join(folder, "values", name);
const filesBelow = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => [entry.isDirectory(), statSync(join(entry.parentPath ?? entry.path, entry.name)).mode & 0o777]);

for (const runtime of ["Node", "Deno", "Bun"]) {
  describe(`the file store in ${runtime}`, { timeout: 60_000 }, () => {
    let folder;
    let child;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "phone-files-"));
      child = startProcess(runtime, join(folder, "store"));
    });
    after(async () => {
      await child.close();
      rmSync(folder, { recursive: true, force: true });
    });
    testRules(ALL, (...rule) => child.call("judge", ...rule));
  });
}

describe("the file store among processes", { concurrency: 2, timeout: 60_000 }, () => {
  test("what one process sets, another gets at once", async (t) => {
    const folder = newFolder(t);
    const [one, two] = [processFor(t, folder), processFor(t, folder, "Bun")];
    for (const value of ["first", "second"]) {
      await one.call("set", "a", value);
      assert.equal(await two.call("get", "a"), value);
    }
    await two.call("delete", "a");
    assert.equal(await one.call("get", "a"), null);
  });

  test("a counter that six processes of three runtimes add to is right", async (t) => {
    const folder = newFolder(t);
    const children = ["Node", "Node", "Node", "Deno", "Bun", "Bun"].map((runtime) => processFor(t, folder, runtime));
    await Promise.all(children.map((child) => child.call("count", "counter", 15)));
    assert.equal(await fileStore(folder).get("counter"), "90");
    // Whoever gives a lock back does not wait for its file to go.
    await until(() => readdirSync(join(folder, "locks")).length === 0, "the last lock's going");
  });

  test("what set resolved for is there after the process was killed, in whatever moment", async (t) => {
    const folder = newFolder(t);
    const store = fileStore(folder);
    const keys = ["a", "b", "c"];
    let kills = 0;
    for (let round = 0; round < 10; round++) {
      const child = processFor(t, folder);
      child.call("storm", keys, 2000).catch(() => {});
      await until(() => child.said.length > 0, "the first value");
      await pause(Math.random() * 60);
      child.kill("SIGKILL");
      await child.gone;
      const last = Object.fromEntries(child.said);
      for (const key of keys) {
        const value = await store.get(key);
        if (value === undefined) assert.equal(last[key], undefined, "a value was lost");
        else {
          const { count, rest } = JSON.parse(value);
          assert.equal(rest, String(count).repeat(2000), "a value is torn");
          assert.ok(last[key] === undefined || count >= last[key], `${key} is ${count}, and ${last[key]} was set`);
        }
        await store.delete(key);
      }
      for (const name of readdirSync(join(folder, "unfinished"))) {
        kills++;
        rmSync(join(folder, "unfinished", name));
      }
    }
    t.diagnostic(`${kills} of 10 were killed in the midst of writing a file`);
  });

  test("a process that is killed gives back what it had, and one that stands still does not", async (t) => {
    const folder = newFolder(t);
    const child = processFor(t, folder);
    await child.call("lock", "a");
    await until(() => child.call("holds", "a"), "the process having the lock");
    let entered = false;
    const waiting = fileStore(folder).lock("a").then((release) => ((entered = true), release));
    await never(() => entered, "two have the lock");
    child.kill("SIGSTOP");
    await never(() => entered, "the lock of a process that stands still is given away", 700);
    const start = Date.now();
    child.kill("SIGKILL");
    const release = await waiting;
    assert.ok(Date.now() - start < 2_000, `it took ${Date.now() - start} ms`);
    release();
  });

  test("a process that was killed while it waited is in nobody's way", async (t) => {
    const folder = newFolder(t);
    const store = fileStore(folder);
    const release = await store.lock("a");
    const child = processFor(t, folder);
    await child.call("lock", "a");
    await until(() => readdirSync(join(folder, "locks/a")).length === 2 || pause(5), "the process waiting");
    child.kill("SIGKILL");
    await child.gone;
    release();
    (await store.lock("a"))();
  });

  test("a process that ended, but that its parent never asked about, gives back what it had", { skip: process.platform !== "linux" }, async (t) => {
    const folder = newFolder(t);
    // A shell that starts the process and then never waits for it.
    const program = `import { fileStore } from "phone-enrichment/stores/file"; await fileStore(${JSON.stringify(folder)}).lock("a"); console.log("locked"); process.exit();`;
    const parent = spawn("sh", ["-c", '"$@" & exec sleep 60', "sh", process.execPath, "--input-type=module", "--eval", program], { cwd: fileURLToPath(new URL(".", import.meta.url)), stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => parent.kill("SIGKILL"));
    await once(parent.stdout, "data");
    (await fileStore(folder).lock("a"))();
  });

  test("the lock of a process whose number went to another one is free", { skip: process.platform !== "linux" }, async (t) => {
    const folder = newFolder(t);
    const store = fileStore(folder);
    const release = await store.lock("a");
    const [mine] = readdirSync(join(folder, "locks/a"));
    release();
    await until(() => !existsSync(join(folder, "locks/a")), "the lock being given back");
    const [time, place, pid, started, random] = mine.split(".");
    mkdirSync(join(folder, "locks/a"));
    writeFileSync(join(folder, "locks/a", [time, place, pid, Number(started) - 1, random].join(".")), "");
    (await store.lock("a"))();
  });

  test("a process in another container has its lock as long as it gives signs of life, and a minute more", async (t) => {
    const folder = newFolder(t);
    const store = fileStore(folder);
    await store.get("a");
    mkdirSync(join(folder, "locks/a"), { recursive: true });
    const other = join(folder, "locks/a", `${"0".repeat(16)}.${"f".repeat(16)}.1.1.abcdefgh`);
    writeFileSync(other, "");
    // A clock that can be put forward.
    const { now } = performance;
    t.after(() => (performance.now = now));
    let ahead = 0;
    performance.now = () => now.call(performance) + ahead;
    let entered = false;
    const waiting = store.lock("a").then((release) => ((entered = true), release));
    await never(() => entered, "the lock is taken at once");
    ahead += 50_000;
    await never(() => entered, "the lock is taken after 50 s");
    utimesSync(other, new Date(), new Date());
    await pause(600);
    ahead += 50_000;
    await never(() => entered, "the lock is taken 50 s after a sign of life", 600);
    ahead += 11_000;
    (await waiting)();
    assert.ok(!existsSync(other));
  });

  test("whoever has a lock gives signs of life", async (t) => {
    const folder = newFolder(t);
    const release = await fileStore(folder).lock("a");
    t.after(release);
    const [mine] = readdirSync(join(folder, "locks/a"));
    const file = join(folder, "locks/a", mine);
    utimesSync(file, 0, 0);
    await until(() => statSync(file).mtimeMs > 0, "a sign of life");
  });

  test("whoever waits for a lock gives signs of life", async (t) => {
    const folder = newFolder(t);
    const store = fileStore(folder);
    await store.get("a");
    // Of the two it has waited longer, so its name stays.
    const other = `${"9".repeat(16)}.${"f".repeat(16)}.1.1.abcdefgh`;
    mkdirSync(join(folder, "locks/a"), { recursive: true });
    writeFileSync(join(folder, "locks/a", other), "");
    const waiting = store.lock("a");
    const own = () => readdirSync(join(folder, "locks/a")).find((name) => name !== other);
    await until(own, "its name");
    const file = join(folder, "locks/a", own());
    utimesSync(file, 0, 0);
    await until(() => statSync(file).mtimeMs > 0, "a sign of life");
    rmSync(join(folder, "locks/a", other));
    (await waiting)();
  });
});

describe("the files of the file store", { timeout: 60_000 }, () => {
  test("are readable by their owner alone", { skip: process.platform === "win32" }, async (t) => {
    const folder = newFolder(t);
    const store = fileStore(folder);
    await store.set("a", "value");
    const release = await store.lock("a");
    const found = filesBelow(folder);
    release();
    assert.ok(found.length >= 6);
    for (const [isFolder, mode] of found) assert.equal(mode, isFolder ? 0o700 : 0o600);
  });

  test("have names that no file system takes for one another", async (t) => {
    const folder = newFolder(t);
    const store = fileStore(folder);
    const keys = ["a", "A", "%41", "a.", "a ", ".", "..", "con", "a/b", "a\\b", "a:b", "ä", "a\u0308"];
    for (const key of keys) await store.set(key, key);
    const names = readdirSync(join(folder, "values"));
    assert.equal(new Set(names.map((name) => name.toLowerCase().normalize())).size, keys.length);
    for (const name of names) assert.match(name, /^[0-9a-z_%-]+$/);
  });

  test("are flushed before set and delete resolve: the file, then the folder; and if that fails, they reject", async (t) => {
    const folder = newFolder(t);
    const store = fileStore(folder);
    await store.set("a", "before");
    const { open, rename, unlink } = promises;
    t.after(() => (Object.assign(promises, { open, rename, unlink }), syncBuiltinESMExports()));
    const done = [];
    let failing;
    const noted = (what, name) => {
      done.push(what);
      if (failing === what) throw new Error(`no ${name}`);
    };
    promises.open = async (path, ...rest) => {
      const handle = await open(path, ...rest);
      const what = path.endsWith("values") ? "flush the folder" : "flush the file";
      const { sync } = handle;
      handle.sync = async () => (await sync.call(handle), noted(what, "flush"));
      return handle;
    };
    promises.rename = async (...paths) => (noted("put it in place", "rename"), rename(...paths));
    promises.unlink = async (path) => (path.includes("values") && noted("delete", "deletion"), unlink(path));
    syncBuiltinESMExports();
    await store.set("a", "value");
    assert.deepEqual(done.splice(0), ["flush the file", "put it in place", "flush the folder"]);
    for (failing of ["flush the file", "put it in place", "flush the folder"]) await assert.rejects(store.set("a", "later"), /no /);
    failing = "flush the folder";
    done.splice(0);
    await assert.rejects(store.delete("a"), /no flush/);
    assert.deepEqual(done, ["delete", "flush the folder"]);
  });

  const damages = {
    "with a character turned": (file, text) => writeFileSync(file, text.replace("value", "vaXue")),
    "with a character of the first line turned": (file, text) => writeFileSync(file, text.replace(/[0-9a-f]\n/, (end) => (end[0] === "0" ? "1\n" : "0\n"))),
    "with another expiry": (file, text) => writeFileSync(file, text.replace("kept -", "kept 5")),
    "cut short": (file) => truncateSync(file, 100),
    "cut to nothing": (file) => truncateSync(file, 0),
    "full of zeros": (file, text) => writeFileSync(file, Buffer.alloc(text.length)),
    "with something at its end": (file, text) => writeFileSync(file, `${text}!`),
    "that was another key's": (file, text) => writeFileSync(file.replace(/a$/, "b"), text),
  };
  for (const [name, damage] of Object.entries(damages)) {
    test(`a file ${name} is an error that names it`, async (t) => {
      const folder = newFolder(t);
      const store = fileStore(folder);
      await store.set("a", "a value that matters");
      const file = fileIn(folder);
      damage(file, readFileSync(file, "utf8"));
      const key = name === "that was another key's" ? "b" : "a";
      await assert.rejects(store.get(key), (error) => /is damaged/.test(error.message) && error.message.includes(join("values", key)) && !error.message.includes("matters"));
      await store.set(key, "anew");
      assert.equal(await store.get(key), "anew");
    });
  }

  test("a folder that has gone is an error, and not an empty one", async (t) => {
    const folder = newFolder(t);
    const store = fileStore(folder);
    await store.set("a", "value");
    renameSync(folder, `${folder}-elsewhere`);
    await assert.rejects(store.get("a"), { code: "ENOENT" });
    await assert.rejects(store.get("b"), { code: "ENOENT" });
    await assert.rejects(store.set("a", "value"), { code: "ENOENT" });
    renameSync(`${folder}-elsewhere`, folder);
    assert.equal(await store.get("a"), "value");
  });

  test("a path that is no folder rejects, until it is one", async (t) => {
    const folder = newFolder(t);
    writeFileSync(folder, "a file");
    const store = fileStore(folder);
    await assert.rejects(store.get("a"));
    await assert.rejects(store.set("a", "value"));
    await assert.rejects(store.lock("a"));
    await assert.rejects(store.keys()[Symbol.asyncIterator]().next());
    rmSync(folder);
    await store.set("a", "value");
    assert.equal(await store.get("a"), "value");
  });

  test("a key that is too long for a file name rejects, everywhere", async (t) => {
    const store = fileStore(newFolder(t));
    const key = "k".repeat(300);
    await assert.rejects(store.set(key, "value"), { code: "ENAMETOOLONG" });
    await assert.rejects(store.get(key), { code: "ENAMETOOLONG" });
    await assert.rejects(store.lock(key), { code: "ENAMETOOLONG" });
  });

  test("a disk without room rejects and keeps what was there", { skip: process.platform === "win32" }, async (t) => {
    const folder = newFolder(t);
    // No file may have more than a few blocks.
    const child = processFor(t, folder, "Node", { shell: "ulimit -f 16" });
    assert.equal(await child.call("set", "a", "small"), "set");
    assert.match(await child.call("set", "a", "large".repeat(50_000)), /EFBIG/);
    assert.equal(await child.call("get", "a"), "small");
    assert.deepEqual(readdirSync(join(folder, "unfinished")), [], "half a file is left behind");
    assert.equal(await child.call("set", "a", "small again"), "set");
  });

  test("what has expired is cut out of its file when it is read", async (t) => {
    const folder = newFolder(t);
    const store = fileStore(folder);
    await store.set("a", "+1 555 0100", 20);
    const file = fileIn(folder);
    assert.match(readFileSync(file, "utf8"), /555/);
    await pause(30);
    assert.equal(await store.get("a"), undefined);
    assert.doesNotMatch(readFileSync(file, "utf8"), /555/);
    assert.equal(await store.get("a"), undefined);
    await store.set("a", "anew");
    assert.equal(await store.get("a"), "anew");
  });

  test("a file that was never finished is swept up once it is old, by whoever comes next", async (t) => {
    const folder = newFolder(t);
    await fileStore(folder).set("a", "value");
    const [old, young] = ["old", "young"].map((name) => join(folder, "unfinished", name));
    for (const file of [old, young]) writeFileSync(file, "+1 555 0100");
    utimesSync(old, new Date(), new Date(Date.now() - 3_600_000));
    await fileStore(folder).get("a");
    assert.deepEqual([existsSync(old), existsSync(young)], [false, true]);
  });

  test("a path is where it was when the store was made, wherever the process goes", async (t) => {
    const folder = newFolder(t);
    mkdirSync(folder);
    const before = process.cwd();
    t.after(() => process.chdir(before));
    process.chdir(folder);
    const store = fileStore("store");
    process.chdir(tmpdir());
    await store.set("a", "value");
    assert.deepEqual(readdirSync(join(folder, "store/values")), ["a"]);
  });

  test("a thousand values at once do not exhaust the files that a process may open", { skip: process.platform === "win32" }, async (t) => {
    const child = processFor(t, newFolder(t), "Node", { shell: "ulimit -n 64" });
    await child.call("crowd", 1000);
  });
});
