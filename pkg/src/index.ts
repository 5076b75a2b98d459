import { wasmBytes } from "#wasm";
import { surface, type Surface } from "./surface.js";

// Nothing happens until the first call: a bundler can then see that a program without one has no use for the WebAssembly.
let made: Surface | undefined;
const api = () => (made ??= surface(wasmBytes));

export const createClient: Surface["createClient"] = (options) => api().createClient(options);
export const enrichPhone: Surface["enrichPhone"] = (request, options) => api().enrichPhone(request, options);
export const checkRequest: Surface["checkRequest"] = (request) => api().checkRequest(request);
export { EnrichmentError, isEnrichmentError } from "./error.js";
export type * from "./types.js";
