// The list and the release page look again every few seconds, without a value of a patient and without moving anything away.
"use strict";
(() => {
  const EVERY = 8000;
  const ask = async (address) => {
    const answer = await fetch(address, { headers: { "X-Live": "1" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };
  const put = (place, text) => { if (place && place.textContent !== String(text)) place.textContent = text; };

  const list = document.querySelector("[data-live-address]");
  const listSeen = list ? new Set([...list.querySelectorAll("tr[data-code]")].map((row) => row.dataset.code)) : null;
  const updateList = async () => {
    const now = await ask(list.dataset.liveAddress);
    put(document.querySelector("[data-live=total]"), now.total);
    for (const [name, count] of Object.entries(now.counts)) put(document.querySelector(`[data-count="${name}"]`), count);
    const there = new Map(now.rows.map((row) => [row.code, row]));
    for (const row of list.querySelectorAll("tr[data-code]")) {
      const found = there.get(row.dataset.code);
      put(row.querySelector("[data-live=state]"), found ? found.state : "No longer in this list");
      put(row.querySelector("[data-live=holder]"), found ? found.holder : "");
    }
    const fresh = now.rows.filter((row) => !listSeen.has(row.code)).length;
    const note = document.getElementById("live-note");
    note.hidden = fresh === 0;
    put(note.querySelector("span"), fresh === 1 ? "One more has come to this page." : `${fresh} more have come to this page.`);
  };

  const release = document.querySelector("[data-live-release]");
  let state = null;
  const updateRelease = async () => {
    const now = await ask(release.dataset.liveRelease);
    for (const place of release.querySelectorAll("[data-live]")) put(place, now[place.dataset.live] ?? "");
    if (state !== null && state !== now.state && !document.activeElement?.matches("input, select")) location.reload();
    state = now.state;
  };

  const again = (update) => setInterval(() => { if (!document.hidden) update().catch(() => {}); }, EVERY);
  if (list) again(updateList);
  if (release) { updateRelease().catch(() => {}); again(updateRelease); }
  document.getElementById("told")?.focus();
})();
