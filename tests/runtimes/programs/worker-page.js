const worker = new Worker("web-worker.js", { type: "module" });
const show = (said) => {
  document.body.textContent = said;
  document.title = "ready";
};
worker.onmessage = ({ data }) => show(data);
worker.onerror = ({ message }) => show(`failed: ${message}`);
