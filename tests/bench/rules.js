// The rules of a request as well as one can write them in a sitting, for the schemas beside this to hang up: URLs by `URL`,
// Unicode by the string functions. What they leave out: the codes of the many pages that are no profile, positions, fixes, the
// fingerprint, the reserved and free-mail domains beyond a few, and every address that `URL` repairs in silence and the package
// refuses. `refuse` is told the code, and what it gives is given.

export function profileOf(text, refuse) {
  if (/[\s\\\p{Cc}]/u.test(text)) return refuse("forbidden_character");
  let url;
  try {
    url = new URL(/^https?:/i.test(text) ? text : `https://${text.replace(/^\/+/, "")}`);
  } catch {
    return refuse("not_linkedin");
  }
  if (!/^(?:(?:www|m|touch|[a-z]{2})\.)?linkedin\.com\.?$/.test(url.hostname)) return refuse("not_linkedin");
  if (url.username || url.password) return refuse("credentials_in_url");
  if (url.port) return refuse("unexpected_port");
  const [, encoded] = /^(?:\/(?:m|mwlite(?:\/profile)?))?\/+in\/+([^/]+)/i.exec(url.pathname) ?? [];
  if (encoded === undefined) return refuse("no_profile");
  let slug;
  try {
    slug = decodeURIComponent(encoded).normalize("NFC");
  } catch {
    return refuse("bad_encoding");
  }
  if (!/^AC[ow]AA[\w-]{15,}$/.test(slug)) slug = slug.toLowerCase().normalize("NFC");
  if (slug === "me") return refuse("own_profile");
  if ([...slug].length > 200) return refuse("slug_too_long");
  if (/[\s/\\?#%<>"{}|^`\p{Cc}]/u.test(slug)) return refuse("forbidden_character");
  return { url: `https://www.linkedin.com/in/${encodeURIComponent(slug)}`, key: `in:${slug}` };
}

const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Lower case and A-labels, or nothing. */
function domainOf(host) {
  try {
    const { hostname } = new URL(`http://${host}`);
    return DOMAIN.test(hostname) ? hostname : undefined;
  } catch {
    return undefined;
  }
}

export const ADDRESS = /^(?!\.)(?!.*\.[.@])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[^@\s]+$/;

export function addressOf(text, refuse) {
  const [local, host] = text.split("@");
  const domain = domainOf(host);
  if (domain === undefined) return refuse("email_domain");
  return { address: `${local}@${domain}`, key: `email:${local.toLowerCase()}@${domain}` };
}

export function companyOf(text, refuse) {
  let url;
  try {
    url = new URL(/^https?:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    return refuse("website_syntax");
  }
  if (url.username || url.password) return refuse("website_credentials");
  if (url.port) return refuse("website_port");
  const domain = url.hostname.replace(/\.$/, "").replace(/^www\.(?=.*\.)/, "");
  if (/^[\d.]+$|^\[/.test(domain)) return refuse("website_ip_address");
  if (!DOMAIN.test(domain)) return refuse("website_syntax");
  if (/(?:^|\.)(?:localhost|local|test|example|invalid|onion|internal)$/.test(domain)) return refuse("website_special_use");
  if (/(?:^|\.)linkedin\.com$|^(?:gmail|icloud|outlook|yahoo|hotmail|aol)\.com$/.test(domain)) return refuse("website_not_company");
  return domain;
}

export const HIDDEN = /^[^\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]*$/u;
export const READABLE = /[\p{L}\p{N}]/u;
export const spaced = (text) => text.trim().replace(/\s+/g, " ");
export const keyed = (text) => ({ text, key: text.toLowerCase().normalize("NFC").replace(/[|\\]|^@/g, "\\$&") });

/** Every valid identifier, strongest first. */
function ladderOf({ linkedin_url, email, first_name, last_name, company_name, company_website }) {
  const ladder = [];
  if (linkedin_url) ladder.push({ kind: "linkedin_url", request: { linkedin_url: linkedin_url.url }, key: linkedin_url.key });
  if (email) ladder.push({ kind: "email", request: { email: email.address }, key: email.key });
  if (first_name && last_name) {
    const person = { first_name: first_name.text, last_name: last_name.text };
    const key = `name:${first_name.key}|${last_name.key}|`;
    if (company_website) ladder.push({ kind: "name_website", request: { ...person, company_website }, key: `${key}@${company_website}` });
    if (company_name) ladder.push({ kind: "name_company", request: { ...person, company_name: company_name.text }, key: key + company_name.key });
  }
  return ladder;
}

/** What the whole request comes to, once each of its fields is what it is to be. */
export function lookupOf(fields, refuse) {
  const ladder = ladderOf(fields);
  if (ladder.length === 0) {
    const { first_name, last_name, company_name, company_website } = fields;
    return refuse(first_name || last_name || company_name || company_website ? "incomplete_name" : "no_identifier");
  }
  return { lookup: { ...ladder[0], request: { ...ladder[0].request } }, ladder, price: 5 };
}
