const show = (said) => {
  document.body.textContent = said;
  document.title = "ready";
};
navigator.serviceWorker.onmessage = ({ data }) => show(data);
navigator.serviceWorker.register("service-worker.js", { type: "module" }).then(
  (registration) => (registration.installing ?? registration.active).postMessage("look up"),
  (error) => show(`failed: ${error}`),
);
