import * as slim from "phone-enrichment/slim";
import { verdict } from "./lookups.js";

const wasm = () => fetch("./node_modules/phone-enrichment/dist/phone_enrichment.wasm");
document.body.textContent = await verdict({ ...slim, ...slim.withWasm(wasm) }, { baseUrl: "/api" });
document.title = "ready";
