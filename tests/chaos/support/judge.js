// Who judges a run of chaos: the logs of everybody who asked against the sandbox's ledger and its list of requests.
//
// A life is one process, page or worker, from its start to its end. Its log holds, in order, each written before anything
// else happened: { ask, number, abort } for a lookup that begins; { sent } for a request that goes on the wire;
// { end, number, code, charge, warned, … } for how a lookup ended, and whether anybody was warned meanwhile that an answer
// could not be kept; and { over } when the life ended by itself.
import { numberOf } from "./plan.js";

const PRICE = 5;
/** What ends a call whose request is out, while that request may still be left to finish. */
const GIVEN_UP = ["timeout", "aborted"];

const count = (list, of) => {
  const counts = new Map();
  for (const one of list) counts.set(of(one), (counts.get(of(one)) ?? 0) + 1);
  return (key) => counts.get(key) ?? 0;
};

/** The lives of a log, from its lines; a line that was cut short never was one. */
export function livesOf(text) {
  const lives = [];
  for (const line of text.split("\n")) {
    let entry;
    try {
      entry = JSON.parse(line);
    } catch {
      continue;
    }
    if (entry.life) lives.push([]);
    else lives.at(-1).push(entry);
  }
  return lives;
}

/**
 * What became of people by all that the logs say.
 *
 * A person is the sandbox's: who is asked for by profile, and by the bonus e-mail once it was told, is one.
 */
function read(lives) {
  const ends = lives.flat().filter((entry) => "end" in entry);
  /** Lookups that a life began and could not tell the end of, since it was killed. */
  const open = [];
  const silent = [];
  for (const life of lives) {
    const ended = new Set(life.filter((entry) => "end" in entry).map(({ end }) => end));
    const left = life.filter((entry) => "ask" in entry && !ended.has(entry.ask));
    (life.some((entry) => "over" in entry) ? silent : open).push(...left);
  }
  const confirmed = ends.filter(({ charge }) => charge === "confirmed");
  // `outcome_unknown` is about a request of which somebody else has told, or died.
  const possible = ends.filter(({ charge, code }) => charge === "possible" && code !== "outcome_unknown");
  return { ends, open, silent, confirmed, possible };
}

/**
 * What is wrong with a run, in words; nothing if it kept the rules of money.
 *
 * @param lives the logs of all who asked
 * @param ledger of the sandbox, when nobody asks any more
 * @param requests that the sandbox saw
 * @param announced whether logs hold each request before it was sent
 */
export function complaintsAbout({ lives, ledger, requests, announced = true }) {
  const complaints = [];
  const { ends, open, silent, confirmed, possible } = read(lives);
  const charges = count(ledger, ({ body }) => numberOf(body));
  const told = count(confirmed, ({ number }) => number);
  const doubted = count(possible, ({ number }) => number);
  const cutOff = count(open, ({ number }) => number);
  for (const number of new Set([...ledger.map(({ body }) => numberOf(body)), ...confirmed.map(({ number }) => number)])) {
    const cost = charges(number);
    if (cost > 1) complaints.push(`person ${number} was charged ${cost} times`);
    if (cost > told(number) + doubted(number) + cutOff(number)) complaints.push(`person ${number} was charged, and whoever asked was told that it cost nothing`);
    if (told(number) > cost) complaints.push(`person ${number} was confirmed ${told(number)} times and charged ${cost} times`);
  }
  for (const { ask } of silent) complaints.push(`lookup ${ask} never ended, though nobody was killed`);
  for (const { end, charge, credits } of ends) {
    if (credits !== undefined && credits !== (charge === "confirmed" ? PRICE : 0)) complaints.push(`lookup ${end} says ${charge} and ${credits} credits`);
  }
  // Only a refusal that is certainly free may be followed by another request.
  const posts = requests.filter(({ method }) => method === "POST");
  const last = new Map();
  for (const { body, status } of posts) {
    if (!body) continue;
    const before = last.get(numberOf(body));
    if (before !== undefined && before !== 429) complaints.push(`person ${numberOf(body)} was asked for again after ${before ?? "silence"}`);
    last.set(numberOf(body), status);
  }
  const sent = lives.flat().filter((entry) => "sent" in entry).length;
  if (announced && posts.length > sent) complaints.push(`${posts.length} requests were seen, and ${sent} announced`);
  const spend = PRICE * confirmed.length;
  const most = spend + PRICE * (possible.length + open.length);
  const paid = ledger.reduce((sum, { credits }) => sum + credits, 0);
  if (paid < spend || paid > most) complaints.push(`${paid} credits were charged: not from ${spend} to ${most}`);
  for (const life of lives) {
    const { over } = life.find((entry) => "over" in entry) ?? {};
    if (!over) continue;
    const own = read([life]);
    if (over.reserved !== 0) complaints.push(`${over.reserved} credits are still set aside at the end`);
    if (over.spent < PRICE * own.confirmed.length || over.spent > PRICE * (own.confirmed.length + own.possible.length)) complaints.push(`a client says that it spent ${over.spent}`);
  }
  return complaints;
}

