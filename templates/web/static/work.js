// The work screen's keys, the places on the page, and the keeping of what is typed. Without it everything still works by forms.
"use strict";
(() => {
  const form = document.getElementById("fields");
  const pictures = document.getElementById("pictures");
  if (!form || !pictures) return;
  const fields = [...form.querySelectorAll("[data-number]")];
  const sheets = [...pictures.querySelectorAll("[data-page]")];
  const keysOn = document.body.dataset.keys === "on";
  const kept = document.getElementById("kept");
  let chosen = null;

  // places: the field in work shows where it stands; a click on words of the page offers them
  const show = (field) => {
    chosen = field;
    for (const place of pictures.querySelectorAll(".chosen")) place.classList.remove("chosen");
    const place = document.getElementById(field.dataset.anchor);
    if (!place) return;
    place.classList.add("chosen");
    const box = place.getBoundingClientRect();
    const view = pictures.getBoundingClientRect();
    if (box.top < view.top + 60 || box.bottom > view.bottom - 20) pictures.scrollTop += box.top - view.top - view.height / 3;
    if (box.left < view.left || box.right > view.right) pictures.scrollLeft += box.left - view.left - 40;
  };
  for (const field of fields) field.addEventListener("focus", () => show(field));
  for (const link of form.querySelectorAll(".place-link a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(link.closest(".field").querySelector("[data-number]"));
    });
  }
  const offer = document.getElementById("offer");
  pictures.addEventListener("click", (event) => {
    const line = event.target.closest?.(".line");
    if (!line) return;
    const into = chosen && !chosen.readOnly && !chosen.disabled && chosen.tagName !== "SELECT" ? chosen : null;
    const label = into ? into.closest(".field").querySelector("label").lastChild.textContent.trim() : "";
    offer.querySelector(".offer-text").textContent = into ? `${label}: “${line.dataset.text}”` : `“${line.dataset.text}” (choose a field first)`;
    const button = offer.querySelector("button");
    button.hidden = !into;
    button.onclick = () => {
      into.value = line.dataset.text;
      offer.hidden = true;
      into.focus();
      into.dispatchEvent(new Event("input", { bubbles: true }));
    };
    offer.hidden = false;
    if (into) button.focus();
  });

  // zoom, turn, pages
  const ZOOMS = ["zoom-fit", "zoom-wide", "zoom-large"];
  const TURNS = ["turn-0", "turn-90", "turn-180", "turn-270"];
  const now = (names) => Math.max(0, names.findIndex((name) => pictures.classList.contains(name)));
  const become = (names, number) => { pictures.classList.remove(...names); pictures.classList.add(names[number]); };
  const zoom = (by) => become(ZOOMS, Math.min(2, Math.max(0, now(ZOOMS) + by)));
  const turn = () => become(TURNS, (now(TURNS) + 1) % 4);
  for (const link of pictures.querySelectorAll("[data-zoom]")) {
    link.addEventListener("click", (event) => { event.preventDefault(); become(ZOOMS, ZOOMS.indexOf(`zoom-${link.dataset.zoom}`)); });
  }
  pictures.querySelector("[data-turn]")?.addEventListener("click", (event) => { event.preventDefault(); turn(); });
  const onPage = () => {
    const top = pictures.getBoundingClientRect().top;
    let best = 0;
    sheets.forEach((sheet, number) => { if (sheet.getBoundingClientRect().top - top < 200) best = number; });
    return best;
  };
  const toPage = (number) => sheets[Math.min(sheets.length - 1, Math.max(0, number))]?.scrollIntoView({ block: "start" });

  // confirming works only once every page with identifiers was displayed
  const confirm = document.getElementById("confirm");
  const unseen = new Set(sheets.filter((sheet) => "identifiers" in sheet.dataset && sheet.querySelector("img")));
  const settle = () => {
    if (!confirm) return;
    if (unseen.size) confirm.setAttribute("aria-disabled", "true"); else confirm.removeAttribute("aria-disabled");
  };
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const image = entry.target.querySelector("img");
      if (!entry.isIntersecting || !image) continue;
      const seen = () => { unseen.delete(entry.target); settle(); };
      if (image.complete && image.naturalWidth) seen();
      else image.addEventListener("load", seen, { once: true });
    }
  }, { root: null, threshold: 0.1 });
  for (const sheet of unseen) watcher.observe(sheet);
  settle();
  confirm?.addEventListener("click", (event) => {
    if (!unseen.size) return;
    event.preventDefault();
    const first = [...unseen][0];
    first.scrollIntoView({ block: "start" });
    kept.textContent = `Look at page ${first.dataset.page} with the identifiers first.`;
  });

  // what is typed is kept at the server while it is typed
  let timer = null;
  let failing = false;
  let sending = false;
  let underway = null;
  const keep = () => {
    timer = null;
    underway = send().finally(() => { underway = null; });
    return underway;
  };
  const send = async () => {
    try {
      const answer = await fetch(`/referrals/${form.dataset.code}/draft`, {
        method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Live": "1" }, keepalive: true,
      });
      if (answer.status === 401) {
        const said = await answer.json();
        kept.textContent = said.kept ? "Your sign-in has ended. What you typed is kept: sign in again." : "Your sign-in has ended. Sign in in another tab, then type on here.";
        failing = true;
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      failing = false;
      kept.textContent = "Typed and kept, not saved yet.";
    } catch {
      failing = true;
      kept.textContent = "The gateway does not answer. Leave this page open; what you typed is sent as soon as it does.";
      timer = setTimeout(keep, 2000);
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 300);
  });
  form.addEventListener("submit", () => { sending = true; clearTimeout(timer); });
  // Another form leaves the page when what was typed has come to the server: a page drawn before that would not show it.
  let leaving = false;
  window.addEventListener("pageshow", () => { leaving = false; });
  for (const other of document.querySelectorAll(".side form:not(#fields), .turning")) {
    other.addEventListener("submit", async (event) => {
      sending = true;
      if (leaving || (!timer && !underway)) return;
      event.preventDefault();
      clearTimeout(timer);
      await (timer ? keep() : underway);
      if (leaving) return;
      leaving = true;
      other.requestSubmit(event.submitter);
    });
  }
  window.addEventListener("beforeunload", (event) => { if (!sending && failing) event.preventDefault(); });

  // keys: single ones only outside fields, and only where they are switched on (WCAG 2.1.4)
  const doubtful = () => fields.filter((field) => field.closest(".field-doubtful, .field-missing, .field-wrong"));
  const step = (by) => {
    const some = doubtful().length ? doubtful() : fields;
    const at = some.indexOf(chosen);
    some[at < 0 ? (by > 0 ? 0 : some.length - 1) : (at + by + some.length) % some.length].focus();
    chosen?.select?.();
  };
  const open = (name) => {
    const part = document.getElementById(name);
    if (!part) return;
    part.open = true;
    part.querySelector("input:not([type=hidden])")?.focus();
  };
  let digits = null;
  const go = (number) => {
    const field = fields.find((one) => Number(one.dataset.number) === number);
    if (field) { field.focus(); field.select?.(); }
  };
  const to = (place) => document.querySelector(place)?.focus();
  const press = (button) => button?.click();
  const KEYS = {
    c: () => press(confirm), n: () => toPage(onPage() + 1), p: () => toPage(onPage() - 1), "+": () => zoom(1), "=": () => zoom(1), "-": () => zoom(-1),
    r: turn, R: () => press(sheets[onPage()]?.querySelector("button[name=turn][value=right]")), j: () => step(1), k: () => step(-1), a: () => to("form[action$='/answer'] input[name=why]"), s: () => to("#service"), i: () => to("#clinician, #clinician-typed"),
    b: () => open("d-return"), o: () => open("d-hold"), l: () => open("d-clock"), e: () => open("d-pages"), t: () => open("d-call"), d: () => open("d-duplicate"), u: () => open("d-not-for-us"),
    x: () => open("d-not-a-referral"), h: () => open("d-pas"), g: () => press(document.getElementById("leave")),
    z: () => press(document.querySelector("form[action$='/undo'] button")), f: () => { digits = ""; },
  };
  document.addEventListener("keydown", (event) => {
    // save and confirm in one, from inside a field; no single key, so it works whether these are on or not
    if (event.key === "Enter" && event.ctrlKey && !event.altKey && !event.repeat && form.contains(event.target)) { event.preventDefault(); press(confirm); return; }
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape") { offer.hidden = true; document.activeElement?.blur(); return; }
    if (!keysOn || event.target.matches?.("input, select, textarea")) return;
    if (event.repeat) return;
    if (digits !== null && /^[0-9]$/.test(event.key)) {
      digits += event.key;
      event.preventDefault();
      if (digits.length === 2) { go(Number(digits)); digits = null; }
      return;
    }
    digits = null;
    if (/^[1-9]$/.test(event.key)) { event.preventDefault(); go(Number(event.key)); return; }
    const deed = KEYS[event.key];
    if (deed) { event.preventDefault(); deed(); }
  });
  form.querySelector(".field-wrong [data-number]")?.focus();
  // a page that was named in the address scrolls its own part only, so that the buttons stay in view
  if (location.hash.startsWith("#page-")) window.addEventListener("load", () => setTimeout(() => window.scrollTo(0, 0), 60));
})();
