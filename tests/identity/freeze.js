// Renews vectors/frozen.json for the version that is about to be released: see frozen.js.
import { writeFileSync } from "node:fs";
import { accepted, frozen, renewed, sealOf, workingVersion } from "./frozen.js";
import { toText } from "./run-vectors.js";

const version = workingVersion();
const { about, major, releases } = renewed(frozen(), accepted(), version);
const blocks = releases.map(({ since, cases }) => `    {"since": ${JSON.stringify(since)}, "cases": [\n${cases.map((one) => `      ${toText(one)}`).join(",\n")}\n    ]}`);
writeFileSync(new URL("../vectors/frozen.json", import.meta.url), `{\n  "about": ${JSON.stringify(about)},\n  "major": ${major},\n  "releases": [\n${blocks.join(",\n")}\n  ]\n}\n`);
for (const release of releases) console.log(`  ${JSON.stringify(release.since)}: ${JSON.stringify(sealOf(release))},`);
