// A store that outlives the process, as small as one can be: a line of JSON for every change, on disk before it is said
// to be kept. Whoever is killed leaves at most half a line, which never was a promise.
import { appendFileSync, existsSync, readFileSync } from "node:fs";

export class LineStore extends Map {
  #path;

  constructor(path) {
    super();
    if (existsSync(path)) {
      for (const line of readFileSync(path, "utf8").split("\n")) {
        try {
          const [key, value] = JSON.parse(line);
          if (value === null) super.delete(key);
          else super.set(key, value);
        } catch {}
      }
      // What comes next must not be taken for the rest of half a line.
      appendFileSync(path, "\n");
    }
    this.#path = path;
  }

  set(key, value) {
    appendFileSync(this.#path, `${JSON.stringify([key, value])}\n`);
    return super.set(key, value);
  }

  delete(key) {
    appendFileSync(this.#path, `${JSON.stringify([key, null])}\n`);
    return super.delete(key);
  }
}
