// The rules of a request as a valibot schema, written as well as one can in a sitting: URLs by `URL`, Unicode by the string
// functions. What it leaves out: the codes of the many pages that are no profile, positions, fixes, the fingerprint, the
// reserved and free-mail domains beyond a few, and every address that `URL` repairs in silence and the package refuses.
import * as v from "valibot";

const profile = v.pipe(
  v.string(),
  v.trim(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const refuse = (message) => (addIssue({ message }), NEVER);
    const text = dataset.value;
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
  }),
);

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

const email = v.pipe(
  v.string(),
  v.trim(),
  v.maxLength(254, "email_too_long"),
  v.regex(/^(?!\.)(?!.*\.[.@])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[^@\s]+$/, "email_syntax"),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const [local, host] = dataset.value.split("@");
    const domain = domainOf(host);
    if (domain === undefined) return addIssue({ message: "email_domain" }), NEVER;
    return { address: `${local}@${domain}`, key: `email:${local.toLowerCase()}@${domain}` };
  }),
);

const website = v.pipe(
  v.string(),
  v.trim(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const refuse = (message) => (addIssue({ message }), NEVER);
    let url;
    try {
      url = new URL(/^https?:\/\//i.test(dataset.value) ? dataset.value : `http://${dataset.value}`);
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
  }),
);

const name = v.pipe(
  v.string(),
  v.normalize("NFC"),
  v.transform((text) => text.trim().replace(/\s+/g, " ")),
  v.maxLength(200, "name_too_long"),
  v.regex(/^[^\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]*$/u, "name_forbidden_character"),
  v.regex(/[\p{L}\p{N}]/u, "name_empty"),
  v.transform((text) => ({ text, key: text.toLowerCase().normalize("NFC").replace(/[|\\]|^@/g, "\\$&") })),
);

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

const schema = v.pipe(
  v.strictObject({
    linkedin_url: v.optional(profile),
    email: v.optional(email),
    first_name: v.optional(name),
    last_name: v.optional(name),
    company_name: v.optional(name),
    company_website: v.optional(website),
  }),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const ladder = ladderOf(dataset.value);
    if (ladder.length === 0) {
      const { first_name, last_name, company_name, company_website } = dataset.value;
      addIssue({ message: first_name || last_name || company_name || company_website ? "incomplete_name" : "no_identifier" });
      return NEVER;
    }
    return { lookup: { ...ladder[0], request: { ...ladder[0].request } }, ladder, price: 5 };
  }),
);

/** Judges a request: what it allows, or everything that is wrong with it. */
export function judge(request) {
  const { success, output, issues } = v.safeParse(schema, request);
  if (success) return { ok: true, ...output };
  return { ok: false, issues: issues.map((issue) => ({ field: issue.path?.[0]?.key ?? null, message: issue.message })) };
}
