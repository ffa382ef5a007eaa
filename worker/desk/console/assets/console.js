// What a page can do more of with scripts: show times in the reader's zone, and stay true. Everything works
// without it.
(() => {
  "use strict";
  const slowly = 15000; // ms between looks where the stream is not to be had

  // times writes moments in the zone of the reader, with its name, and how long ago they are.
  const times = (root) => {
    for (const t of root.querySelectorAll("time[data-when]")) {
      t.textContent = new Date(t.dateTime).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" });
    }
    for (const t of root.querySelectorAll("time[data-ago]")) {
      const at = new Date(t.dateTime);
      t.textContent = ago((Date.now() - at) / 1000);
      t.title = at.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "long" });
    }
  };
  const ago = (s) => {
    if (s < 10) return "just now";
    if (s < 60) return `${Math.floor(s)} s ago`;
    if (s < 3600) return `${Math.floor(s / 60)} min ago`;
    if (s < 36000) { const m = Math.floor(s / 60) % 60; return `${Math.floor(s / 3600)} h${m ? ` ${m} min` : ""} ago`; }
    if (s < 172800) return `${Math.floor(s / 3600)} h ago`;
    return `${Math.floor(s / 86400)} days ago`;
  };

  // refresh loads the page anew and puts in place what is another now. Where somebody is typing, or a part
  // has come or gone while the focus is inside, it waits for the next time.
  let busy = false, again = false;
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.redirected && new URL(answer.url).pathname === "/login") { location.reload(); return; }
      if (answer.status !== 200) return;
      put(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* the service is away; the stream comes back by itself */
    } finally {
      busy = false;
      if (again) { again = false; setTimeout(refresh, 300); }
    }
  };
  const ids = (root) => [...root.querySelectorAll("[data-live]")].map((e) => e.id).join();
  const put = (fresh) => {
    times(fresh);
    document.title = fresh.title;
    const main = document.getElementById("main"), next = fresh.getElementById("main");
    if (ids(document) !== ids(fresh)) {
      if (!main.contains(document.activeElement)) main.replaceChildren(...next.childNodes);
      return;
    }
    for (const part of next.querySelectorAll("[data-live]")) {
      const old = document.getElementById(part.id);
      if (old.innerHTML === part.innerHTML || old.contains(document.activeElement)) continue;
      const rects = old.querySelectorAll("svg.bar rect"), news = part.querySelectorAll("svg.bar rect");
      if (old.childElementCount === part.childElementCount && rects.length > 0 && rects.length === news.length) {
        news.forEach((n, i) => { for (const a of ["x", "width"]) if (n.hasAttribute(a)) rects[i].setAttribute(a, n.getAttribute(a)); });
        const bars = [...old.querySelectorAll("svg.bar")];
        part.querySelectorAll("svg.bar").forEach((bar, i) => bar.replaceWith(bars[i]));
      }
      old.replaceChildren(...part.childNodes);
    }
  };

  times(document);
  if (!document.querySelector("[data-live]")) return;
  setInterval(() => times(document), 10000);
  let stream = null;
  const listen = () => {
    stream = new EventSource("/live");
    stream.addEventListener("changed", refresh);
    stream.addEventListener("error", () => { // where it was refused the browser does not try again
      if (stream.readyState === EventSource.CLOSED) { stream = null; setTimeout(listen, slowly); }
    });
  };
  listen();
  setInterval(() => { if (document.visibilityState === "visible") refresh(); }, slowly);
  addEventListener("pagehide", () => { if (stream) stream.close(); });
})();
