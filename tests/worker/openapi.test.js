// The document that the Worker serves, held against its routes and what they answer.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv/dist/2020.js";
import { ADMIN_KEY, startBoth } from "./support/both.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const unused = "abcdefghij";

describe("the OpenAPI document", { timeout: 60_000 }, () => {
  let both;
  let document;
  let key;
  let end;
  before(async () => {
    const ends = [];
    // Whoever is erased is paid for again.
    both = await startBoth({ after: (work) => ends.push(work) }, { twice: true });
    end = async () => {
      for (const work of ends) await work();
    };
    document = (await both.call("GET", "/openapi.json")).json;
    key = await both.keyFor("all", { scopes: ["lookup", "jobs", "erase", "audit", "admin"] });
  });
  after(() => end?.());

  const at = (path) => path.replace("{id}", unused);

  /** What a route said is what the document says that it may say. */
  function holds(path, method, { status, json, headers }) {
    const { responses } = document.paths[path][method];
    const response = responses[status];
    assert.ok(response, `${method} ${path} answers ${status}, of which the document has no word`);
    const schema = response.content?.["application/json"]?.schema;
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const validate = ajv.compile({ ...schema, components: document.components });
    assert.ok(validate(json), `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(json)}`);
    for (const [name, { required }] of Object.entries(response.headers ?? {})) assert.ok(!required || headers[name] !== undefined, `${path} ${status} has no ${name}`);
  }

  test("is an OpenAPI 3.1 document", async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors));
    assert.match(document.openapi, /^3\.1\./);
  });

  test("has every route that there is, and no other", async () => {
    const refuses = async (method, path) => (await both.call(method.toUpperCase(), at(path), { key, body: method === "get" ? undefined : {} })).json?.code;
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of METHODS) {
        const code = await refuses(method, path);
        const isThere = code !== "method_not_allowed" && !(code === "not_found" && !path.includes("{id}"));
        if (operations[method]) assert.ok(isThere, `${method} ${path} is in the document, and the Worker has ${code}`);
        else assert.ok(["method_not_allowed", "not_found"].includes(code), `${method} ${path} answers ${code}, and is not in the document`);
      }
    }
  });

  test("requires a key wherever the Worker does, and says what comes without one", async () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, { security }] of Object.entries(operations)) {
        const answer = await both.call(method.toUpperCase(), at(path), { body: method === "get" ? undefined : {} });
        assert.equal(answer.status, security?.length === 0 ? 200 : 401, `${method} ${path}`);
        holds(path, method, answer);
      }
    }
  });

  test("requires a body wherever one is read: without a content type nothing is let through", async () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, { requestBody }] of Object.entries(operations)) {
        if (!requestBody?.required) continue;
        const answer = await both.call(method.toUpperCase(), at(path), { key });
        assert.ok([404, 415].includes(answer.status), `${method} ${path}: ${answer.status}`);
        holds(path, method, answer);
      }
    }
  });

  test("says what each route answers", async () => {
    const JOHN = { linkedin_url: "https://www.linkedin.com/in/johndoe" };
    const asked = [
      ["POST", "/external/phone/enrichment/", JOHN],
      ["POST", "/external/phone/enrichment/", { email: "nobody@example.com" }],
      ["POST", "/external/phone/enrichment/", { email: "nobody@" }],
      ["POST", "/external/phone/enrichment/", "{"],
      ["GET", "/v1/wallet"],
      ["POST", "/v1/wallet/reopen"],
      ["GET", "/v1/audit?limit=5"],
      ["GET", "/v1/audit?limit=0"],
      ["GET", "/v1/doubts"],
      ["POST", "/v1/doubts/1", { charged: true }],
      ["POST", "/v1/keys", { name: "another", scopes: ["lookup"] }],
      ["POST", "/v1/keys", { name: "another", scopes: ["lookup"] }],
      ["POST", "/v1/keys", { name: "", scopes: ["everything"] }],
      ["GET", "/v1/keys"],
      ["DELETE", "/v1/keys/abcdefghij"],
      ["DELETE", "/v1/people", JOHN],
      ["DELETE", "/v1/people", {}],
      ["GET", "/v1/jobs"],
      ["POST", "/v1/jobs", [JOHN]],
      ["GET", "/healthz"],
      ["GET", "/openapi.json"],
    ];
    for (const [method, path, body] of asked) {
      const template = path.split("?")[0].replace(/\/(\d+|abcdefghij)$/, "/{id}");
      holds(template, method.toLowerCase(), await both.call(method, path, { key, body }));
    }
    const { json: job } = await both.call("POST", "/v1/jobs", { key, body: [JOHN] });
    for (const [method, path, body] of [["GET", ""], ["POST", "/start", { budget: 5 }], ["POST", "/start", {}], ["POST", "/pause"], ["POST", "/resume", {}], ["POST", "/cancel"], ["POST", "/start", { budget: 5 }], ["DELETE", ""]])
      holds(`/v1/jobs/{id}${path}`, method.toLowerCase(), await both.call(method, `/v1/jobs/${job.id}${path}`, { key, body }));
    assert.equal((await both.call("GET", "/v1/wallet", { key: ADMIN_KEY })).status, 200);
  });
});
