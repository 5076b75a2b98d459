// Requests and answers at the edge: bodies never larger than they may be, whatever their headers say, and of the shape that
// is asked for.
import type { Context } from "hono";
import * as v from "valibot";
import { refusal, type Answer } from "./answer.ts";
import type { Proof } from "./callers.ts";
import type { Env } from "./env.ts";

/** What a route is given. */
export type Asked = { Bindings: Env; Variables: { proof: Proof } };

export const send = (context: Context, { status, headers, body }: Answer): Response => context.json(body as object, status as 200, headers);

/** The text of a body of at most `limit` bytes; else the answer that refuses it. */
async function textOf(request: Request, limit: number): Promise<string | Answer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    if ((length += part.length) > limit) return refusal(413, `The body is larger than ${limit} bytes.`, "body_too_large");
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return refusal(400, "The body is no UTF-8.", "body_unreadable");
  }
}

/** The JSON of a body; else the answer that refuses it. `undefined` stands for an empty body. */
export async function jsonOf(request: Request, limit: number): Promise<{ json: unknown } | Answer> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  // A form of another site can send text or fields, but JSON only after asking.
  if (type !== "application/json") return refusal(415, "The body has to be JSON, with Content-Type: application/json.", "unsupported_media_type");
  const text = await textOf(request, limit);
  if (typeof text !== "string") return text;
  try {
    return { json: JSON.parse(text) };
  } catch {
    return refusal(400, "JSON parse error: the body is no JSON.", "body_unreadable");
  }
}

/** What a schema makes of a value; else the answer that says where it fails. */
export function parsed<Schema extends v.GenericSchema>(schema: Schema, value: unknown): { value: v.InferOutput<Schema> } | Answer {
  const result = v.safeParse(schema, value);
  if (result.success) return { value: result.output };
  const problems: Record<string, string[]> = {};
  // Never what was given: it may be anybody's data.
  for (const issue of result.issues) (problems[v.getDotPath(issue) ?? "body"] ??= []).push(`Expected ${issue.expected ?? "something else"}.`);
  return { status: 400, headers: {}, body: problems };
}
