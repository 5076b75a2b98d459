import { EnrichmentError, isEnrichmentError, withWasm } from "phone-enrichment/slim";
import type { Client, EnrichmentRequest, ErrorCode, Outcome, Surface, WasmSource } from "phone-enrichment/slim";
import { createClient, EnrichmentError as Default } from "phone-enrichment";
import { is, isNot, type Same } from "./same.js";

declare const module: WebAssembly.Module;
const bytes = new Uint8Array(8);
declare const reply: Response;

withWasm(() => module);
withWasm(() => bytes);
withWasm(() => bytes.buffer);
withWasm(() => reply);
withWasm(() => new URL("https://example.com/phone_enrichment.wasm"));
withWasm(() => fetch("/phone_enrichment.wasm"));
withWasm(async () => module);
withWasm(async () => bytes);
// @ts-expect-error the source is asked at the first use, so it is a function
withWasm(module);
// @ts-expect-error nothing
withWasm(() => undefined);
// @ts-expect-error a source is needed
withWasm();

is<Same<ReturnType<typeof withWasm>, Surface>>();
is<Same<Parameters<typeof withWasm>, [source: () => WasmSource]>>();
is<Same<keyof Surface, "createClient" | "enrichPhone" | "checkRequest">>();
const { createClient: slimClient } = withWasm(() => module);
is<Same<ReturnType<typeof slimClient>, Client>>();
// Both entries make one kind of client, and throw one kind of error.
is<Same<ReturnType<typeof createClient>, Client>>();
is<Same<EnrichmentError, Default>>();
({ email: "a@b.co" }) satisfies EnrichmentRequest;
isNot<Same<ErrorCode, string>>();
isNot<Same<Outcome, any>>();
isEnrichmentError satisfies (value: unknown) => value is EnrichmentError;
