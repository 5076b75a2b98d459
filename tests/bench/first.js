// The first answer of a fresh process, and how long it took from the import on: `node first.js SUBJECT BASE_URL`.
import { readFile } from "node:fs/promises";

const [subject, baseUrl] = process.argv.slice(2);
const wasm = () => readFile(new URL(import.meta.resolve("phone-enrichment/phone_enrichment.wasm")));
const begin = performance.now();
const { connect } = await import(`./subjects/${subject}.js`);
const phone = await connect({ baseUrl, wasm })({ linkedin_url: "https://www.linkedin.com/in/jane-doe" });
const imported = performance.now() - begin;
process.stdout.write(JSON.stringify({ phone, imported }), () => process.exit());