/**
 * What is wrong with how everybody was asked for once more, without faults and without force.
 *
 * @param lives and `ledger` as they were before
 * @param again the ends of the lookups that came then
 * @param requests that the sandbox saw meanwhile
 */
export function complaintsAboutAgain({ lives, ledger, again, requests }) {
  const complaints = [];
  const { ends, confirmed } = read(lives);
  const charged = new Set(ledger.map(({ body }) => numberOf(body)));
  // Whoever was warned that an answer could not be kept in time, and died, has it all the same, and nobody else has.
  const received = new Set(ends.filter(({ code, warned }) => code === "success" && !warned).map(({ number }) => number));
  // A request that was left to finish may have been refused after all, which is free and ends the doubt. It is left to
  // finish if one of those who waited for it wants that.
  const settledIn = (life) => {
    const left = new Set(life.filter(({ ask, abort }) => ask !== undefined && abort === "detach").map(({ number }) => number));
    const settles = ({ number, code, charge }) => code === "success" || code === "not_found" || (charge === "possible" && !(GIVEN_UP.includes(code) && left.has(number)));
    return life.filter((entry) => "end" in entry).filter(settles);
  };
  const settled = new Set(lives.flatMap(settledIn).map(({ number }) => number));
  for (const number of new Set(requests.map(({ body }) => numberOf(body)))) {
    if (charged.has(number) || settled.has(number)) complaints.push(`person ${number} was known or unknown, and is asked for again`);
  }
  for (const { number, code, charge } of again) {
    const allowed = charged.has(number) ? ["success", "outcome_unknown"] : ["success", "not_found", "outcome_unknown"];
    if (!allowed.includes(code)) complaints.push(`person ${number} ends with ${code}`);
    if (charged.has(number) && charge === "confirmed") complaints.push(`person ${number} is paid for again`);
    if (received.has(number) && code !== "success") complaints.push(`person ${number} was paid for and received, and is now ${code}`);
  }
  for (const { number } of confirmed) if (!again.some((end) => end.number === number)) complaints.push(`person ${number} was not asked for again`);
  return complaints;
}

/** What happened, in numbers. */
export function numbersOf({ lives, ledger, requests, again }) {
  const { ends, open, confirmed, possible } = read(lives);
  const known = new Set([...confirmed, ...possible].map(({ number }) => number));
  const onlyCutOff = ledger.filter(({ body }) => !known.has(numberOf(body)));
  const endOf = new Map(again.map(({ number, code }) => [number, code]));
  const codes = count(ends, ({ code }) => code);
  const struck = requests.filter(({ method }) => method === "POST").flatMap(({ faults }) => faults);
  const faultNames = [...new Set(struck)].sort();
  const strikes = count(struck, (name) => name);
  return {
    asked: lives.flat().filter((entry) => "ask" in entry).length,
    byBonusMail: lives.flat().filter((entry) => entry.byBonusMail).length,
    lives: lives.length,
    killed: lives.filter((life) => !life.some((entry) => "over" in entry)).length,
    cutOff: open.length,
    requests: requests.filter(({ method }) => method === "POST").length,
    struck: requests.filter(({ method, faults: names, took_ms }) => method === "POST" && (names.some((name) => name !== "delay") || took_ms > 400)).length,
    faults: Object.fromEntries(faultNames.map((name) => [name, strikes(name)])),
    charges: ledger.length,
    confirmed: confirmed.length,
    possible: possible.length,
    chargedAndKilled: onlyCutOff.length,
    chargedKilledAndUnknown: onlyCutOff.filter(({ body }) => endOf.get(numberOf(body)) === "outcome_unknown").length,
    ends: Object.fromEntries([...new Set(ends.map(({ code }) => code))].sort().map((code) => [code, codes(code)])),
  };
}
