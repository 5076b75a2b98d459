// Does what lines tell it, and answers each with a line: `file-program.js <folder>`.
import process from "node:process";
import { createInterface } from "node:readline";
import { fileStore } from "phone-enrichment/stores/file";
import { remote } from "./contract.js";

const folder = process.argv[2];
const acts = {
  ...remote(() => fileStore(folder)),
  /** Sets keys again and again, and says what was set once it is; it ends with the process. */
  async storm(keys, length) {
    const store = fileStore(folder);
    for (let count = 1; ; count++) {
      const key = keys[count % keys.length];
      await store.set(key, JSON.stringify({ count, rest: String(count).repeat(length) }));
      process.stdout.write(`${JSON.stringify({ unasked: [key, count] })}\n`);
    }
  },
  /** Sets and gets many keys, all at once. */
  async crowd(count) {
    const store = fileStore(folder);
    const keys = Array.from({ length: count }, (_, index) => `key ${index}`);
    await Promise.all(keys.map((key) => store.set(key, key)));
    const values = await Promise.all(keys.map((key) => store.get(key)));
    if (values.some((value, index) => value !== keys[index])) throw new Error("a value is not what was set");
  },
};

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const { id, name, args } = JSON.parse(line);
    const answer = await Promise.resolve()
      .then(() => acts[name](...args))
      .then((result) => ({ id, result }), (error) => ({ id, error: String(error?.stack ?? error) }));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  })
  .on("close", () => process.exit());
