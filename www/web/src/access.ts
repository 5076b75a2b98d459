// The caller's own key, for a service that wants one, such as the Worker that serves this page. It is kept in this browser
// and sent to this page's own server alone; the vendor's token is never taken here.
import { batch, signal } from "@preact/signals";

const NAME = "phone-enrichment-key";
/** As the Worker makes them. */
const KEY = /^pe_[0-9a-z]{10}_[0-9A-Za-z_-]{43}$/;

function kept(): string | null {
  try {
    return sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME);
  } catch {
    // A browser that keeps nothing has kept none.
    return null;
  }
}

export const accessKey = signal(kept());
/** Somebody is about to give another one. */
export const changing = signal(false);

// Another tab has forgotten or changed it.
addEventListener("storage", ({ key }) => {
  if (key === NAME || key === null) accessKey.value = kept();
});

/** Takes a key from now on; refuses what is none. */
export function useKey(text: string, onThisDevice: boolean): boolean {
  const given = text.trim();
  if (!KEY.test(given)) return false;
  forgetKey();
  accessKey.value = given;
  try {
    (onThisDevice ? localStorage : sessionStorage).setItem(NAME, given);
  } catch {
    // Then it is good for this page as long as it is open.
  }
  return true;
}

export function forgetKey(): void {
  batch(() => {
    accessKey.value = null;
    changing.value = false;
  });
  try {
    sessionStorage.removeItem(NAME);
    localStorage.removeItem(NAME);
  } catch {}
}
