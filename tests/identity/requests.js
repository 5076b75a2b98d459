// Requests that no JSON can carry to a runtime, or that are about the request as a whole: each is made where it is judged.
// `issues` is all that must be wrong with it, `kind` what it must be taken for. Nothing in here may need more than the language.

const JANE = "jane@acme.com";
const PROFILE = "https://www.linkedin.com/in/jane";
const NAME = { first_name: "Jane", last_name: "Doe" };
const FIELDS = ["linkedin_url", "email", "first_name", "last_name", "company_name", "company_website"];

const unknown = (name) => ({ code: "unknown_field", field: null, name });
const wrong = (field) => ({ code: "wrong_type", field });
const nobody = [{ code: "no_identifier", field: null }];
const incomplete = (...missing) => [{ code: "incomplete_name", field: null, missing }];
const unreadable = [{ code: "not_an_object", field: null }];

const thrower = (value) => () => {
  throw value;
};
const getter = (name, get, rest = {}) => Object.defineProperty({ ...rest }, name, { get, enumerable: true, configurable: true });
const revoked = (target) => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
const nested = (depth) => {
  let inner = {};
  for (let level = 0; level < depth; level++) inner = { inner };
  return inner;
};
/** With a property on the prototype of every object, for as long as the request is judged. */
const polluted = (name, descriptor, request) => ({
  request,
  before: () => Object.defineProperty(Object.prototype, name, { configurable: true, ...descriptor }),
  after: () => delete Object.prototype[name],
});

const plain = (request) => () => ({ request });
const cases = {};
const add = (name, make, expected) => {
  if (cases[name]) throw new Error(`two requests are called ${name}`);
  cases[name] = { name, make, ...expected };
};
const refused = (name, make, issues) => add(name, make, { issues });
const accepted = (name, make, kind, dropped = []) => add(name, make, { kind, dropped });

accepted("a profile", plain({ linkedin_url: PROFILE }), "linkedin_url");
accepted("an address", plain({ email: JANE }), "email");
accepted("a name and a website", plain({ ...NAME, company_website: "acme.com" }), "name_website");
accepted("a name and a company", plain({ ...NAME, company_name: "Acme" }), "name_company");
accepted("everything, of which the profile is sent", plain({ linkedin_url: PROFILE, email: JANE, ...NAME, company_name: "Acme", company_website: "acme.com" }), "linkedin_url");
accepted("half a name beside an address", plain({ email: JANE, first_name: "Jane" }), "email", incomplete("last_name", "company_name"));
accepted("undefined is absent", plain({ email: JANE, linkedin_url: undefined, phone: undefined }), "email");
accepted("blank is absent", plain({ email: JANE, linkedin_url: " \t", first_name: "" }), "email");
accepted("an object without prototype", () => ({ request: Object.assign(Object.create(null), { email: JANE }) }), "email");
accepted("a frozen object", () => ({ request: Object.freeze({ email: JANE }) }), "email");
accepted("an instance of a class", () => ({ request: new (class Person { email = JANE; })() }), "email");
accepted("a getter that gives a text", () => ({ request: getter("email", () => JANE) }), "email");
accepted("a field that is not enumerable", () => ({ request: Object.defineProperty({}, "email", { value: JANE }) }), "email");
accepted("a proxy of a request", () => ({ request: new Proxy({ email: JANE }, {}) }), "email");
accepted("a getter that deletes the field it is", () => ({ request: { get email() { delete this.email; return JANE; } } }), "email");

for (const [index, value] of [null, undefined, true, 0, 1n, "jane@acme.com", "", Symbol.iterator, [], [JANE], () => JANE].entries()) refused(`no object: ${index} ${typeof value}`, plain(value), unreadable);
for (const [name, make] of Object.entries({ "a date": () => new Date(0), "a map": () => new Map([["email", JANE]]), "a set": () => new Set(), "a promise": () => Promise.resolve({}), "an error": () => Object.create(new Error(JANE)) })) refused(`${name} has no field`, () => ({ request: make() }), nobody);

