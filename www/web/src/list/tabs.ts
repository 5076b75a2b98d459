// Which tab works on which list: one at a time, so that neither writes over what the other found. The browser gives back
// what a tab held that was closed or killed.

const PREFIX = "phone-enrichment-page:";
/** Which list this tab had, for when it is loaded again. */
const MINE = "phone-enrichment-list";
/** How long a browser may take to give out a list that nobody has, or that the page had which this one comes after. */
const FREE_MS = 10_000;
/** How long another tab, which may just be going away, has to give a list back, in milliseconds. */
const TAKEN_MS = 500;

export const mine = (): string | null => sessionStorage.getItem(MINE);

export function remember(id: string | null): void {
  if (id === null) sessionStorage.removeItem(MINE);
  else sessionStorage.setItem(MINE, id);
}

/** Takes a list for this tab; resolves to what gives it back, or to nothing where another tab has it. */
export async function hold(id: string): Promise<(() => void) | undefined> {
  // A page that came over plain http has no locks.
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return () => {};
  const patience = id !== mine() && (await elsewhere()).has(id) ? TAKEN_MS : FREE_MS;
  return new Promise((resolve) => {
    const work = () => {
      here.add(id);
      return new Promise<void>((release) => resolve(release)).finally(() => here.delete(id));
    };
    locks.request(PREFIX + id, { signal: AbortSignal.timeout(patience) }, work).catch(() => resolve(undefined));
  });
}

/** The lists that this tab has taken. */
const here = new Set<string>();

/** The lists that other tabs have taken. */
export async function elsewhere(): Promise<Set<string>> {
  const held = (await navigator.locks?.query())?.held ?? [];
  return new Set(held.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : [])).filter((id) => !here.has(id)));
}
