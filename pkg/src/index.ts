import { wasmBytes } from "#wasm";
import { surface, type Surface } from "./surface.js";

// Nothing happens until the first call: a bundler can then see that a program without one has no use for the WebAssembly.
let api: Surface | undefined;
const used = () => (api ??= surface(wasmBytes));

export const createClient: Surface["createClient"] = (options) => used().createClient(options);
export const enrichPhone: Surface["enrichPhone"] = (request, options) => used().enrichPhone(request, options);
export const checkRequest: Surface["checkRequest"] = (request) => used().checkRequest(request);
export { EnrichmentError, isEnrichmentError } from "./error.js";
export type * from "./types.js";
