// Vercel's tools compile a .wasm before the program runs only if it is asked for as a module.
import wasm from "./phone_enrichment.wasm?module";
import { surface } from "./surface.js";

export const { createClient, enrichPhone, checkRequest } = surface(() => wasm);
export { EnrichmentError, isEnrichmentError } from "./error.js";
export type * from "./types.js";
