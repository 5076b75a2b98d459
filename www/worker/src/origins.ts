// Which pages and extensions may call.

/** Whether an origin is on the allow-list: as a whole, or as any extension of a browser (`moz-extension://*`). */
export function isAllowed(origin: string, allowed: string): boolean {
  return allowed.split(",").some((entry) => {
    const known = entry.trim();
    return known === origin || (/^[a-z]+-extension:\/\/\*$/.test(known) && /^[a-z]+-extension:\/\/[0-9a-z-]+$/.test(origin) && origin.startsWith(known.slice(0, -1)));
  });
}
