const api = require("phone-enrichment");
const lists = require("phone-enrichment/lists");
const { verdict } = require("./lookups.js");

const [baseUrl, token] = process.argv.slice(2);
verdict({ ...api, ...lists }, { baseUrl, token }).then((said) => {
  console.log(said);
  process.exitCode = said.startsWith("passed") ? 0 : 1;
});
