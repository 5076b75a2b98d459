// A Worker in a process of its own, to be killed with everything below it: child.js <JSON of the options of startWorker>.
// It says at which address it is, and lives until its standard input ends.
import { startWorker } from "./worker.js";

const worker = await startWorker(JSON.parse(process.argv[2]));
console.log(worker.url);
process.stdin.resume().on("end", () => worker.close().then(() => process.exit()));
