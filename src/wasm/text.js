// Unicode by JavaScript's own functions, for `text.rs`: one import for all, as each would weigh as much as what it does.
const KINDS = [
  (text) => text.normalize("NFC"),
  (text) => text.toLowerCase(),
  // A domain as ASCII, or nothing.
  (text) => {
    const host = hostOf(text);
    // Chromium looks behind `xn--` only where something in the host is not ASCII.
    return host.includes("xn--") && !hostOf("é." + host) ? "" : host;
  },
  // Whether there is a letter or a digit.
  (text) => (/[\p{L}\p{N}]/u.test(text) ? "1" : ""),
];

function hostOf(domain) {
  try {
    return new URL("http://" + domain).hostname;
  } catch {
    return "";
  }
}

export function unicode(kind, text) {
  return KINDS[kind](text);
}
