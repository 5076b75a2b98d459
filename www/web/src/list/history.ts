// The lists that were begun here, each of which can be opened again or erased.
import { batch, signal } from "@preact/signals";
import { checkRequest, type EnrichmentRequest } from "phone-enrichment";
import { planList } from "phone-enrichment/lists";
import * as book from "./book.ts";
import { client, listStage, openKept, running, trouble, troubleOf, type PageTrouble } from "./run.ts";
import { elsewhere, hold } from "./tabs.ts";

export interface Listed extends book.Entry {
  /** Another tab has it. */
  elsewhere: boolean;
}

export const history = signal<Listed[]>([]);
/** The list that is being erased. */
export const erasing = signal<string | null>(null);

/** Looks what there is by now: other tabs begin and erase lists as well. */
export async function refresh(): Promise<void> {
  try {
    const [entries, busy] = await Promise.all([book.entries(), elsewhere()]);
    history.value = entries.map((entry) => ({ ...entry, elsewhere: busy.has(entry.id) }));
  } catch (error) {
    trouble.value = troubleOf(error);
  }
}

export async function open(id: string): Promise<void> {
  if (listStage.value.name !== "none" || erasing.value) return;
  batch(() => {
    trouble.value = null;
    listStage.value = { name: "opening" };
  });
  const why = await openKept(id).catch(troubleOf);
  if (why === null) return;
  batch(() => {
    trouble.value = why;
    listStage.value = { name: "none" };
  });
}

/** The keys of a person, by every identifier that names one. */
async function keysOf(request: EnrichmentRequest): Promise<string[]> {
  const checked = await checkRequest(request);
  return checked.ok ? checked.ladder.map(({ key }) => key) : [];
}

/** Everybody on a kept list, by the place in it. */
async function* everybodyOn(id: string) {
  const list = await book.kept(id);
  if (list) yield* (await planList(list.source, { client, columns: list.columns, ...list.reading })).everybody();
}

/** Removes a list and its results, and what the package keeps of its people: of those whom no other list has. */
export async function eraseList(id: string): Promise<void> {
  if (running.value !== "no" || erasing.value) return;
  erasing.value = id;
  trouble.value = null;
  const giveBack = await hold(id);
  try {
    if (!giveBack) {
      trouble.value = "elsewhere" satisfies PageTrouble;
      return;
    }
    const others = new Set<string>();
    for (const entry of await book.entries()) {
      if (entry.id !== id) for await (const { request } of everybodyOn(entry.id)) for (const key of await keysOf(request)) others.add(key);
    }
    const endings = await book.keptEndings(id);
    let place = 0;
    for await (const { request, kind } of everybodyOn(id)) {
      const email = endings.get(place++)?.email;
      // Nothing is kept of those who were never asked for.
      if (kind === "unique") continue;
      // An answer is kept under the e-mail that came with it, too.
      const keys = [...(await keysOf(request)), ...(email ? await keysOf({ email }) : [])];
      if (!keys.some((key) => others.has(key))) await client.forget(request);
    }
    // Last, so that whatever ends this before leaves a list that can be erased again.
    await book.remove(id);
  } catch (error) {
    trouble.value = error;
  } finally {
    giveBack?.();
    erasing.value = null;
    await refresh();
  }
}
