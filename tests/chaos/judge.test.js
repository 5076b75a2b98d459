// The judge of chaos finds each thing that can be wrong, and nothing in what is right.
import assert from "node:assert/strict";
import { test } from "node:test";
import { complaintsAbout, complaintsAboutAgain, livesOf } from "./support/judge.js";
import { spellingsOf } from "./support/plan.js";

const body = (number) => spellingsOf(number)[0];
const charge = (number) => ({ credits: 5, body: body(number) });
const post = (number, status = 200) => ({ method: "POST", body: body(number), status });
const ask = (number, abort = "detach") => ({ ask: number, number, abort });
const sent = { sent: "lk" };
const found = (number) => ({ end: number, number, code: "success", charge: "confirmed", credits: 5 });
const failed = (number, code, charge = "possible") => ({ end: number, number, code, charge });
const over = (spent) => ({ over: { spent, reserved: 0 } });

/** Person 1 was found, person 2 was charged to a silence, of person 3 a killed process knew, and person 4 was refused. */
const right = () => ({
  lives: [
    [ask(1), sent, found(1), ask(2), sent, failed(2, "network"), over(5)],
    [ask(3), sent],
    [ask(4), sent, failed(4, "rate_limited", "none"), over(0)],
  ],
  ledger: [charge(1), charge(2), charge(3)],
  requests: [post(1), post(2, null), post(3), post(4, 429)],
});

test("of what is right there is nothing to say", () => {
  assert.deepEqual(complaintsAbout(right()), []);
});

const wrong = {
  "a person who was charged twice": [/person 2 was charged 2 times/, ({ ledger }) => ledger.push(charge(2))],
  "a person who was charged twice, by another spelling": [/person 1 was charged 2 times/, ({ ledger }) => ledger.push({ credits: 5, body: { email: "person-00001@example.com" } })],
  "a charge of which whoever asked was told that it is none": [/person 4 was charged, and/, ({ ledger }) => ledger.push(charge(4))],
  "a charge for somebody for whom nobody asked": [/person 9 was charged, and/, ({ ledger }) => ledger.push(charge(9))],
  "a lookup cut off by nobody": [/lookup 3 never ended/, ({ lives }) => lives[1].push(over(0))],
  "a confirmed charge that is none": [/person 1 was confirmed 1 times and charged 0 times/, ({ ledger }) => ledger.shift()],
  "a charge that two were told to have paid": [/person 1 was confirmed 2 times/, ({ lives }) => lives[2].unshift(ask(1), found(1))],
  "a request that was not announced": [/4 requests were seen, and 3 announced/, ({ lives }) => lives[1].pop()],
  "a request after one that may have been charged": [/person 2 was asked for again after silence/, ({ requests }) => requests.push(post(2))],
  "more spent than logs can explain": [/20 credits were charged: not from 5 to 15/, ({ ledger }) => ledger.push(charge(2))],
  "a price that does not fit": [/lookup 1 says confirmed and 0 credits/, ({ lives }) => (lives[0][2] = { ...found(1), credits: 0 })],
  "a client that forgot what it spent": [/a client says that it spent 0/, ({ lives }) => (lives[0][6] = over(0))],
  "credits that nobody gave back": [/5 credits are still set aside/, ({ lives }) => (lives[2][3] = { over: { spent: 0, reserved: 5 } })],
};
for (const [name, [complaint, spoil]] of Object.entries(wrong)) {
  test(`it finds ${name}`, () => {
    const run = right();
    spoil(run);
    assert.match(complaintsAbout(run).join("\n"), complaint);
  });
}

const known = (number) => ({ number, code: "success", charge: "none" });
const unknown = (number) => ({ number, code: "outcome_unknown", charge: "possible" });
const after = (changes) => complaintsAboutAgain({ ...right(), again: [known(1), unknown(2), unknown(3), { ...found(4), number: 4 }], requests: [post(4)], ...changes }).join("\n");

test("of a second round that asks only for whom nothing is known there is nothing to say", () => {
  assert.equal(after({}), "");
});

test("it finds a second round that asks again, pays again or lost what was paid for", () => {
  assert.match(after({ requests: [post(2)] }), /person 2 was known or unknown, and is asked for again/);
  assert.match(after({ requests: [post(3)] }), /person 3 was known or unknown, and is asked for again/);
  assert.match(after({ again: [{ ...found(1), number: 1 }] }), /person 1 is paid for again/);
  assert.match(after({ again: [unknown(1)] }), /person 1 was paid for and received, and is now outcome_unknown/);
  assert.match(after({ again: [known(1), failed(3, "network")] }), /person 3 ends with network/);
  assert.match(after({ again: [] }), /person 1 was not asked for again/);
});

test("an answer may be lost only to who was warned that it could not be kept", () => {
  for (const [warned, complaint] of [[false, /person 1 was paid for and received, and is now outcome_unknown/], [true, /^$/]]) {
    const { lives } = right();
    lives[0][2].warned = warned;
    assert.match(after({ lives, again: [unknown(1), unknown(2), unknown(3), { ...found(4), number: 4 }] }), complaint);
  }
});

test("who gives up on a request settles it, unless somebody who waits for it too leaves it to finish", () => {
  for (const [others, complaint] of [[[], /person 5 was known or unknown, and is asked for again/], [["cancel"], /person 5 was known or unknown/], [["detach"], /^$/]]) {
    const { lives } = right();
    const asks = ["cancel", ...others].map((abort, index) => ({ ...ask(5, abort), ask: 5 + index }));
    lives.push([...asks, ...asks.map(({ ask }) => ({ ...failed(5, "timeout"), end: ask })), over(0)]);
    assert.match(after({ lives, requests: [post(4), post(5)] }), complaint);
  }
});

test("a line that was cut short by a kill never was one", () => {
  assert.deepEqual(livesOf('\n{"life":1}\n{"ask":1}\n{"end":1,"nu\n{"life":2}\n{"ask":1}'), [[{ ask: 1 }], [{ ask: 1 }]]);
});
