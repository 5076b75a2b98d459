// What is true of the page as a whole: who can use it, what it can be made to do, and what it holds.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { checkRequest } from "phone-enrichment";
import { charge, fill, resultTitle, sendButton, startAll, visit, web } from "./harness.js";

let all;
let sandbox;
before(async () => {
  all = await startAll();
  ({ sandbox } = all);
});
after(() => all?.close());
beforeEach(() => sandbox.reset());

const withPage = (use, options = {}) => visit(all.browser, all.served.origin, options, use);

test("a lookup needs no mouse, and the focus goes where something happened", () =>
  withPage(async (page) => {
    const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.innerText);
    const order = [];
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press("Tab");
      order.push(await focused());
    }
    assert.deepEqual(order, ["language", "One person", "A list", "Help", "What is accepted?", "linkedin_url", "email", "first_name", "last_name", "company_name", "company_website", "Look up"]);

    await page.keyboard.press("Enter");
    await page.locator(".summary:focus").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator("#linkedin_url:focus").waitFor();
    await page.keyboard.type("linkedin.com/in/jane-doe");
    await page.keyboard.press("Enter");
    assert.equal(await resultTitle(page), "Phone found");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Copy");
    assert.equal(sandbox.requests().length, 1);
  }));

test("a screen reader hears what would be sent, that a lookup is under way, and what is wrong with a field", () =>
  withPage(async (page) => {
    sandbox.setFaults([{ fault: "delay", ms: 2500 }]);
    await fill(page, { "E-mail": "jane@" });
    const described = await page.getByLabel("E-mail", { exact: true }).evaluate((input) => input.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).innerText));
    assert.deepEqual(described, ["Enough by itself", "This is not an e-mail address. Write it as jane@acme.com."]);
    await fill(page, { "E-mail": "jane.doe@acme.example.com" });
    await page.locator("[aria-live=polite]").getByText("Goes by the e-mail").waitFor();
    await sendButton(page).click();
    await page.getByRole("status").getByText("Looking up.").waitFor();
    assert.equal(await resultTitle(page), "Phone found");
    const title = page.locator("#result-title");
    assert.equal(await title.evaluate((heading) => document.getElementById(heading.getAttribute("aria-describedby")).innerText), "Charged 5 credits");
  }));

test("what the service writes is shown as text, never run as markup", async () => {
  const markup = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  for (const body of [
    { success: true, status: "success", results: { phone: markup, email: `"><b>${markup}</b>` }, remaining_credits: 95 },
    { success: true, status: "not_found", message: markup, remaining_credits: 100 },
  ]) {
    sandbox.setFaults([{ fault: "status", status: 200, body }]);
    await withPage(async (page) => {
      await fill(page, { "LinkedIn address": "linkedin.com/in/jane-doe" });
      await sendButton(page).click();
      await resultTitle(page);
      assert.ok((await page.locator(".card").innerText()).includes(markup));
      assert.equal(await page.locator(".card :is(img, script, b)").count(), 0);
      assert.equal(await page.title(), "Phone lookup");
    });
  }
});

test("the page's policy lets WebAssembly run, and neither inline scripts, evaluated text nor other origins", async () => {
  await withPage(async (page) => {
    // The check is WebAssembly, and it works.
    await fill(page, { "E-mail": "jane@acme.com" });
    await page.getByRole("button", { name: "5 credits if found" }).waitFor();
  });
  // What is refused is written to the console, so this visit is not held to a silent one.
  const context = await all.browser.newContext();
  const page = await context.newPage();
  await page.goto(all.served.origin);
  const refused = await page.evaluate(async () => {
    const attempts = {
      inline: () => Object.assign(document.body.appendChild(document.createElement("script")), { text: "globalThis.ran = true" }),
      markup: () => (document.body.innerHTML = "<p>"),
      elsewhere: () => fetch("http://127.0.0.1:1/"),
      picture: () => new Promise((resolve, reject) => Object.assign(new Image(), { onload: resolve, onerror: reject, src: "http://127.0.0.1:1/x.png" })),
    };
    const refused = [];
    addEventListener("securitypolicyviolation", ({ effectiveDirective }) => refused.push(effectiveDirective));
    for (const attempt of Object.values(attempts)) await Promise.resolve().then(attempt).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { refused: refused.sort(), ran: "ran" in globalThis };
  });
  assert.deepEqual(refused, { refused: ["connect-src", "img-src", "require-trusted-types-for", "require-trusted-types-for"], ran: false });
  const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
  await context.close();
});

