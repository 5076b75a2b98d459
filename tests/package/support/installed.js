// The package as npm installed it from the tarball, and tampered copies of it.
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The folder of the installed package. */
export const installed = fileURLToPath(new URL(".", import.meta.resolve("phone-enrichment/package.json")));
/** The folder whose node_modules holds it. */
export const consumer = fileURLToPath(new URL("../../", import.meta.url));

export const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** What a subpath of the package is under these conditions, as Node, bundlers and compilers find it: the first key that holds. */
export function resolveExport(folder, subpath, conditions) {
  const find = (target) => {
    if (typeof target === "string") return target;
    for (const [condition, next] of Object.entries(target ?? {})) {
      const found = condition === "default" || conditions.includes(condition) ? find(next) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const { exports } = manifestOf(folder);
  const found = Object.hasOwn(exports, subpath) ? find(exports[subpath]) : undefined;
  if (found === undefined) throw new Error(`the package exports no ${subpath} for ${conditions.join(", ") || "default"}`);
  return join(folder, found);
}

export const importFrom = (path, query = "") => import(pathToFileURL(path).href + query);

/** Every file below a folder, with / between names, sorted. */
export const filesOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"))
    .sort();

/** A copy of the package to do harm to, where npm puts it in a project; the project goes when the test is over. */
export function copyOfPackage(t) {
  const project = mkdtempSync(join(tmpdir(), "phone-project-"));
  t.after(() => rmSync(project, { recursive: true, force: true }));
  const folder = join(project, "node_modules/phone-enrichment");
  cpSync(installed, folder, { recursive: true });
  return {
    project,
    folder,
    /** Replaces a text that has to be there, everywhere it is. */
    replace(file, from, to) {
      const path = join(folder, file);
      const text = readFileSync(path, "latin1");
      if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)} to tamper with`);
      writeFileSync(path, text.replaceAll(from, to), "latin1");
    },
    write: (file, content) => writeFileSync(join(folder, file), content),
    read: (file) => readFileSync(join(folder, file)),
    remove: (file) => rmSync(join(folder, file)),
  };
}
