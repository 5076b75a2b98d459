// What all that is measured here has in common: who, against which server, in which order, and what is made of the samples.
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Everybody's name in the tables, and the file below subjects/. The first is what the others are compared with. */
export const SUBJECTS = {
  "bare fetch": "fetch",
  "phone-enrichment": "default",
  "phone-enrichment/slim": "slim",
  "ky + valibot": "ky-valibot",
  openai: "openai",
  stripe: "stripe",
  peopledatalabs: "peopledatalabs",
};

/** A run that only shows that everything runs. */
export const brief = process.argv.includes("--brief");

export const here = fileURLToPath(new URL(".", import.meta.url));
export const wasmFile = fileURLToPath(import.meta.resolve("phone-enrichment/phone_enrichment.wasm"));

/** Somebody whom nobody asked for before. As with people, names part early. */
export const person = (number) => ({ linkedin_url: `https://www.linkedin.com/in/${number}-doe` });
export const PHONE = "+1 555-123-4567";

/** The server in a process of its own: where it is, and what it has done. */
export async function startServer() {
  const child = fork(new URL("server.js", import.meta.url));
  const [port] = await once(child, "message");
  const ask = async (message) => {
    child.send(message);
    return (await once(child, "message"))[0];
  };
  return {
    origin: `http://127.0.0.1:${port}`,
    baseUrl: `http://127.0.0.1:${port}/v2`,
    serve: (files) => ask({ files: Object.fromEntries(Object.entries(files).map(([path, [type, body]]) => [path, [type, Buffer.from(body).toString("base64")]])) }),
    done: () => ask({}),
    close: () => child.disconnect(),
  };
}

/** Has everybody take a turn in each round; each round begins with another, so that what disturbs one disturbs all. */
export async function interleaved(rounds, subjects, turn) {
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < subjects.length; place++) await turn(subjects[(round + place) % subjects.length], round);
  }
}

export const rounded = (number, digits = 2) => Number(number.toFixed(digits));

export function spread(samples, digits) {
  const sorted = [...samples].sort((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  const [least, most] = [sorted[0], sorted.at(-1)];
  return { median: rounded(median, digits), least: rounded(least, digits), most: rounded(most, digits) };
}

/** Adds to every figure what it is to that of another: the median of the ratios, as what slows a round down slows both. */
export function compared(figures, to, samples) {
  for (const [name, figure] of Object.entries(figures)) figure.ratio = spread(samples[name].map((sample, round) => sample / samples[to][round])).median;
  return figures;
}

export const versionOf = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8")).version;

/** A process that looks people up with one subject, and does so when asked. */
export async function startLookups(subject, baseUrl, execArgv = []) {
  const child = fork(new URL("lookups.js", import.meta.url), [SUBJECTS[subject], baseUrl], { execArgv });
  const gone = once(child, "exit").then(([code]) => [{ error: `ended with ${code}` }]);
  await Promise.race([once(child, "message"), gone]);
  return {
    async ask(message) {
      child.send(message);
      const [answer] = await Promise.race([once(child, "message"), gone]);
      if (answer.error) throw new Error(`${subject}: ${answer.error}`);
      return answer;
    },
    close: () => child.disconnect(),
  };
}
