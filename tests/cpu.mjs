import { startSandbox } from "phone-enrichment/sandbox";
import { startWorker, startBare } from "./worker/support/worker.js";
import { readFileSync, readdirSync } from "node:fs";
const sandbox = await startSandbox({ credits: 1e9, people: { generated: 100000 }, log: false });
const cpuOf = () => { const m = {}; for (const p of readdirSync("/proc").filter(n=>/^\d+$/.test(n))) try { const s = readFileSync(`/proc/${p}/stat`,"utf8"); if (s.includes("(workerd)")) { const f = s.slice(s.lastIndexOf(")")+2).split(" "); if (+f[1]===process.pid) m[p] = (+f[11] + +f[12])*10; } } catch {} return m; };
const w = await startWorker({ vars: { VENDOR_URL: sandbox.url, VENDOR_TOKEN: sandbox.token, WALLET_PER_DAY: 1e9 }, limits: { CALLS: 1e9 }, ...(process.argv[2] ? {inspectorPort: +process.argv[2]} : {}) });
const key = await w.keyFor("x");
let n = 1;
const run = async (count, mk) => { const b = Object.values(cpuOf())[0]; const t = Date.now(); let left = count; await Promise.all(Array.from({length: 32}, async () => { while (left-- > 0) { const r = await w.lookup(key, {linkedin_url: "https://www.linkedin.com/in/person-" + String(mk()).padStart(5,"0")}); if (r.status !== 200) throw new Error(r.text); } })); console.log(count, Date.now()-t, "ms; workerd cpu ms per lookup", (Object.values(cpuOf())[0]-b)/count); };
await run(500, () => n++); await run(2000, () => n++); await run(2000, () => n++); await run(2000, () => 7);
if (process.argv[2]) { console.log("profiling"); await (await import("./prof.mjs")).profile(+process.argv[2], () => run(3000, () => n++)); }
await w.close(); await sandbox.close();
