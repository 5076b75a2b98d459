import WebSocket from "ws";
export async function profile(port, work) {
  const list = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  console.log(list.map(t=>t.id+" "+t.webSocketDebuggerUrl));
  const target = list.find(t=>/user/.test(t.id)) ?? list[0];
  const ws = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((r,j) => {ws.on("open", r); ws.on("error", j)});
  let id = 0; const waits = new Map();
  ws.on("message", m => { const d = JSON.parse(m); if (d.id) { waits.get(d.id)?.(d); } });
  const ask = (method, params={}) => new Promise(r => { waits.set(++id, r); ws.send(JSON.stringify({id, method, params})); });
  await ask("Profiler.enable"); await ask("Profiler.setSamplingInterval", {interval: 100}); await ask("Profiler.start");
  await work();
  const { result } = await ask("Profiler.stop"); ws.close();
  const p = result.profile; const self = new Map(); const byId = new Map(p.nodes.map(n=>[n.id,n]));
  const total = p.samples.length;
  for (const s of p.samples) { const n = byId.get(s); const k = `${n.callFrame.functionName||"(anon)"} ${n.callFrame.url.slice(-30)}:${n.callFrame.lineNumber+1}`; self.set(k,(self.get(k)??0)+1); }
  for (const [k,v] of [...self].sort((a,b)=>b[1]-a[1]).slice(0,45)) console.log((100*v/total).toFixed(1)+"%", k);
}
