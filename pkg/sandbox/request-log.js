/** Every request seen, charged or not, within a bound: the oldest are forgotten first. */

/** Requests kept unless the caller says otherwise. */
const DEFAULT_KEPT = 200_000;

/** @param {boolean | number} [option] */
export function createRequestLog(option = true) {
  const kept = option === true ? DEFAULT_KEPT : option === false ? 0 : option;
  if (!Number.isSafeInteger(kept) || kept < 0) throw new TypeError('log is true, false, or how many requests to keep');
  /** @type {import('./index.js').RequestRecord[]} */
  let records = [];
  let forgotten = 0;
  return {
    /** @param {import('./index.js').RequestRecord} record */
    add(record) {
      if (kept === 0) {
        forgotten += 1;
        return;
      }
      records.push(record);
      // Dropping in bulk keeps the cost of one request constant.
      if (records.length >= kept * 2) {
        forgotten += records.length - kept;
        records = records.slice(-kept);
      }
    },
    list() {
      return records.slice(-kept || records.length);
    },
    get forgotten() {
      return forgotten + Math.max(0, records.length - kept);
    },
    reset() {
      records = [];
      forgotten = 0;
    },
  };
}
