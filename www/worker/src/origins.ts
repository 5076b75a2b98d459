// Which pages and extensions may call.

/** Whether an origin is on the allow-list: as a whole, or as any extension of a browser (`moz-extension://*`). */
export function isAllowed(origin: string, allowed: string): boolean {
  return allowed.split(",").some((entry) => {
    const known = entry.trim();
    if (!/^[a-z]+-extension:\/\/\*$/.test(known)) return known !== "" && known === origin;
    return origin.startsWith(known.slice(0, -1)) && /^[a-z]+-extension:\/\/[0-9a-z-]+$/.test(origin);
  });
}
