// What a page can do more of with scripts: show times in the reader's zone, and stay true. Everything works
// without it.
(() => {
  "use strict";
  const root = document.currentScript.src.replace(/assets\/console\.js.*$/, ""); // a proxy may put a path before ours
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

  let busy = false, again = false, fresh = new Date(); // fresh: when the page was last true

  // stale tells that what the page shows may not be so any more.
  const stale = () => {
    const told = document.getElementById("stale");
    if (!told || told.firstChild) return;
    const box = document.createElement("div"), text = document.createElement("div"), strong = document.createElement("strong");
    box.className = "callout bad";
    strong.textContent = "This page is not live any more.";
    text.append(strong, ` It shows how things stood at ${fresh.toLocaleTimeString("en-GB", { timeZoneName: "short" })}; it tries again by itself.`);
    box.append(text);
    told.append(box);
  };

  // refresh loads the page anew and puts in place what is another now. Where somebody is typing it waits for
  // the next time; a link keeps the focus.
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.redirected && new URL(answer.url).pathname === new URL(root + "login").pathname) { location.reload(); return; }
      if (answer.status !== 200) { stale(); return; }
      put(new DOMParser().parseFromString(await answer.text(), "text/html"));
      fresh = new Date();
      document.getElementById("stale")?.replaceChildren();
    } catch { stale(); // the service is away; the stream comes back by itself
    } finally {
      busy = false;
      if (again) { again = false; setTimeout(refresh, 300); }
    }
  };
  const ids = (root) => [...root.querySelectorAll("[data-live]")].map((e) => e.id).join();
  // twin is the element of a part that is what the focused one was: the same link, or the region of that name.
  const twin = (root, held) => held.tagName === "A"
    ? [...root.querySelectorAll("a[href]")].find((a) => a.href === held.href)
    : [...root.querySelectorAll("[tabindex]")].find((e) => e.ariaLabel === held.ariaLabel);
  const put = (loaded) => {
    times(loaded);
    document.title = loaded.title;
    const main = document.getElementById("main"), next = loaded.getElementById("main");
    if (ids(document) !== ids(loaded)) {
      const at = document.activeElement;
      if (at === main || !main.contains(at)) main.replaceChildren(...next.childNodes);
      return;
    }
    for (const part of next.querySelectorAll("[data-live]")) {
      const old = document.getElementById(part.id);
      if (old.innerHTML === part.innerHTML) continue;
      const held = old.contains(document.activeElement) ? document.activeElement : null;
      if (held && !twin(part, held)) continue;
      const rects = old.querySelectorAll("svg.bar rect"), news = part.querySelectorAll("svg.bar rect");
      if (old.childElementCount === part.childElementCount && rects.length > 0 && rects.length === news.length) {
        news.forEach((n, i) => { for (const a of ["x", "width", "class"]) if (n.hasAttribute(a)) rects[i].setAttribute(a, n.getAttribute(a)); });
        const bars = [...old.querySelectorAll("svg.bar")];
        part.querySelectorAll("svg.bar").forEach((bar, i) => bar.replaceWith(bars[i]));
      }
      old.replaceChildren(...part.childNodes);
      if (held) twin(old, held).focus({ preventScroll: true });
    }
  };

  // A form that was sent says so, and is not sent twice.
  addEventListener("submit", (e) => {
    if (e.target.method !== "post") return;
    for (const button of e.target.querySelectorAll("button")) {
      button.setAttribute("aria-busy", "true");
      setTimeout(() => { button.disabled = true; });
    }
  });
  addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

  times(document);
  if (!document.querySelector("[data-live]")) return;
  setInterval(() => times(document), 10000);
  let stream = null;
  const listen = () => {
    stream = new EventSource(root + "live");
    stream.addEventListener("changed", refresh);
    stream.addEventListener("error", () => { // where it was refused the browser does not try again
      if (stream.readyState === EventSource.CLOSED) { stream = null; setTimeout(listen, slowly); }
    });
  };
  listen();
  setInterval(() => { if (document.visibilityState === "visible") refresh(); }, slowly);
  addEventListener("pagehide", () => { if (stream) stream.close(); });
})();
