// Drawing boxes on an example. Without it the rows are filled in by typing or by choosing printed lines.
"use strict";
(() => {
  const drawing = document.getElementById("drawing");
  const zones = document.getElementById("zones");
  if (!drawing || !zones) return;
  const SVG = "http://www.w3.org/2000/svg";
  const print = [...drawing.querySelectorAll(".print")].map((r) => ({
    text: r.dataset.text, across: Number(r.getAttribute("x")) + Number(r.getAttribute("width")) / 2, down: Number(r.getAttribute("y")) + Number(r.getAttribute("height")) / 2,
  }));
  const says = document.getElementById("board-says");
  const part = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const rows = () => [...zones.querySelectorAll("[data-zone]")];

  // a row and its rectangle
  const numbers = (row) => {
    const box = part(row, "box").value.replace(/[,%]/g, " ").trim().split(/\s+/).map(Number);
    const good = box.length === 4 && box.every(Number.isFinite) && box[0] < box[2] && box[1] < box[3] && box[0] >= 0 && box[1] >= 0 && box[2] <= 100 && box[3] <= 100;
    return good ? box.map((n) => n * 10) : null;
  };
  const shape = (row) => {
    let rect = drawing.querySelector(`.zone-shown[data-zone="${row.dataset.zone}"]`);
    if (!rect) {
      rect = document.createElementNS(SVG, "rect");
      rect.setAttribute("class", "zone-shown");
      rect.dataset.zone = row.dataset.zone;
      drawing.append(rect);
    }
    return rect;
  };
  const put = (rect, [left, top, right, bottom]) => {
    rect.setAttribute("x", left); rect.setAttribute("y", top);
    rect.setAttribute("width", right - left); rect.setAttribute("height", bottom - top);
  };
  const show = (row) => {
    const box = numbers(row);
    const reads = row.querySelector("[data-reads]");
    if (!box || part(row, "remove")?.checked) { drawing.querySelector(`.zone-shown[data-zone="${row.dataset.zone}"]`)?.remove(); if (!box) reads.textContent = ""; return; }
    put(shape(row), box);
    const inside = print.filter((p) => p.across >= box[0] && p.across <= box[2] && p.down >= box[1] && p.down <= box[3]).map((p) => p.text);
    reads.textContent = inside.length ? `In it: “${inside.join(" / ").slice(0, 160)}”` : "Nothing is printed in it here.";
  };
  const choose = (row) => {
    for (const rect of drawing.querySelectorAll(".chosen")) rect.classList.remove("chosen");
    drawing.querySelector(`.zone-shown[data-zone="${row.dataset.zone}"]`)?.classList.add("chosen");
  };
  const free = () => {
    const found = rows().find((row) => !part(row, "box").value && !part(row, "field").value && !part(row, "line")?.value);
    if (found) return found;
    const last = rows().at(-1);
    const number = Number(last.dataset.zone) + 1;
    const next = last.cloneNode(true);
    next.dataset.zone = number;
    next.querySelector("legend").textContent = `Box ${number + 1}`;
    for (const one of next.querySelectorAll("[id], [name], [for]")) {
      for (const kind of ["id", "name", "for"]) if (one.hasAttribute(kind)) one.setAttribute(kind, one.getAttribute(kind).replace(/^zone-\d+/, `zone-${number}`));
      if ("value" in one && one.type !== "checkbox") one.value = "";
    }
    part(next, "remove")?.closest("p").remove();
    next.querySelector("[data-reads]").textContent = "";
    next.querySelector("[data-again]")?.remove();
    zones.append(next);
    return next;
  };
  // a box that is there already can be drawn again
  let again = null;
  const offer = (row) => {
    if (row.querySelector("[data-again]") || !numbers(row)) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.dataset.again = "";
    button.textContent = "Draw it again";
    button.addEventListener("click", () => { again = row; choose(row); says.textContent = `Draw ${row.querySelector("legend").textContent.toLowerCase()} again.`; });
    row.querySelector(".zone-reads").append(" ", button);
  };
  rows().forEach(offer);
  zones.addEventListener("input", (event) => { const row = event.target.closest("[data-zone]"); if (row) { show(row); choose(row); } });
  zones.addEventListener("focusin", (event) => { const row = event.target.closest("[data-zone]"); if (row) choose(row); });

  // drawing: from one corner to the other; a click on a box goes to its row
  let from = null;
  let rubber = null;
  const at = (event) => {
    const view = drawing.getBoundingClientRect();
    const within = (n) => Math.min(1000, Math.max(0, n));
    return [within(((event.clientX - view.left) / view.width) * 1000), within(((event.clientY - view.top) / view.height) * 1000)];
  };
  const span = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];
  drawing.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    from = at(event);
    rubber = document.createElementNS(SVG, "rect");
    rubber.setAttribute("class", "rubber");
    drawing.append(rubber);
    drawing.setPointerCapture(event.pointerId);
  });
  drawing.addEventListener("pointermove", (event) => { if (from) put(rubber, span(from, at(event))); });
  const end = (event) => {
    if (!from) return;
    const box = span(from, at(event));
    const start = from;
    rubber.remove();
    from = rubber = null;
    if (box[2] - box[0] < 10 || box[3] - box[1] < 5) {
      const hit = rows().find((row) => { const b = numbers(row); return b && start[0] >= b[0] && start[0] <= b[2] && start[1] >= b[1] && start[1] <= b[3]; });
      if (hit) { part(hit, "field").focus(); choose(hit); }
      return;
    }
    const row = again ?? free();
    again = null;
    part(row, "box").value = box.map((n) => (n / 10).toFixed(1)).join(" ");
    show(row);
    choose(row);
    offer(row);
    row.scrollIntoView({ block: "nearest" });
    part(row, "field").focus();
    says.textContent = `${row.querySelector("legend").textContent} is drawn: name its field.`;
  };
  drawing.addEventListener("pointerup", end);
  drawing.addEventListener("pointercancel", () => { rubber?.remove(); from = rubber = null; });
  document.getElementById("board").addEventListener("submit", (event) => {
    if (event.submitter?.formAction.endsWith("/try")) says.textContent = "Reading the past papers with this form: some seconds.";
  });
  drawing.classList.add("draws");
  document.getElementById("trial-part")?.scrollIntoView({ block: "start" });
})();
