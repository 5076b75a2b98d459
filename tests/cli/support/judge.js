// Whether a list that was interrupted and gone on with is one that nobody lost money on, by the sandbox's ledger.
import assert from "node:assert/strict";
import { generatedPerson } from "phone-enrichment/sandbox";
import { number, rowsOf } from "./command.js";

/**
 * @param text of the list that was written at last
 * @param count how many generated people are on it
 * @param most how many may be in doubt
 * @param charges of the ledger
 */
export function judge({ text, count, most, charges }) {
  const rows = rowsOf(text);
  assert.deepEqual(rows.map(({ lead }) => Number(lead)), Array.from({ length: count }, (_, at) => at), "every row, in order");
  const paid = new Map();
  for (const { person_id } of charges) paid.set(person_id, (paid.get(person_id) ?? 0) + 1);
  assert.deepEqual([...paid].filter(([, times]) => times > 1), [], "nobody was charged twice");
  let doubtful = 0;
  for (const { lead, email, status, phone, code, ...row } of rows) {
    const id = `person-${number(Number(lead) + 1)}`;
    assert.equal(email, `${id}@example.com`);
    if (status === "in_doubt") {
      doubtful++;
      assert.deepEqual([code, row.charge, phone], ["outcome_unknown", "possible", ""]);
    } else {
      assert.deepEqual([status, phone], ["success", generatedPerson(Number(lead) + 1).phone], `row ${lead}: what was paid for is there`);
      assert.ok(paid.has(id), `row ${lead}: nobody has an answer that was not charged`);
    }
  }
  assert.ok(doubtful <= most, `${doubtful} are in doubt, of at most ${most}`);
  return { doubtful };
}
