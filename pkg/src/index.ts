import { wasmBytes } from "#wasm";
import { surface } from "./surface.js";

export const { createClient, enrichPhone, checkRequest } = surface(wasmBytes);
export { EnrichmentError, isEnrichmentError } from "./error.js";
export type * from "./types.js";
