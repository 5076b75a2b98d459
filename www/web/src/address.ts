import { signal } from "@preact/signals";

/** Which part of the page is meant, as the address says it after its #. */
export const address = signal(location.hash.slice(1));
addEventListener("hashchange", () => (address.value = location.hash.slice(1)));
