// Jobs, judged by the sandbox's ledger: what is planned, looked up, paid for, parked and read back.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { ADMIN_KEY } from "./support/worker.js";
import { people, person, slug, startJobs, wait } from "./support/jobs.js";

describe("a job", () => {
  let jobs, sandbox, worker, key;
  before(async () => {
    jobs = await startJobs();
    ({ sandbox, worker, key } = jobs);
  });
  after(() => jobs?.close());
  beforeEach(async () => {
    sandbox.setFaults([]);
    await jobs.hold(false);
  });
  /** Nobody was ever paid for twice, whatever a test did. */
  const nobodyTwice = () => assert.equal(sandbox.wallet().double_charges, 0);

  describe("when it is planned", () => {
    test("sends nothing, and says what is in the list and the most that it can cost", async () => {
      await worker.lookup(key, person(1));
      const requests = sandbox.requests().length;
      const list = [
        "First Name,Last Name,Email Address,LinkedIn URL,Company,Position",
        "Jo,Known,,https://www.linkedin.com/in/person-00001,,",
        "Jo,New,,https://www.linkedin.com/in/person-00002,,",
        "Jo,New,,uk.linkedin.com/in/Person-00002/?trk=x,,Twice",
        "Jo,Page,,https://www.linkedin.com/company/acme,,",
        ",,,,,",
        "Jo,,jo@,,,",
        "Jo,Mail,jo@example.com,,,",
      ].join("\r\n");
      const { json, status, headers } = await jobs.post(list, { query: "?name=Spring" });
      assert.equal(status, 201);
      assert.equal(headers.location, `/v1/jobs/${json.id}`);
      assert.equal(json.state, "planned");
      assert.equal(json.name, "Spring");
      const { issues, ...plan } = json.plan;
      assert.deepEqual(plan, { rows: 6, people: 3, duplicates: 1, known: 1, invalid: 2, suppressed: 0, unknown: 0, price: 5, most_credits: 10 });
      assert.equal(issues.company_page, 1);
      assert.deepEqual(json.columns, { "First Name": "first_name", "Last Name": "last_name", "Email Address": "email", "LinkedIn URL": "linkedin_url", Company: "company_name", Position: null });
      await wait(300);
      assert.equal(sandbox.requests().length, requests);
    });

    test("takes the same people as JSON, as {people} and as NDJSON", async () => {
      const list = people(1000, 3);
      const bodies = [
        [JSON.stringify(list, null, 2), "application/json"],
        [JSON.stringify({ people: list }), "application/json; charset=utf-8"],
        [list.map((each) => JSON.stringify(each)).join("\n"), "application/x-ndjson"],
      ];
      for (const [body, type] of bodies) assert.equal((await jobs.planned(body, { type })).plan.people, 3);
    });

    test("finds the columns behind a preamble, between semicolons, behind a byte order mark, and prefers the public address", async () => {
      const lists = [
        'Notes:\r\n"When exporting, some e-mails are missing"\r\n\r\nFirst Name,Last Name,URL,Email Address,Company,Position\r\nJo,Doe,https://www.linkedin.com/in/person-01010,,Acme,CEO\r\n',
        "\ufeffprénom;nom;organisation\nJo;Doé;Acme\n",
        "Linkedin URL Unique ID\tLinkedin URL Public\thttps\nhttps://www.linkedin.com/in/ACwAAABx\thttps://www.linkedin.com/in/person-01010\tx\n",
        'Person - First name,Person - Last name,Person - Organization,Note\rJo,Doe,Acme,"two\rlines"\r',
      ];
      const made = [];
      for (const list of lists) made.push(await jobs.planned(list));
      assert.deepEqual(made.map(({ plan }) => [plan.rows, plan.people]), lists.map(() => [1, 1]));
      assert.equal(made[0].columns.URL, "linkedin_url");
      await jobs.tell(made[2].id, "start", { budget: 5 });
      await jobs.until(made[2].id, "done");
      assert.equal(jobs.chargesOf(slug(1010)), 1);
    });

    test("refuses what is no list, says where, and keeps nothing", { timeout: 60_000 }, async () => {
      const before = (await worker.call("GET", "/v1/jobs", { key })).json.jobs.length;
      const head = "email,note\n";
      const wide = Array.from({ length: 65 }, (_, index) => `c${index}`).join(",");
      const cases = [
        [head + "x".repeat(10_000_000), "text/csv", 400, "record_too_large", 2],
        ['"'.repeat(10_000_000), "text/csv", 400, "record_too_large", 1],
        [`${head}a@example.com,"open\nb@example.com,x\n`, "text/csv", 400, "quote_not_closed", undefined],
        [`${head}a@example.com,x\nb@example.com,\0\n`, "text/csv", 400, "not_text", 3],
        [Buffer.from(`\ufeff${head}`, "utf16le"), "text/csv", 400, "not_utf8", 1],
        [Buffer.from(`${head}a@example.com,\xe9\n`, "latin1"), "text/csv", 400, "not_utf8", undefined],
        [`${head}a@example.com,${"y".repeat(1001)}\n`, "text/csv", 400, "cell_too_long", 2],
        [`email,${wide}\n`, "text/csv", 400, "too_many_columns", 1],
        ["", "text/csv", 400, "empty", undefined],
        [head, "text/csv", 400, "empty", undefined],
        ["colour,size\nred,1\n", "text/csv", 400, "no_columns", undefined],
        ["CONVERSATION ID,FROM,EMAIL\n1,a,a@example.com\n", "text/csv", 400, "not_people", undefined],
        ["x", "application/vnd.ms-excel", 415, "unsupported_media_type", undefined],
        [head, "text/csv; charset=windows-1252", 415, "unsupported_media_type", undefined],
        [`${head}${"a@example.com,x\n".repeat(2_200_000)}`, "text/csv", 413, undefined, undefined],
        ['[{"email":"a@example.com"},\n{"email":', "application/json", 400, "json_malformed", 2],
        ['{"persons":[]}', "application/json", 400, "json_malformed", 1],
        ['["a@example.com"]', "application/json", 400, "row_malformed", 1],
        ['[{"email":"a@example.com"}] x', "application/json", 400, "json_malformed", 1],
        [`[${'{"a":'.repeat(100_000)}`, "application/json", 400, "record_too_large", 1],
        ["[]", "application/json", 400, "empty", undefined],
        ['{"email":"a@example.com"}\nnonsense\n', "application/x-ndjson", 400, "json_malformed", 2],
      ];
      for (const [body, type, status, code, line] of cases) {
        const reply = await fetch(`${worker.url}/v1/jobs`, { method: "POST", body, headers: { authorization: `Token ${key}`, "content-type": type, connection: "close" } });
        const json = await reply.json();
        const name = `${String(body).slice(0, 40)} as ${type}`;
        assert.equal(reply.status, status, `${name}: ${JSON.stringify(json)}`);
        if (code) assert.equal(json.code, code, name);
        if (line) assert.equal(json.line, line, name);
        assert.equal(typeof json.detail, "string");
      }
      assert.equal((await worker.call("GET", "/v1/jobs", { key })).json.jobs.length, before);
    });

    test("is made once for an Idempotency-Key, and another list under the same key is a mistake", async () => {
      const list = people(1020, 2);
      const headers = { "idempotency-key": "once" };
      const first = await jobs.post(list, { headers });
      const again = await jobs.post(list, { headers });
      assert.equal(again.status, 201);
      assert.equal(again.json.id, first.json.id);
      assert.equal(again.headers["idempotency-replayed"], "true");
      assert.equal((await jobs.post(people(1021, 2), { headers })).status, 422);
      assert.equal((await jobs.post(list, { headers, query: "?ladder=true" })).status, 422);
      const other = await worker.keyFor("same key, another caller", { scopes: ["jobs"] });
      assert.notEqual((await jobs.post(list, { headers, by: other })).json.id, first.json.id);
    });

    test("that comes twice at once under one Idempotency-Key is made once", async () => {
      const replies = await Promise.all([1, 2, 3].map(() => jobs.post(people(1025, 50), { headers: { "idempotency-key": "at-once" } })));
      const made = replies.filter(({ status }) => status === 201);
      assert.ok(made.length >= 1, JSON.stringify(replies.map(({ status, text }) => [status, text])));
      assert.equal(new Set(made.map(({ json }) => json.id)).size, 1);
      assert.ok(replies.every(({ status }) => status === 201 || status === 409));
    });
  });

  test("of a list that breaks off on its way is not kept", async () => {
    const before = (await worker.call("GET", "/v1/jobs", { key })).json.jobs.length;
    const leaving = new AbortController();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(`email\n${"a@example.com\n".repeat(5000)}`)),
    });
    const headers = { authorization: `Token ${key}`, "content-type": "text/csv", "idempotency-key": "broken" };
    const upload = fetch(`${worker.url}/v1/jobs`, { method: "POST", body, duplex: "half", signal: leaving.signal, headers });
    await wait(500);
    leaving.abort();
    await assert.rejects(upload);
    await wait(300);
    assert.equal((await worker.call("GET", "/v1/jobs", { key })).json.jobs.length, before);
    assert.equal((await jobs.post(people(1, 1), { headers: { "idempotency-key": "broken" } })).status, 201, "the key is free again");
  });

  describe("when it runs", () => {
    test("finds, does not find, refuses, knows and repeats, and pays for each person once", async () => {
      await worker.lookup(key, person(20));
      const list = [...people(20, 45), ...people(21, 2), { linkedin_url: "https://www.linkedin.com/in/no-phone-1" }, { linkedin_url: "https://www.linkedin.com/company/acme" }, { email: "nobody@example.com" }];
      const charges = sandbox.ledger().length;
      const { id, progress, state } = await jobs.run(list);
      assert.equal(state, "done");
      assert.deepEqual(progress, { done: 47, found: 45, not_found: 2, failed: 0, cached: 1, unknown: 0, waiting: 0, sent: 0, erased: 0, credits: 220, budget: 10_000 });
      assert.equal(sandbox.ledger().length, charges + 44);
      nobodyTwice();
      const rows = await jobs.results(id);
      assert.deepEqual(rows.map(({ row }) => row), list.map((_, index) => index + 1));
      assert.deepEqual(rows.map(({ input }) => input), list);
      const phone = sandbox.people().find((each) => each.id === slug(21)).phone;
      assert.deepEqual([rows[1].status, rows[1].phone, rows[1].charge, rows[1].credits], ["found", phone, "confirmed", 5]);
      assert.deepEqual([rows[45].status, rows[45].same_as, rows[45].phone, rows[45].charge, rows[45].credits], ["found", 2, phone, "none", 0]);
      assert.deepEqual([rows[0].status, rows[0].charge, rows[0].credits], ["found", "none", 0]);
      assert.deepEqual([rows[47].status, rows[48].status, rows[48].code, rows[48].issues[0].code, rows[49].status], ["not_found", "invalid", "invalid_request", "company_page", "not_found"]);
      assert.equal(rows.reduce((sum, { credits }) => sum + credits, 0), 220);
    });

    test("is done at once if nobody in the list can be looked up", async () => {
      assert.equal((await jobs.run([{ email: "jo@" }])).state, "done");
    });

    test("needs a budget of whole credits", async () => {
      const { id } = await jobs.planned(people(70, 1));
      for (const body of [undefined, {}, { budget: 0 }, { budget: 2.5 }, { budget: "10" }, { budget: 10, more: 1 }]) assert.equal((await jobs.tell(id, "start", body)).status, 400, JSON.stringify(body));
      assert.equal((await jobs.see(id)).state, "planned");
    });

    test("pauses when its budget has no room, and goes on with more", async () => {
      const paused = await jobs.run(people(80, 30), 50);
      assert.deepEqual([paused.state, paused.reason, paused.progress.credits, paused.progress.found], ["paused", "job_budget", 50, 10]);
      assert.equal(sandbox.ledger().filter(({ person_id }) => person_id >= slug(80) && person_id < slug(110)).length, 10);
      assert.equal((await jobs.tell(paused.id, "resume", { budget: 150 })).status, 200);
      const { progress } = await jobs.until(paused.id, "done");
      assert.deepEqual([progress.found, progress.credits], [30, 150]);
      nobodyTwice();
    });

    test("pauses when the vendor has no credits left, without asking for every row", async () => {
      const { credits } = sandbox.wallet();
      sandbox.setCredits(10);
      const paused = await jobs.run(people(120, 60));
      assert.deepEqual([paused.state, paused.reason, paused.progress.found], ["paused", "insufficient_credits", 2]);
      sandbox.setCredits(credits);
      const admin = await worker.call("POST", "/v1/wallet/reopen", { key: ADMIN_KEY, body: {} });
      assert.equal(admin.status, 200);
      await jobs.tell(paused.id, "resume");
      assert.equal((await jobs.until(paused.id, "done")).progress.found, 60);
      nobodyTwice();
    });

    test("waits out a minute's limit of the key, without a person's help", async () => {
      const slow = await worker.keyFor("slow", { scopes: ["jobs"], per_minute: 10 });
      const { id } = await jobs.planned(people(190, 3), { by: slow });
      await jobs.tell(id, "start", { budget: 100 }, slow);
      await wait(1500);
      const { json } = await worker.call("GET", `/v1/jobs/${id}`, { key: slow });
      assert.deepEqual([json.state, json.progress.found, json.progress.waiting], ["running", 2, 1]);
    });

    test("looks the next identifier up after a free miss, if it was made so", async () => {
      const row = { linkedin_url: "https://www.linkedin.com/in/no-such-person-here", email: "person-00195@example.com" };
      assert.equal((await jobs.run([row], 100, { query: "?ladder=true" })).progress.found, 1);
    });
  });

  describe("when it is commanded", () => {
    test("goes on where it was paused, and a command that comes again changes nothing", async () => {
      sandbox.setFaults([{ fault: "delay", ms: 200 }]);
      const { id } = await jobs.planned(people(1300, 300));
      const told = async (command, body) => {
        const { status, json } = await jobs.tell(id, command, body);
        return [status, json.state];
      };
      assert.deepEqual(await told("pause"), [409, "planned"]);
      assert.deepEqual(await told("resume"), [409, "planned"]);
      assert.deepEqual(await told("start", { budget: 1500 }), [200, "running"]);
      assert.deepEqual(await told("start", { budget: 1500 }), [200, "running"]);
      assert.deepEqual(await told("start", { budget: 900 }), [409, "running"]);
      assert.deepEqual(await told("pause"), [200, "paused"]);
      assert.deepEqual(await told("pause"), [200, "paused"]);
      assert.deepEqual(await told("start", { budget: 1500 }), [409, "paused"]);
      await wait(500);
      const { progress } = await jobs.see(id);
      const charges = sandbox.ledger().length;
      await wait(500);
      assert.equal(sandbox.ledger().length, charges, "a paused job sends nothing");
      assert.equal(progress.sent, 0);
      assert.deepEqual(await told("resume"), [200, "running"]);
      assert.deepEqual(await told("resume"), [200, "running"]);
      const done = await jobs.until(id, "done");
      assert.deepEqual([done.progress.found, done.progress.budget], [300, 1500]);
      for (const command of ["start", "pause", "resume", "cancel"]) assert.deepEqual(await told(command, command === "start" ? { budget: 500 } : undefined), [409, "done"]);
      nobodyTwice();
    });

    test("ends for good when it is cancelled, and keeps what was out", async () => {
      sandbox.setFaults([{ fault: "delay", ms: 500 }]);
      const { id } = await jobs.planned(people(310, 300));
      await jobs.tell(id, "start", { budget: 5000 });
      await jobs.until(id, ({ progress }) => progress.sent > 0);
      const cancelled = await jobs.tell(id, "cancel");
      assert.deepEqual([cancelled.status, cancelled.json.state], [200, "cancelled"]);
      assert.equal((await jobs.tell(id, "cancel")).status, 200);
      assert.equal((await jobs.tell(id, "resume", { budget: 9000 })).status, 409);
      await jobs.until(id, ({ progress }) => progress.sent === 0);
      const { progress } = await jobs.see(id);
      const charged = sandbox.ledger().filter(({ person_id }) => person_id >= slug(310) && person_id < slug(610)).length;
      assert.equal(progress.found, charged);
      assert.ok(charged < 300);
      assert.equal(progress.credits, charged * 5);
    });

    test("stays cancelled, whatever else it is told at the same time", async () => {
      await jobs.hold(true);
      for (let round = 0; round < 10; round++) {
        const { id } = await jobs.planned(people(1700, 1));
        await jobs.tell(id, "start", { budget: 5 });
        await jobs.tell(id, "pause");
        await Promise.all([jobs.job(id, "command", "resume", 10 + round), jobs.job(id, "command", "cancel")]);
        assert.equal((await jobs.see(id)).state, "cancelled");
      }
    });

    test("is nobody else's", async () => {
      const { id } = await jobs.planned(people(620, 1));
      const other = await worker.keyFor("somebody else", { scopes: ["jobs"] });
      const paths = [["GET", ""], ["GET", "/results"], ["GET", "/events"], ["DELETE", ""], ["POST", "/start", { budget: 5 }], ["POST", "/pause"], ["POST", "/resume"], ["POST", "/cancel"], ["POST", "/force", { rows: [1] }]];
      for (const [method, path, body] of paths) assert.equal((await worker.call(method, `/v1/jobs/${id}${path}`, { key: other, body })).status, 404, method + path);
      assert.deepEqual((await worker.call("GET", "/v1/jobs", { key: other })).json, { jobs: [] });
      const lookupsAlone = await worker.keyFor("lookups alone");
      assert.equal((await jobs.post(people(620, 1), { by: lookupsAlone })).status, 403);
      assert.equal((await worker.call("GET", `/v1/jobs/${id}`, { key: lookupsAlone })).status, 403);
      assert.equal((await worker.call("GET", `/v1/jobs/${"0".repeat(32)}`, { key })).status, 404);
    });

    test("is removed with its rows, but not while it runs", async () => {
      sandbox.setFaults([{ fault: "delay", ms: 300 }]);
      const { id } = await jobs.planned(people(630, 20));
      await jobs.tell(id, "start", { budget: 100 });
      assert.equal((await worker.call("DELETE", `/v1/jobs/${id}`, { key })).status, 409);
      await jobs.tell(id, "pause");
      assert.equal((await worker.call("DELETE", `/v1/jobs/${id}`, { key })).status, 200);
      assert.equal((await worker.call("GET", `/v1/jobs/${id}`, { key })).status, 404);
      assert.deepEqual(await jobs.job(id, "page", 0), []);
      await wait(600);
      assert.deepEqual(await jobs.job(id, "page", 0), [], "a row that was out does not come back");
    });
  });

  describe("when things go wrong", () => {
    test("parks what may have been charged, asks nobody again by itself, and asks again when a person says so", async () => {
      sandbox.setFaults([
        { fault: "charge_then_500", match: { person: slug(700) } },
        { fault: "charge_then_drop", match: { person: slug(701) } },
        { fault: "500", match: { person: slug(702) } },
      ]);
      const requests = sandbox.requests().length;
      const { id, state, progress } = await jobs.run([...people(700, 5), person(702)]);
      assert.deepEqual([state, progress.found, progress.unknown, progress.credits], ["done", 2, 3, 25]);
      assert.equal(sandbox.requests().length, requests + 5);
      const rows = await jobs.results(id);
      assert.deepEqual(rows.map(({ status, charge }) => `${status} ${charge}`), ["unknown possible", "unknown possible", "unknown possible", "found confirmed", "found confirmed", "unknown none"]);
      assert.deepEqual(rows.map(({ code }) => code), ["server_error", "network", "server_error", null, null, "server_error"], "each was asked once, and not put back");
      // A second job finds the doubt instead of sending.
      const again = await jobs.run(people(700, 3));
      assert.deepEqual([again.progress.unknown, again.plan.unknown], [3, 3]);
      assert.equal(sandbox.requests().length, requests + 5);
      nobodyTwice();
      sandbox.setFaults([]);
      const forced = await jobs.tell(id, "force", { rows: [6, 4, 99] });
      assert.deepEqual([forced.status, forced.json.forced, forced.json.state], [200, [3], "running"]);
      const done = await jobs.until(id, "done");
      assert.deepEqual([done.progress.found, done.progress.unknown], [3, 2]);
      assert.equal(jobs.chargesOf(slug(702)), 1);
      assert.deepEqual((await jobs.tell(id, "force", { rows: [3] })).json.forced, [], "a decision that comes again asks nobody again");
      nobodyTwice();
    });

    test("asks again after the vendor said that it is too much, and only those whom it said it of", async () => {
      sandbox.setFaults([{ fault: "429", match: { person: slug(712) }, times: 2 }]);
      const { state, progress } = await jobs.run(people(710, 5));
      assert.deepEqual([state, progress.found, progress.credits], ["done", 5, 25]);
      assert.equal(sandbox.requests().filter(({ person_id, status }) => person_id === slug(713) && status !== null).length, 1);
      nobodyTwice();
    });

    test("pays once for a slice that is delivered twice, at once and later", async () => {
      await jobs.hold(true);
      sandbox.setFaults([{ fault: "delay", ms: 100 }]);
      const { id } = await jobs.planned(people(720, 20));
      await jobs.tell(id, "start", { budget: 1000 });
      const message = { id: "m", job: id, slice: 0 };
      const charges = sandbox.ledger().length;
      assert.deepEqual(await jobs.deliver([message, message, message]), [["ack"], ["ack"], ["ack"]]);
      assert.deepEqual(await jobs.deliver([message]), [["ack"]]);
      const { state, progress } = await jobs.see(id);
      assert.deepEqual([state, progress.found, progress.credits], ["done", 20, 100]);
      assert.equal(sandbox.ledger().length, charges + 20);
      assert.equal((await jobs.results(id)).reduce((sum, { credits }) => sum + credits, 0), 100);
    });

    test("says what was paid, also when whoever found it paid comes first", async () => {
      await jobs.hold(true);
      const { id } = await jobs.planned(people(745, 1));
      await jobs.tell(id, "start", { budget: 1000 });
      await jobs.job(id, "claim", 0);
      const answer = { phone: "+1 555-123-4567", e164: null, email: null };
      const settled = (more) => jobs.job(id, "settle", 0, [{ number: 1, state: "found", answer: { ...answer, ...more } }]);
      await settled({ charge: "none", credits: 0, cached: true });
      await settled({ charge: "confirmed", credits: 5 });
      await settled({ charge: "none", credits: 0, cached: true });
      const [row] = await jobs.results(id);
      assert.deepEqual([row.charge, row.credits], ["confirmed", 5]);
    });

    test("loses no paid answer when its consumer dies between the lookup and the settling", async () => {
      await jobs.hold(true);
      const { id } = await jobs.planned(people(750, 5));
      await jobs.tell(id, "start", { budget: 1000 });
      const { rows } = await jobs.job(id, "claim", 0);
      await jobs.wallet("lookupRows", id, rows.map(({ request }) => request), { ladder: false, force: false });
      assert.equal((await jobs.see(id)).progress.sent, 5);
      await jobs.deliver([{ id: "m", job: id, slice: 0 }]);
      const { state, progress } = await jobs.see(id);
      assert.deepEqual([state, progress.found, progress.credits], ["done", 5, 25]);
      nobodyTwice();
    });

    test("asks a forced row once, however often its slice is delivered", async () => {
      sandbox.setFaults([{ fault: "500", match: { person: slug(760) } }]);
      const { id } = await jobs.run([person(760)]);
      await jobs.hold(true);
      await jobs.tell(id, "force", { rows: [1] });
      const requests = sandbox.requests().length;
      const message = { id: "m", job: id, slice: 0 };
      await jobs.deliver([message, message]);
      await jobs.deliver([message]);
      assert.equal(sandbox.requests().length, requests + 1);
      assert.deepEqual((await jobs.see(id)).progress.unknown, 1);
    });

    test("ends although the queue gave a slice up: what may have been sent is in doubt, the rest failed", async () => {
      await jobs.hold(true);
      const { id } = await jobs.planned(people(770, 40));
      await jobs.tell(id, "start", { budget: 1000 });
      await jobs.job(id, "claim", 0);
      const dead = [0, 1].map((slice) => ({ id: "m", job: id, slice }));
      assert.deepEqual(await jobs.deliver(dead, "phone-enrichment-dead-slices"), [["ack"], ["ack"]]);
      const { state, progress } = await jobs.see(id);
      assert.deepEqual([state, progress.unknown, progress.failed], ["done", 20, 20]);
      const rows = await jobs.results(id);
      assert.deepEqual([rows[0].status, rows[0].charge, rows[20].code, rows[20].charge], ["unknown", "possible", "undelivered", "none"]);
      assert.equal(jobs.chargesOf(slug(770)), 0);
    });

    test("pauses when the queue gave a slice up that the vendor put off all the time", async () => {
      await jobs.hold(true);
      sandbox.setFaults([{ fault: "429" }]);
      const { id } = await jobs.planned(people(820, 1));
      await jobs.tell(id, "start", { budget: 1000 });
      const message = { id: "m", job: id, slice: 0 };
      const [[{ delaySeconds }]] = await jobs.deliver([message]);
      assert.ok(delaySeconds >= 1);
      await jobs.deliver([message], "phone-enrichment-dead-slices");
      const { state, reason, progress } = await jobs.see(id);
      assert.deepEqual([state, reason, progress.waiting], ["paused", "rate_limited", 1]);
    });

    test("sends a slice again of which nothing was heard for long", async () => {
      await jobs.hold(true);
      const { id } = await jobs.planned(people(840, 30));
      await jobs.tell(id, "start", { budget: 1000 });
      await wait(300);
      assert.equal((await jobs.see(id)).progress.waiting, 30, "the queue lost them");
      await jobs.hold(false);
      await jobs.job(id, "later", 11);
      assert.equal((await jobs.until(id, "done")).progress.found, 30);
      nobodyTwice();
    });

    test("is gone after thirty days, and an upload without an end after an hour", async () => {
      const { id } = await jobs.run(people(875, 2));
      await jobs.job(id, "later", 29 * 24 * 60);
      assert.equal((await jobs.see(id)).state, "done");
      await jobs.job(id, "later", 24 * 60 + 1);
      assert.equal((await worker.call("GET", `/v1/jobs/${id}`, { key })).status, 404);
      assert.deepEqual(await jobs.job(id, "page", 0), []);
      const endless = "e".repeat(32);
      await jobs.job(endless, "begin", endless, null, false);
      await jobs.job(endless, "later", 61);
      assert.equal(await jobs.job(endless, "summary"), null);
    });

    test("pauses when the key of whoever made it is revoked", async () => {
      const gone = await worker.keyFor("soon gone", { scopes: ["jobs"] });
      await jobs.hold(true);
      const { id } = await jobs.planned(people(890, 1), { by: gone });
      await jobs.tell(id, "start", { budget: 5 }, gone);
      assert.equal((await worker.call("DELETE", `/v1/keys/${gone.split("_")[1]}`, { key: ADMIN_KEY })).status, 200);
      await jobs.deliver([{ id: "m", job: id, slice: 0 }]);
      const { state, reason } = await jobs.job(id, "summary");
      assert.deepEqual([state, reason, jobs.chargesOf(slug(890))], ["paused", "forbidden", 0]);
    });

    test("takes no harm from a message that points nowhere", async () => {
      assert.deepEqual(await jobs.deliver([{ id: "m", job: "0".repeat(32), slice: 0 }, { nonsense: true }, null]), [["ack"], ["ack"], ["ack"]]);
    });
  });

  describe("when it is read", () => {
    test("comes as a CSV that no spreadsheet runs, with every given column", async () => {
      const cells = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1", 'said "so"', "two\nlines", "+1 (555) 123-4567"];
      const list = `email,note,note\r\n${cells.map((cell, index) => `person-${String(830 + index).padStart(5, "0")}@example.com,"${cell.replaceAll('"', '""')}",x`).join("\r\n")}`;
      const { id } = await jobs.run(list, 1000, { query: `?name=${encodeURIComponent('../a "b"\u00e9')}` });
      const { text, headers } = await worker.call("GET", `/v1/jobs/${id}/results?format=csv`, { key });
      assert.match(headers["content-type"], /^text\/csv/);
      assert.equal(headers["content-disposition"], `attachment; filename="__a _b_e_.csv"; filename*=UTF-8''__a%20%22b%22%C3%A9.csv`);
      assert.equal(text.split("\r\n")[0], "email,note,note (2),result_row,result_same_as,result_status,result_phone,result_e164,result_email,result_charge,result_credits,result_code,result_message");
      const notes = [...text.matchAll(/^person-\d+@example\.com,("(?:[^"]|"")*"|[^,]*),x,\d+,,found/gm)].map(([, cell]) => cell.replace(/^"(.*)"$/s, "$1").replaceAll('""', '"'));
      assert.deepEqual(notes, ["'=1+1", "'+cmd|' /C calc'!A0", "'-2+3", "'@SUM(A1)", "'\t=1", "'＝1", 'said "so"', "two\nlines", "+1 (555) 123-4567"]);
      const accepted = await worker.call("GET", `/v1/jobs/${id}/results`, { key, headers: { accept: "text/csv" } });
      assert.equal(accepted.text, text);
      const rows = await jobs.results(id);
      assert.deepEqual(rows[0].input, { email: "person-00830@example.com", note: "=1+1", "note (2)": "x" });
    });

    test("tells its progress as events, to the end", async () => {
      sandbox.setFaults([{ fault: "delay", ms: 300 }]);
      const { id } = await jobs.planned(people(900, 120));
      await jobs.tell(id, "start", { budget: 1000 });
      const { text, headers } = await worker.call("GET", `/v1/jobs/${id}/events`, { key, headers: { "last-event-id": "7" } });
      assert.match(headers["content-type"], /^text\/event-stream/);
      const events = text.trim().split("\n\n").map((event) => Object.fromEntries(event.split("\n").map((line) => line.split(/: (.*)/s))));
      assert.deepEqual([events.at(0).event, events.at(-1).event], ["progress", "end"]);
      assert.equal(JSON.parse(events.at(-1).data).progress.found, 120);
      assert.ok(events.every(({ id }, index) => index === 0 || Number(id) > Number(events[index - 1].id)));
    });

    test("lets go of whoever stops following its events", async () => {
      const { id } = await jobs.planned(people(1100, 1));
      const leaving = new AbortController();
      const reply = await fetch(`${worker.url}/v1/jobs/${id}/events`, { headers: { authorization: `Token ${key}` }, signal: leaving.signal });
      const reader = reply.body.getReader();
      assert.match(new TextDecoder().decode((await reader.read()).value), /event: progress/);
      leaving.abort();
      await assert.rejects(reader.read());
      assert.equal((await worker.call("GET", "/healthz")).status, 200);
    });

    test("is listed, the latest first", async () => {
      const first = await jobs.planned(people(1110, 1));
      await wait(5);
      const second = await jobs.planned(people(1111, 1));
      const { json } = await worker.call("GET", "/v1/jobs", { key });
      assert.deepEqual(json.jobs.slice(0, 2).map(({ id }) => id), [second.id, first.id]);
    });
  });

  test("asks for nobody who is suppressed, and says so in the plan already", async () => {
    await worker.call("DELETE", "/v1/people?suppress=true", { key, body: person(1250) });
    const { id, plan, progress } = await jobs.run([person(1250), person(1251)]);
    assert.deepEqual([plan.suppressed, plan.most_credits, progress.found, progress.failed], [1, 5, 1, 1]);
    assert.equal((await jobs.results(id))[0].code, "suppressed");
    assert.equal(jobs.chargesOf(slug(1250)), 0);
  });

  test("forgets whoever is erased, in every row about them, and leaves the others", async () => {
    const { linkedin_url } = person(1200);
    const { id } = await jobs.run([{ linkedin_url }, { linkedin_url: linkedin_url.replace("www", "de"), email: "second@example.com" }, person(1201), { linkedin_url: "https://www.linkedin.com/in/jane-doe" }]);
    const waiting = await jobs.planned([{ email: "second@example.com", linkedin_url }, person(1202)]);
    const erased = await worker.call("DELETE", "/v1/people", { key, body: { linkedin_url } });
    assert.equal(erased.status, 200);
    const rows = await jobs.results(id);
    assert.deepEqual(rows.map(({ status }) => status), ["erased", "erased", "found", "found"]);
    assert.deepEqual([rows[0].input, rows[0].phone, rows[1].input], [null, null, null]);
    // Whoever was found is also known by the e-mail that came with the answer.
    const { email } = rows[3];
    assert.equal((await worker.call("DELETE", "/v1/people", { key, body: { email } })).status, 200);
    assert.equal((await jobs.results(id))[3].status, "erased");
    // And by what only a row says that repeats another.
    const repeated = await jobs.planned([person(1203), { ...person(1203), email: "third@example.com" }]);
    await worker.call("DELETE", "/v1/people", { key, body: { email: "third@example.com" } });
    assert.deepEqual((await jobs.results(repeated.id)).map(({ status }) => status), ["erased", "erased"]);
    const charges = sandbox.ledger().length;
    await jobs.tell(waiting.id, "start", { budget: 100 });
    assert.equal((await jobs.until(waiting.id, "done")).progress.found, 1);
    assert.equal(sandbox.ledger().length, charges + 1);
  });
});