refused("nothing", plain({}), nobody);
refused("nothing but undefined", plain({ email: undefined }), nobody);
refused("nothing but blank", plain({ linkedin_url: "", email: " ", first_name: "\t", company_name: "\u200b" }), nobody);
for (let given = 1; given < 7; given++) {
  const parts = ["first_name", "last_name", "company_name"];
  const missing = parts.filter((_, bit) => !(given & (1 << bit)));
  refused(`a name without ${missing.join(" and ")}`, plain(Object.fromEntries(parts.filter((part) => !missing.includes(part)).map((part) => [part, "Jane"]))), incomplete(...missing));
}
refused("a website alone", plain({ company_website: "acme.com" }), incomplete("first_name", "last_name"));

for (const field of FIELDS) {
  for (const [index, value] of [null, 0, true, 1n, Symbol("x"), [], {}, () => {}, new String(JANE), new Date(0)].entries()) {
    const half = ["linkedin_url", "email"].includes(field);
    refused(`${field} is no text: ${index} ${typeof value}`, plain({ [field]: value, ...(half ? {} : { email: JANE }) }), [wrong(field)]);
  }
}
refused("all is wrong at once", plain({ linkedin_url: 1, email: "x", phone: "1", first_name: "\0" }), [
  wrong("linkedin_url"),
  unknown("phone"),
  { code: "email_syntax", field: "email" },
  { code: "name_forbidden_character", field: "first_name", position: 0 },
  ...incomplete("last_name", "company_name"),
]);
// The names that are close to a field's: the suggestion is part of the fix, which is compared between the runtimes.
for (const name of ["linkedinUrl", "Email", "e-mail", "phone", "", "constructor", "toString", "hasOwnProperty", "length", "0"]) refused(`unknown field ${JSON.stringify(name)}`, plain({ email: JANE, [name]: "x" }), [unknown(name)]);
refused("an own field called __proto__", () => ({ request: JSON.parse(`{"email":"${JANE}","__proto__":{"email":"x"}}`) }), [unknown("__proto__")]);
refused("a symbol", plain({ email: JANE, [Symbol("secret")]: "x" }), [unknown("Symbol(secret)")]);
refused("a well-known symbol", plain({ email: JANE, [Symbol.toPrimitive]: () => "x", [Symbol.iterator]: null }), [unknown("Symbol(Symbol.toPrimitive)"), unknown("Symbol(Symbol.iterator)")]);
refused("a name of half a surrogate pair", plain({ email: JANE, "a\ud800b": "x" }), [unknown("ab")]);

for (const [name, value] of [["an error", new Error("x")], ["undefined", undefined], ["null", null], ["a text", "x"], ["a symbol", Symbol("x")]]) refused(`a getter that throws ${name}`, () => ({ request: getter("email", thrower(value)) }), unreadable);
refused("a getter that throws after a good field", () => ({ request: getter("phone", thrower(new Error("x")), { email: JANE }) }), unreadable);
// Not a call in tail position, which would run for ever where those leave no trace on the stack (JavaScriptCore).
refused("a getter without end", () => ({ request: getter("email", function again() { return `${again()}`; }) }), unreadable);
for (const trap of ["ownKeys", "get"]) refused(`a proxy whose ${trap} throws`, () => ({ request: new Proxy({ email: JANE }, { [trap]: thrower(new Error("x")) }) }), unreadable);
for (const trap of ["has", "getOwnPropertyDescriptor", "getPrototypeOf", "set", "defineProperty", "isExtensible"]) accepted(`a proxy whose ${trap} throws, and is not needed`, () => ({ request: new Proxy({ email: JANE }, { [trap]: thrower(new Error("x")) }) }), "email");
refused("a proxy with two fields of one name", () => ({ request: new Proxy({}, { ownKeys: () => ["email", "email"] }) }), unreadable);
refused("a proxy that is revoked", () => ({ request: revoked({ email: JANE }) }), unreadable);
refused("a proxy that is revoked, of an array", () => ({ request: revoked([]) }), unreadable);
refused("a proxy of an array", () => ({ request: new Proxy([JANE], {}) }), unreadable);
refused("a field that is a revoked proxy", () => ({ request: { email: revoked({}) } }), [wrong("email")]);
refused("a field whose conversion throws", plain({ email: { toString: thrower(new Error("x")), valueOf: thrower(new Error("x")), [Symbol.toPrimitive]: thrower(new Error("x")) } }), [wrong("email")]);
refused("a proxy that invents a field at every look", () => ({ request: new Proxy({}, { ownKeys: () => ["email"], get: () => ({}) }) }), [wrong("email")]);

