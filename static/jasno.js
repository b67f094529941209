// Small comforts; every page works without them.
(() => {
  "use strict";
  const lang = document.documentElement.lang;
  const each = (root, what, run) => root.querySelectorAll(what).forEach(run);

  // Beside each time: how long ago, and the reader's own clock where it differs from the page's.
  const ago = (root) => {
    // Previews stand in other languages than their page.
    const wordsIn = {};
    const words = (code) => (wordsIn[code] ||= new Intl.RelativeTimeFormat(code, { numeric: "auto" }));
    // The day only where it is another one: short weekdays read as other words ("po 12:12" is "after 12:12" in Czech).
    const clock = { hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
    const own = new Intl.DateTimeFormat(lang, clock);
    const ownDay = new Intl.DateTimeFormat(lang, { day: "numeric", month: "numeric", ...clock });
    const isSameDay = (at, text) => at.getDate() === +text.slice(8, 10);
    const offset = (text) => {
      const [, sign, h, m] = /([+-])(\d\d):(\d\d)$/.exec(text) || [0, "+", 0, 0];
      return (sign + 1) * (h * 60 + +m);
    };
    each(root, "time[data-ago]", (el) => {
      const at = new Date(el.dateTime);
      const s = (at - Date.now()) / 1000;
      const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60]]
        .find(([, n]) => Math.abs(s) >= n) || (s > 0 ? ["second", 1] : ["minute", 60]); // pages tell minutes
      let note = el.nextElementSibling;
      if (!note || !note.classList.contains("ago")) {
        note = document.createElement("span");
        note.className = "ago";
        el.after(note);
      }
      const here = -at.getTimezoneOffset() === offset(el.dateTime) ? "" : ` · ${(isSameDay(at, el.dateTime) ? own : ownDay).format(at)}`;
      note.textContent = ` (${words(el.closest("[lang]").lang).format(Math.trunc(s / size), unit)}${here})`;
    });
  };

  const copies = (root) => each(root, "[data-copy]", (el) => {
    if (!navigator.clipboard) return;
    el.hidden = false;
    el.onclick = async () => {
      await navigator.clipboard.writeText(el.dataset.copy);
      const was = el.textContent;
      el.textContent = el.dataset.done;
      setTimeout(() => { el.textContent = was; }, 1500);
    };
  });

  // A bar chart is one stop: arrows, Home and End walk its days.
  const bars = (root) => each(root, "[data-days]", (el) => {
    const days = el.dataset.days;
    const from = Date.parse(el.dataset.from);
    const names = Object.fromEntries((el.closest("[data-conditions]")?.dataset.conditions || "")
      .split("|").map((pair) => pair.split("=")));
    const day = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" });
    const note = document.createElement("p");
    note.className = "bars__note";
    el.append(note);
    let at = days.length - 1;
    const show = (to) => {
      at = Math.max(0, Math.min(days.length - 1, to));
      const text = `${day.format(from + at * 864e5)}: ${names[days[at]] || days[at]}`;
      note.textContent = text;
      el.setAttribute("aria-valuenow", at);
      el.setAttribute("aria-valuetext", text);
    };
    el.tabIndex = 0;
    el.setAttribute("role", "slider");
    el.setAttribute("aria-valuemin", 0);
    el.setAttribute("aria-valuemax", days.length - 1);
    show(at);
    note.textContent = "";
    const keys = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7, Home: -1e3, End: 1e3 };
    el.onkeydown = (e) => { if (e.key in keys) { e.preventDefault(); show(at + keys[e.key]); } };
    el.onpointermove = (e) => {
      const box = el.getBoundingClientRect();
      show(Math.floor((e.clientX - box.left) / box.width * days.length));
    };
    el.onblur = el.onpointerleave = () => { note.textContent = ""; };
  });

  // A running report refreshes itself; a 304 costs next to nothing.
  const polls = () => each(document, "[data-poll]", (el) => {
    let tag = "";
    const next = async () => {
      try {
        const got = await fetch(el.dataset.poll, { headers: tag ? { "If-None-Match": tag } : {} });
        if (got.status === 200) {
          tag = got.headers.get("ETag") || "";
          el.innerHTML = await got.text();
          dress(el);
        }
        if (got.headers.get("X-Done")) { location.reload(); return; }
      } catch { /* try again */ }
      setTimeout(next, 500);
    };
    next();
  });

  // Enter sends the box while it holds one line; Shift+Enter begins another.
  each(document, "[data-enter]", (el) => {
    el.onkeydown = (e) => {
      if (e.key === "Enter" && !e.shiftKey && !e.isComposing && !el.value.includes("\n")) {
        e.preventDefault();
        el.form.requestSubmit();
      }
    };
  });

  // Published pages are the same for all; a mark without a secret says that somebody is signed in.
  each(document, "[data-signed-in]", (el) => {
    if (!/(^|; )jasno_signed_in=1/.test(document.cookie)) return;
    el.textContent = el.dataset.signedIn;
    el.href = "/me";
  });

  // A status page left open reads itself anew each minute while it is seen. Only parts that have
  // changed are replaced; folds and focus stay, and a new headline is read out.
  const refresh = (main) => {
    const parts = (root) => [...root.children].map((el) => el.outerHTML);
    const stops = (el) => [...el.querySelectorAll("a[href], button, summary, [tabindex]")];
    const spoken = document.createElement("p");
    spoken.className = "visually-hidden";
    spoken.setAttribute("role", "status");
    main.before(spoken);
    let shown = parts(main);
    let at = Date.now();
    const replace = (old, next) => {
      const open = [...old.querySelectorAll("details")].map((el) => el.open);
      const stop = stops(old).indexOf(document.activeElement);
      old.replaceWith(next);
      dress(next);
      next.querySelectorAll("details").forEach((el, n) => { el.open = open[n]; });
      if (stop >= 0) stops(next)[stop]?.focus({ preventScroll: true });
    };
    const read = async () => {
      if (document.hidden || Date.now() - at < 55e3) return;
      at = Date.now();
      const got = await fetch(location.href, { cache: "no-cache" }).catch(() => null);
      if (!got?.ok) return;
      const page = new DOMParser().parseFromString(await got.text(), "text/html");
      const next = page.querySelector("main[data-refresh]");
      if (!next) return;
      const fresh = parts(next);
      if (fresh.length === shown.length) {
        [...next.children].forEach((el, n) => { if (fresh[n] !== shown[n]) replace(main.children[n], el); });
      } else {
        replace(main, next);
        main = next;
      }
      shown = fresh;
      if (document.title !== page.title) spoken.textContent = document.title = page.title;
      document.querySelector("link[rel=icon]").href = page.querySelector("link[rel=icon]").href;
    };
    setInterval(read, 6e4);
    document.addEventListener("visibilitychange", read);
  };
  each(document, "main[data-refresh]", refresh);

  const dress = (root) => { ago(root); copies(root); bars(root); };
  dress(document);
  polls();
  setInterval(() => ago(document), 20000);
})();
