// A plan of a million different people that is never held as a list, and the most memory that it took.
import { planList } from "phone-enrichment/lists";

function* people() {
  for (let row = 0; row < 1_000_000; row++) yield { email: `p${row}@acme.com`, first_name: "Jane", last_name: `Roe ${row % 977}`, company_name: "Acme" };
}

const plan = await planList(people());
console.log(JSON.stringify({ people: plan.people, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) }));
