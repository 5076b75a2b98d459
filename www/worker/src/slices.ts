import type { Env, Slice } from "./env.ts";
export async function consume(_batch: MessageBatch<Slice>, _env: Env): Promise<void> {}
