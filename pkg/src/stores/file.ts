import { createHash, randomUUID } from "node:crypto";
import { access, mkdir, open, opendir, readdir, readFile, readlink, rename, rmdir, stat, unlink, utimes, type FileHandle } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";

import type { Store } from "../types.js";

/** How often a waiting process looks whether a lock is free, in milliseconds: soon at first, then less often. */
const FIRST_LOOK = 25;
const LAST_LOOK = 250;
/** How often whoever holds a lock or waits for it says so, in milliseconds. */
const SIGN_OF_LIFE = 5_000;
/** How long a process that can't be seen from here must have been silent to count as dead, in milliseconds. */
const SILENCE = 60_000;
/** How old a file that was never finished must be to count as left behind, in milliseconds. */
const LEFT_BEHIND = 600_000;
/** The first line of a file: whether its value is there or was cut out, its expiry or `-`, and the SHA-256 of key, expiry and value. */
const HEADER = /^phone-enrichment (kept|gone) (\d+|-) ([0-9a-f]{64})$/;
const GONE = "phone-enrichment gone";
const LINE_FEED = 10;

const touch = (file: string) => utimes(file, new Date(), new Date());

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const ignore = () => {};
const isMissing = (error: unknown) => (error as { code?: string }).code === "ENOENT";
const unlessMissing = (error: unknown) => {
  if (!isMissing(error)) throw error;
};
const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** A file name for any key, and never two for one: on some systems letters of either case are the same. */
const nameOf = (key: string) =>
  encodeURIComponent(key).replace(/%..|[^0-9a-z_-]/g, (char) => (char[0] === "%" ? char.toLowerCase() : `%${char.charCodeAt(0).toString(16)}`));
const keyOf = (name: string) => decodeURIComponent(name);

const turns = new Map<string, Promise<void>>();

/** One after the other, in the order of the calls, within this process. */
function inTurn<T>(turn: string, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(turn) ?? Promise.resolve()).then(work);
  const over = mine.then(ignore, ignore).then(() => {
    if (turns.get(turn) === over) turns.delete(turn);
  });
  turns.set(turn, over);
  return mine;
}

/** What the system says of a process: nothing where it says nothing. */
async function seen(pid: number): Promise<{ dead: boolean; started: string } | undefined> {
  try {
    const line = utf8.decode(await readFile(`/proc/${pid}/stat`));
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    // Ended, and waiting for its parent to ask how.
    return { dead: /[ZX]/.test(fields[0]!), started: fields[19]! };
  } catch {
    return undefined;
  }
}

/** Says which processes can see each other: those of one start of one machine, and of one container. */
async function place(): Promise<string> {
  try {
    return hash(utf8.decode(await readFile("/proc/sys/kernel/random/boot_id")) + (await readlink("/proc/self/ns/pid")));
  } catch {
    return hash(hostname());
  }
}

let identity: Promise<[place: string, started: string]> | undefined;

/** A name that tells its owner, is never used twice, and sorts by age. */
async function ownName(): Promise<string> {
  const [where, started] = await (identity ??= Promise.all([place(), seen(process.pid).then((own) => own?.started ?? "")]));
  return [String(Date.now()).padStart(16, "0"), where.slice(0, 16), process.pid, started, randomUUID().slice(0, 8)].join(".");
}

/** Whether the owner of a name is dead for certain. A number may have gone to another process, which started later. */
async function isDead(pid: number, started: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as { code?: string }).code === "ESRCH") return true;
  }
  const now = await seen(pid);
  return now !== undefined && (now.dead || (started !== "" && now.started !== started));
}

/**
 * Waits until nobody else is in the folder, and returns the name under which we are.
 *
 * Whoever wants in first puts down a name, then looks who else is there, and is in only if nobody is: of two, the one who
 * came later sees the other. Whoever sees somebody older takes the name away and comes back. A name is never used again,
 * so that taking away that of a dead process can hit nobody else.
 */
async function enter(folder: string): Promise<string> {
  const name = await ownName();
  const own = join(folder, name);
  /** When those whom we can't see last gave a sign of life, by our own clock. */
  const signs = new Map<string, { at: number; since: number }>();
  const isGone = async (other: string) => {
    const [, where, pid, started] = other.split(".");
    if (where === name.split(".")[1]) return isDead(Number(pid), started!);
    const at = (await stat(join(folder, other))).mtimeMs;
    const last = signs.get(other);
    if (last?.at !== at) signs.set(other, { at, since: performance.now() });
    return last?.at === at && performance.now() - last.since > SILENCE;
  };
  for (let wait = FIRST_LOOK; ; wait = Math.min(wait * 1.5, LAST_LOOK)) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await (await open(own, "a", 0o600)).close();
      await touch(own);
      let isAlone = true;
      let isOldest = true;
      for (const other of await readdir(folder)) {
        if (other === name) continue;
        if (await isGone(other)) {
          await unlink(join(folder, other)).catch(unlessMissing);
        } else {
          isAlone = false;
          isOldest &&= name < other;
        }
      }
      if (isAlone) return own;
      if (!isOldest) await unlink(own);
    } catch (error) {
      // Somebody left while we looked, and took the empty folder along.
      unlessMissing(error);
      continue;
    }
    await pause(wait);
  }
}

