// Which tab works on which list: one at a time, so that neither writes over what the other found. The browser gives back
// what a tab held that was closed or killed.

const PREFIX = "phone-enrichment-page:";
/** How long a tab that is just going away has to give a list back, in milliseconds. */
const PATIENCE_MS = 500;

/** Takes a list for this tab; resolves to what gives it back, or to nothing where another tab has it. */
export function hold(id: string): Promise<(() => void) | undefined> {
  // A page that came over plain http has no locks.
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return Promise.resolve(() => {});
  return new Promise((resolve) => {
    locks.request(PREFIX + id, { signal: AbortSignal.timeout(PATIENCE_MS) }, () => new Promise<void>((release) => resolve(() => release()))).catch(() => resolve(undefined));
  });
}

/** The lists that any tab has taken. */
export async function taken(): Promise<Set<string>> {
  const held = (await navigator.locks?.query())?.held ?? [];
  return new Set(held.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : [])));
}
