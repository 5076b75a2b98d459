// Answers commands, a line each, on the standard streams: for every runtime that has them.
import { createInterface } from "node:readline";
import process from "node:process";
import * as api from "phone-enrichment";
import { answer } from "./run-vectors.js";

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${await answer(api, line)}\n`);
