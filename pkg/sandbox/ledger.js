/**
 * The wallet and the ledger: what was charged, to whom, when, and by which request.
 * A charge is one synchronous step, so two requests can never spend the same credits.
 */

/** @typedef {import('./index.js').Charge} Charge */

/** @param {number} credits */
export function checkCredits(credits) {
  if (!Number.isSafeInteger(credits)) throw new TypeError('credits is an integer');
  return credits;
}

/** @param {number} credits what the wallet holds at the start */
export function createLedger(credits) {
  let balance = checkCredits(credits);
  let spent = 0;
  /** @type {Charge[]} */
  let charges = [];
  /** How often each person was charged, per endpoint. */
  let timesCharged = new Map();
  let doubles = 0;
  let lastId = 0;

  return {
    get balance() {
      return balance;
    },
    /**
     * @param {{ person_id: string, endpoint: 'phone' | 'email', credits: number, request_id: string,
     *           matched_by: import('./index.js').Identifier, body: unknown }} cause
     * @returns {Charge}
     */
    charge(cause) {
      if (balance < cause.credits) throw new RangeError('the wallet does not cover this charge');
      balance -= cause.credits;
      spent += cause.credits;
      lastId += 1;
      const now = Date.now();
      const charge = Object.freeze({
        id: `charge_${String(lastId).padStart(6, '0')}`,
        request_id: cause.request_id,
        person_id: cause.person_id,
        at: new Date(now).toISOString(),
        at_ms: now,
        endpoint: cause.endpoint,
        credits: cause.credits,
        balance_after: balance,
        matched_by: cause.matched_by,
        body: cause.body,
      });
      charges.push(charge);
      const subject = `${cause.endpoint}\n${cause.person_id}`;
      const before = timesCharged.get(subject) ?? 0;
      if (before > 0) doubles += 1;
      timesCharged.set(subject, before + 1);
      return charge;
    },
    /** @param {number} amount */
    setBalance(amount) {
      balance = checkCredits(amount);
    },
    /** @returns {Charge[]} */
    list() {
      return charges.slice();
    },
    /** @returns {import('./index.js').Wallet} */
    wallet() {
      return { credits: balance, spent, charges: charges.length, double_charges: doubles };
    },
    reset() {
      balance = credits;
      spent = 0;
      charges = [];
      timesCharged = new Map();
      doubles = 0;
    },
  };
}
