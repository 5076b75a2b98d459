import assert from "node:assert/strict";
import { test } from "node:test";
import { RULES } from "./contract.js";

/** What a store can do that has everything. */
export const ALL = { lock: true, keys: true };
/** And one that tells of many keys at once. */
export const MANY = { ...ALL, many: true };

/** A test for each rule, which `judge` runs where the store is at home. */
export function testRules(traits, judge) {
  for (const rule of Object.keys(RULES)) {
    test(rule, async () => {
      const complaint = await judge(rule, traits);
      assert.equal(complaint, null, complaint);
    });
  }
}