/**
 * Keeps what the client knows in a folder of the file system, one small file for each key: Node 18 and newer, Bun, Deno.
 *
 * - What `set` resolved for is on disk: the new file is flushed, takes the place of the old one in one step, and the folder
 *   is flushed. A process that is killed, a full disk or a power cut leaves the old value or the new one, never half of one.
 * - Shared by all processes of the machine that name the same folder: nothing is kept in memory, not even the names, so
 *   each sees at once what another wrote, and a million keys take no more memory than ten. On disk each takes a block, which
 *   is mostly 4 kB.
 * - `lock` excludes all of those. A dead process gives back what it held as soon as anybody asks: it is known by its number
 *   and its start. Processes in different containers can't see each other; there, one that was silent for a minute counts
 *   as dead, so it must not stand still that long within a lock. A thread that is stopped gives its lock back only with
 *   the whole process.
 * - Not for network file systems, which do not all keep these promises: use a database there.
 * - A file that was damaged is an error that names it, never a missing value; so is a folder that has gone.
 * - Files are readable by their owner alone (0600); they hold phones, and encryption is the disk's business.
 * - What has expired is never given out, and is cut out of its file when it is read; the empty file, whose name is the key,
 *   stays until the key is set or deleted. To cut out what nobody asks for any more, `get` all `keys`.
 * - A key may have about 200 letters and digits; a longer one rejects. On Windows a power cut may lose the last values.
 *
 * @param path of the folder, which is made if need be. Nothing else may be in it.
 */
export function fileStore(path: string): Store & Required<Pick<Store, "keys" | "lock">> {
  const folder = resolve(path);
  const values = join(folder, "values");
  const unfinished = join(folder, "unfinished");
  const locks = join(folder, "locks");
  let preparing: Promise<void> | undefined;

  /** A new name in a folder is on disk once the folder is; Windows has no such thing. */
  async function flush(directory: string): Promise<void> {
    if (process.platform === "win32") return;
    const handle = await open(directory, "r");
    await handle.sync().finally(() => handle.close());
  }

  async function prepare(): Promise<void> {
    const first = (await mkdir(values, { recursive: true, mode: 0o700 })) ?? values;
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    // Whatever holds a new folder, from ours up.
    for (let directory = folder; ; directory = dirname(directory)) {
      await flush(directory);
      if (directory === dirname(first)) break;
    }
    for (const name of await readdir(unfinished)) {
      const { mtimeMs } = await stat(join(unfinished, name)).catch(() => ({ mtimeMs: Infinity }));
      if (Date.now() - mtimeMs > LEFT_BEHIND) await unlink(join(unfinished, name)).catch(unlessMissing);
    }
  }

  const ready = () =>
    (preparing ??= prepare().catch((error) => {
      preparing = undefined;
      throw error;
    }));

  /** Work on one key is done in turn, and no more than 16 files are open at once. */
  async function on<T>(key: string, work: (file: string) => Promise<T>): Promise<T> {
    const file = join(values, nameOf(key));
    await ready();
    return inTurn(join(folder, hash(key)[0]!), () => work(file));
  }

  const sumOf = (file: string, expires: string, value: string) => hash(`${basename(file)} ${expires}\n${value}`);

  /** What a file says, once it is known to be what was written. */
  function contentOf(file: string, bytes: Uint8Array): { header: string; isGone: boolean; isOver: boolean; value: string } {
    const end = bytes.indexOf(LINE_FEED);
    const header = utf8.decode(bytes.subarray(0, Math.max(end, 0)));
    const value = utf8.decode(bytes.subarray(end + 1));
    const [, state, expires = "", sum] = HEADER.exec(header) ?? [];
    const isGone = state === "gone";
    if (!isGone && sum !== sumOf(file, expires, value)) throw new Error(`${file} is damaged: it is not what was written.`);
    return { header, isGone, isOver: Number(expires) <= Date.now(), value };
  }

  /** Cuts out of a file what has expired. Who sets the key anew makes another file, which this can't reach. */
  async function cut(file: string): Promise<void> {
    const handle = await open(file, "r+");
    try {
      const { header, isGone, isOver } = contentOf(file, await handle.readFile());
      if (isGone || !isOver) return;
      await handle.write(GONE, 0);
      await handle.truncate(header.length + 1);
    } finally {
      await handle.close();
    }
  }

  return {
    get: (key) =>
      on(key, async (file) => {
        const bytes = await readFile(file).catch(unlessMissing);
        if (bytes === undefined) {
          // A folder that has gone, or was never mounted, is not an empty one.
          await access(values);
          return undefined;
        }
        const { isGone, isOver, value } = contentOf(file, bytes);
        if (!isGone && !isOver) return value;
        if (!isGone) await cut(file).catch(ignore);
        return undefined;
      }),
    set: (key, value, ttlMs) =>
      on(key, async (file) => {
        const fresh = join(unfinished, await ownName());
        const expires = ttlMs === undefined ? "-" : String(Math.ceil(Date.now() + ttlMs));
        try {
          const handle: FileHandle = await open(fresh, "wx", 0o600);
          try {
            await handle.writeFile(`phone-enrichment kept ${expires} ${sumOf(file, expires, value)}\n${value}`);
            await handle.sync();
          } finally {
            await handle.close();
          }
          await rename(fresh, file);
        } catch (error) {
          await unlink(fresh).catch(ignore);
          throw error;
        }
        await flush(values);
      }),
    delete: (key) =>
      on(key, async (file) => {
        await unlink(file).catch(unlessMissing);
        await flush(values);
      }),
    lock: (key) =>
      new Promise((granted, refused) => {
        const at = join(locks, nameOf(key));
        ready()
          .then(() =>
            inTurn(at, async () => {
              const own = await enter(at);
              const sign = setInterval(() => touch(own).catch(ignore), SIGN_OF_LIFE);
              (sign as unknown as { unref(): void }).unref();
              await new Promise<void>((release) => granted(() => release()));
              clearInterval(sign);
              await unlink(own).catch(ignore);
              await rmdir(at).catch(ignore);
            }),
          )
          .catch(refused);
      }),
    async *keys() {
      await ready();
      for await (const { name } of await opendir(values)) yield keyOf(name);
    },
  };
}
