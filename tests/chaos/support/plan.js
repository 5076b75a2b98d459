// Who is asked for, in which words and under which faults: all of it drawn from one seed.
import { generatedPerson } from "phone-enrichment/sandbox";

/** How long a request may take, in milliseconds: less than some delays below. */
export const TIMEOUT = 300;
const BEYOND_TIMEOUT = [450, 700];

/** From the environment, to run a plan again; otherwise another one each time. */
export const seedOf = (environment) => Number(environment.CHAOS_SEED ?? Date.now() % 1_000_000_000);

/** Numbers from 0 to below 1, the same for the same seed. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const nameOf = (number) => `person-${String(number).padStart(5, "0")}`;

/**
 * The n-th person in several spellings. Of ten, seven are asked for by their profile, one by the e-mail and one by name
 * and company alone, and one is nobody whom the service knows.
 */
export function spellingsOf(number) {
  const { email, first_name, last_name, company_name } = generatedPerson(number);
  const name = nameOf(number);
  if (number % 10 === 8) return [{ email }, { email: email.toUpperCase() }, { email: ` ${email} ` }];
  if (number % 10 === 9) return [{ first_name, last_name, company_name }, { first_name: ` ${first_name}`, last_name: last_name.toUpperCase(), company_name: company_name.toLowerCase() }];
  const slug = number % 10 === 7 ? name.replace("person", "nobody") : name;
  return [
    `https://www.linkedin.com/in/${slug}`,
    `https://uk.linkedin.com/in/${slug}/?trk=people-guest`,
    `http://linkedin.com/in/${slug.toUpperCase()}`,
    `linkedin.com/in/${slug}/`,
    `https://m.linkedin.com/in/${slug}?originalSubdomain=de#about`,
  ].map((linkedin_url) => ({ linkedin_url }));
}

/** The number of the person whom a request is about, whatever its words. */
export const numberOf = (request) => Number(/\d{5}/.exec(JSON.stringify(request))[0]);

/**
 * Lookups, each with its index: half of them among the first `hot` people, the others among all. One in eight of those by
 * profile is by the bonus e-mail, once somebody has been told it. One in eight is given up by its caller.
 */
export function planOf({ seed, lookups, people, hot }) {
  const random = randomFrom(seed);
  const below = (count) => Math.floor(random() * count);
  return Array.from({ length: lookups }, (_, index) => {
    const number = 1 + below(random() < 0.5 ? hot : people);
    const request = spellingsOf(number)[below(spellingsOf(number).length)];
    const byBonusMail = random() < 1 / 8 && "linkedin_url" in request;
    const givenUpAfter = random() < 1 / 8 ? below(60) : null;
    return { index, number, request, byBonusMail, givenUpAfter, abort: random() < 0.5 ? "cancel" : "detach" };
  });
}

/** Three requests in ten are struck, by every fault that leaves doubt and by some that do not. */
export const FAULTS = [
  { fault: "delay", ms: [0, 40], before: "handling" },
  { fault: "delay", ms: BEYOND_TIMEOUT, before: "handling", probability: 0.03 },
  { fault: "delay", ms: BEYOND_TIMEOUT, before: "answer", probability: 0.03 },
  { fault: 429, probability: 0.02 },
  { fault: 429, retryAfter: 0, probability: 0.03 },
  { fault: 429, retryAfter: 1, probability: 0.01 },
  { fault: "drop", probability: 0.02 },
  { fault: "drop", reset: true, probability: 0.01 },
  { fault: 500, probability: 0.02 },
  { fault: 502, probability: 0.02 },
  { fault: "charge_then_drop", probability: 0.03 },
  { fault: "charge_then_500", probability: 0.03 },
  { fault: "cut_body", probability: 0.03 },
  { fault: "html_200", probability: 0.02 },
  { fault: "empty_200", probability: 0.02 },
  { fault: "missing_phone", probability: 0.03 },
  { fault: "drip", ms: 2, bytes: 16, probability: 0.03 },
];
