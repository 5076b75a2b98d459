// Answers every POST as the vendor does when it finds somebody, and does as little else as a server can: it must not be what
// limits whoever is measured. A process of its own, forked by `startServer` in measure.js; what it is sent are the files that
// a GET may have, or anything else to be told what it has done so far.
import { createServer } from "node:net";

const HEAD_END = "\r\n\r\n";
let files = {};
let answered = 0;

const head = (status, type, length) => `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${length}${HEAD_END}`;

function found() {
  answered++;
  const body = `{"success":true,"status":"success","results":{"phone":"+1 555-123-4567","email":"person.${answered}@acme.com"},"remaining_credits":${1e9 - 5 * answered}}`;
  return head("200 OK", "application/json", body.length) + body;
}

function file(path) {
  const [type, text] = files[path] ?? ["text/plain", ""];
  const body = Buffer.from(text, "base64");
  return Buffer.concat([Buffer.from(head(files[path] ? "200 OK" : "404 Not Found", type, body.length)), body]);
}

const server = createServer({ noDelay: true }, (socket) => {
  let unread = "";
  socket.setEncoding("latin1").on("error", () => {});
  socket.on("data", (text) => {
    unread += text;
    for (let end; (end = unread.indexOf(HEAD_END)) >= 0; ) {
      const start = unread.slice(0, end);
      const length = Number(/\ncontent-length: *(\d+)/i.exec(start)?.[1] ?? 0);
      const whole = end + HEAD_END.length + length;
      if (unread.length < whole) break;
      const body = unread.slice(end + HEAD_END.length, whole);
      unread = unread.slice(whole);
      if (start.startsWith("GET ")) socket.write(file(start.split(" ", 2)[1]));
      else if (start.startsWith("POST /v2/") && body.startsWith("{") && body.includes("linkedin.com/in/")) socket.write(found());
      else socket.end(head("400 Bad Request", "text/plain", 0));
    }
  });
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("message", (message) => {
  if (message.files) files = message.files;
  const { user, system } = process.cpuUsage();
  process.send({ answered, cpu: user + system });
});
process.on("disconnect", () => process.exit());