refused("fields that are inherited", () => ({ request: Object.create({ email: JANE }) }), nobody);
refused("fields that every object inherits", () => polluted("email", { value: JANE, writable: true }, {}), nobody);
refused("a getter that every object inherits", () => polluted("email", { get: thrower(new Error("x")), set() {} }, {}), nobody);
accepted("a conversion that every object inherits", () => polluted("toJSON", { value: thrower(new Error("x")), writable: true }, { email: JANE }), "email");

refused("a cycle", () => { const request = {}; request.email = request; return { request }; }, [wrong("email")]);
refused("a cycle beside a good field", () => { const request = { email: JANE }; request.self = request; return { request }; }, [unknown("self")]);
refused("100,000 objects in one another", () => ({ request: { email: nested(100_000) } }), [wrong("email")]);
refused("a prototype chain of 10,000", () => { let request = { email: JANE }; for (let link = 0; link < 10_000; link++) request = Object.create(request); return { request }; }, nobody);

for (const [field, code] of Object.entries({ linkedin_url: "not_linkedin", email: "email_too_long", company_website: "website_syntax", first_name: "name_too_long", last_name: "name_too_long", company_name: "name_too_long" })) {
  const rest = ["linkedin_url", "email"].includes(field) ? {} : { email: JANE };
  refused(`1 MB of letters as ${field}`, () => ({ request: { ...rest, [field]: "a".repeat(1_000_000) } }), [{ code, field }]);
}
refused("1 MB of slug", () => ({ request: { linkedin_url: `https://linkedin.com/in/${"%F0%9F%9A%80".repeat(80_000)}` } }), [{ code: "slug_too_long", field: "linkedin_url" }]);
accepted("1 MB of query", () => ({ request: { linkedin_url: `https://linkedin.com/in/jane?${"x".repeat(1_000_000)}` } }), "linkedin_url");
refused("1 MB of field name", () => ({ request: { email: JANE, ["n".repeat(1_000_000)]: "x" } }), [unknown("n".repeat(40))]);
refused("1 MB of blank", () => ({ request: { email: " ".repeat(1_000_000) } }), nobody);
refused("100,000 unknown fields, of which 65 are told", () => ({ request: Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`x${index}`, ""])) }), Array.from({ length: 65 }, (_, index) => unknown(`x${index}`)));

for (const half of ["\ud83d", "\ude80"]) {
  const at = half.charCodeAt(0).toString(16);
  refused(`half a surrogate pair (${at}) in a slug`, plain({ linkedin_url: `linkedin.com/in/ja${half}ne` }), [{ code: "forbidden_character", field: "linkedin_url", position: 18 }]);
  refused(`half a surrogate pair (${at}) in an address`, plain({ email: `ja${half}ne@acme.com` }), [{ code: "email_syntax", field: "email" }]);
  refused(`half a surrogate pair (${at}) in a name`, plain({ email: JANE, first_name: `Ja${half}ne` }), [{ code: "name_forbidden_character", field: "first_name", position: 2 }]);
  refused(`half a surrogate pair (${at}) in a website`, plain({ email: JANE, company_website: `ac${half}me.com` }), [{ code: "website_syntax", field: "company_website" }]);
}

// Last: whatever happened before, the instance is as good as new.
accepted("an address, after all that", plain({ email: JANE }), "email");

export const requests = Object.values(cases);