test("the same page can't be framed by another site", async () => {
  const { headers } = await fetch(all.served.origin);
  assert.match(headers.get("content-security-policy"), /frame-ancestors 'none'/);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
});

test("neither what is served nor what the browser receives holds the token", async () => {
  for (const file of await readdir(all.built.folder, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) assert.equal((await readFile(join(file.parentPath ?? file.path, file.name), "utf8")).includes(sandbox.token), false, file.name);
  }
  await withPage(async (page, { requests }) => {
    // What is served as a file was read above; a browser doesn't keep the body of a reply that was read as a stream.
    const bodies = [];
    await page.route("**/external/**", async (route) => {
      const response = await route.fetch();
      bodies.push(await response.text());
      await route.fulfill({ response });
    });
    await fill(page, { "E-mail": "jane.doe@acme.example.com" });
    await sendButton(page).click();
    await resultTitle(page);
    for (const request of requests) {
      const reply = await request.response();
      const all = [request.url(), JSON.stringify(await request.allHeaders()), request.postData() ?? "", JSON.stringify(await reply.allHeaders())].join("\n");
      assert.equal(all.includes(sandbox.token), false, request.url());
      assert.equal("authorization" in (await request.allHeaders()), false);
    }
    assert.equal(bodies.length, 1);
    assert.match(bodies[0], /"status":"success"/);
    assert.equal(bodies[0].includes(sandbox.token), false);
  });
});

test("the page leaves nothing behind: no cookie, nothing stored", () =>
  withPage(async (page) => {
    await fill(page, { "E-mail": "jane.doe@acme.example.com" });
    await sendButton(page).click();
    await resultTitle(page);
    const left = await page.evaluate(async () => [document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, location.href.replace(location.origin, "")]);
    assert.deepEqual(left, ["", 0, 0, 0, "/"]);
  }));

test("nothing moves for those who asked for less motion", async () => {
  for (const [reducedMotion, animation] of [["reduce", "none"], ["no-preference", "turn"]]) {
    sandbox.setFaults([{ fault: "delay", ms: 60_000 }]);
    await withPage(async (page) => {
      await fill(page, { "E-mail": "jane.doe@acme.example.com" });
      await sendButton(page).click();
      await page.locator(".spinner").waitFor();
      assert.equal(await page.locator(".spinner").evaluate((element) => getComputedStyle(element).animationName), animation);
      await page.getByRole("button", { name: "Cancel" }).click();
      assert.equal(await charge(page), "May have been charged");
    }, { reducedMotion });
  }
});

test("what a lookup can cost has four looks, in light and dark, and no two are alike", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await withPage(async (page) => {
      const looks = await page.locator(".chip").evaluateAll((chips) => chips.map((chip) => {
        const { color, backgroundColor } = getComputedStyle(chip);
        return [color, backgroundColor, chip.innerText, chip.querySelector("path").getAttribute("d")];
      }));
      assert.equal(looks.length, 4);
      for (const place of [0, 1, 2, 3]) assert.equal(new Set(looks.map((look) => look[place])).size, 4);
    }, { colorScheme });
  }
});

test("the price that the page names beforehand is the package's", async () => {
  const { price } = await checkRequest({ email: "jane@acme.com" });
  await withPage(async (page) => assert.equal(await page.locator(".prices dt").first().innerText(), `Charged ${price} credits`));
});

test("the page's types hold", () => {
  execFileSync(process.execPath, [join(web, "node_modules/typescript/bin/tsc")], { cwd: web, stdio: "inherit" });
});
