/**
 * Locks that all tabs and workers of an origin share, each under a name of its own; the browser gives back what a closed
 * tab or a stopped worker held. Nothing where there are none, as on a page that came over plain http.
 */
export function webLock(scope: string): ((key: string) => Promise<() => void>) | undefined {
  const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
  return (
    locks &&
    ((key) =>
      new Promise((resolve, reject) => {
        locks.request(`${scope}:${key}`, () => new Promise<void>((release) => resolve(() => release()))).catch(reject);
      }))
  );
}
