"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  document.documentElement.classList.add("js");
  if (document.body.classList.contains("lineage")) document.documentElement.classList.add("lineage");

  const svg = one("#graph"), canvas = one("#canvas"), panel = one("#panel");
  const boxes = all(".box"), lines = all(".line");
  const empty = panel.innerHTML;
  const before = new Map(), behind = new Map();
  const put = (map, key, value) => map.set(key, [...(map.get(key) || []), value]);
  for (const line of lines) {
    put(before, line.dataset.to, line);
    put(behind, line.dataset.from, line);
  }

  // All lines that lead to a node, or away from it, and the nodes they touch.
  const reach = (start, map, end) => {
    const nodes = new Set([start]), found = new Set(), waiting = [start];
    while (waiting.length) {
      for (const line of map.get(waiting.pop()) || []) {
        found.add(line);
        const next = line.dataset[end];
        if (!nodes.has(next)) { nodes.add(next); waiting.push(next); }
      }
    }
    return { nodes, found };
  };

  const letGo = () => {
    svg.classList.remove("picked");
    for (const each of [...boxes, ...lines]) each.classList.remove("on", "up", "down", "chosen");
    panel.innerHTML = empty;
  };

  const pick = (node) => {
    letGo();
    const up = reach(node, before, "from"), down = reach(node, behind, "to");
    svg.classList.add("picked");
    for (const box of boxes) {
      const own = box.dataset.node;
      box.classList.toggle("on", up.nodes.has(own) || down.nodes.has(own));
      box.classList.toggle("chosen", own === node);
    }
    for (const line of down.found) line.classList.add("on", "down");
    for (const line of up.found) { line.classList.remove("down"); line.classList.add("on", "up"); }
    const article = document.getElementById("n" + node);
    if (article) {
      const copy = article.cloneNode(true);
      copy.removeAttribute("id");
      panel.replaceChildren(copy);
      panel.scrollTop = 0;
    }
  };

  for (const box of boxes) {
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick(box.dataset.node); }
    });
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") letGo(); });
  // On the page of the graph a link chooses its node; in the documentation it leads there, except from beside the graph.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-go]");
    if (!link || !(document.body.classList.contains("lineage") || panel.contains(link))) return;
    event.preventDefault();
    pick(link.dataset.go);
    centre(link.dataset.go);
  });

  // The part of the picture that is seen.
  const width = Number(svg.dataset.width), height = Number(svg.dataset.height);
  let view = { x: 0, y: 0, width, height };
  const show = () => svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
  const scale = () => Math.min(canvas.clientWidth / view.width, canvas.clientHeight / view.height) || 1;
  const whole = () => {
    // A small graph is not blown up.
    const fits = width <= canvas.clientWidth && height <= canvas.clientHeight;
    const seen = fits ? { width: canvas.clientWidth, height: canvas.clientHeight } : { width, height };
    view = { x: (width - seen.width) / 2, y: (height - seen.height) / 2, ...seen };
    show();
  };
  const zoom = (factor, at) => {
    const size = Math.min(Math.max(view.width * factor, 160), Math.max(width, canvas.clientWidth) * 3);
    const ratio = size / view.width;
    view = { x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio, width: size, height: view.height * ratio };
    show();
  };
  const place = (event) => {
    const frame = canvas.getBoundingClientRect(), by = scale();
    return {
      x: view.x + view.width / 2 + (event.clientX - frame.left - frame.width / 2) / by,
      y: view.y + view.height / 2 + (event.clientY - frame.top - frame.height / 2) / by,
    };
  };
  const middle = () => ({ x: view.x + view.width / 2, y: view.y + view.height / 2 });
  const centre = (node) => {
    const box = boxes.find((each) => each.dataset.node === node);
    const own = box && box.transform.baseVal.consolidate().matrix;
    if (!own) return;
    view.x = own.e + 112 - view.width / 2;
    view.y = own.f + 23 - view.height / 2;
    show();
  };
  canvas.addEventListener("wheel", (event) => {
    // In the documentation the wheel moves the page, unless it is meant for the graph.
    if (document.body.classList.contains("docs") && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, place(event));
  }, { passive: false });
  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button")) return;
    held = { x: event.clientX, y: event.clientY, view: { ...view }, box: event.target.closest(".box"), far: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    const by = scale(), dx = event.clientX - held.x, dy = event.clientY - held.y;
    if (Math.abs(dx) + Math.abs(dy) > 4) { held.far = true; canvas.classList.add("moving"); }
    if (held.far) { view.x = held.view.x - dx / by; view.y = held.view.y - dy / by; show(); }
  });
  canvas.addEventListener("pointerup", () => {
    canvas.classList.remove("moving");
    if (held && !held.far) { if (held.box) pick(held.box.dataset.node); else letGo(); }
    held = null;
  });
  canvas.addEventListener("pointercancel", () => { held = null; canvas.classList.remove("moving"); });
  one("#closer").addEventListener("click", () => zoom(1 / 1.3, middle()));
  one("#further").addEventListener("click", () => zoom(1.3, middle()));
  // At first a large graph is shown from its beginning, in a size that can be read.
  const READABLE = 0.75;
  const begin = () => {
    whole();
    const shrunk = scale();
    if (shrunk >= READABLE) return;
    const seen = { width: canvas.clientWidth / READABLE, height: canvas.clientHeight / READABLE };
    view = { x: 0, y: Math.max(0, (height - seen.height) / 2), ...seen };
    if (height < seen.height) view.y = (height - seen.height) / 2;
    show();
  };
  one("#whole").addEventListener("click", whole);
  begin();

  const find = one("#find"), pipeline = one("#pipeline");
  const seek = () => {
    const text = find.value.trim().toLowerCase(), wanted = pipeline.value;
    const hits = boxes.filter((box) =>
      box.dataset.name.toLowerCase().includes(text) && (!wanted || box.dataset.pipelines.split("\n").includes(wanted)));
    svg.classList.toggle("sought", Boolean(text || wanted));
    for (const box of boxes) box.classList.toggle("hit", hits.includes(box));
    return hits;
  };
  find.addEventListener("input", seek);
  pipeline.addEventListener("change", seek);
  find.addEventListener("keydown", (event) => {
    const [first] = seek();
    if (event.key === "Enter" && first) { pick(first.dataset.node); centre(first.dataset.node); }
  });

  const search = one("#search");
  if (search) {
    const cards = all("[data-find]").filter((card) => !panel.contains(card)), entries = all("[data-nav]");
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (text) => words.every((word) => text.toLowerCase().includes(word));
      let hits = 0;
      for (const card of cards) { card.hidden = !fits(card.dataset.find); hits += card.hidden ? 0 : 1; }
      for (const entry of entries) {
        const target = document.getElementById(one("a", entry).hash.slice(1));
        entry.hidden = Boolean(target && target.hidden);
      }
      for (const id of ["overview", "lineage", "limits"]) document.getElementById(id).hidden = words.length > 0;
      one("#hits").textContent = words.length ? (hits === 1 ? "1 match" : `${hits} matches`) : "";
    });
  }
  const start = /^#n(\d+)$/.exec(location.hash);
  if (start && document.body.classList.contains("lineage")) { pick(start[1]); centre(start[1]); }
})();
