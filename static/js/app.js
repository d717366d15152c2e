/* What a page gains with JavaScript: quick search, keys, selection, messages that leave. Nothing needs it. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.dataset.js = "";
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const isShown = (element) => element.getClientRects().length > 0;
  const say = (text) => { const live = $("#live"); if (live) { live.textContent = ""; requestAnimationFrame(() => { live.textContent = text; }); } };

  /* Search: a combobox over the answers of the server. */
  const search = $("[data-search]");
  const list = $("#search-results");
  let asked = null;
  const options = () => (list ? $$("[role=option]:not([aria-disabled])", list) : []);
  const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");
  const choose = (option) => {
    options().forEach((other) => other.setAttribute("aria-selected", String(other === option)));
    if (option) { search.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else search.removeAttribute("aria-activedescendant");
  };
  const closeSearch = () => { list.replaceChildren(); search.setAttribute("aria-expanded", "false"); choose(null); };
  const openSearch = () => {
    if (!search || !isShown(search)) { const link = $(".search-link"); if (link) link.click(); return; }
    search.focus(); search.select();
  };
  if (search) {
    search.addEventListener("focus", () => { if (window.htmx) window.htmx.trigger(search, "open"); });
    search.addEventListener("keydown", (event) => {
      const all = options();
      const at = all.indexOf(chosen());
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!all.length) return;
        event.preventDefault();
        const by = event.key === "ArrowDown" ? 1 : -1;
        choose(all[(at + by + all.length + (at < 0 && by < 0 ? 1 : 0)) % all.length]);
      } else if (event.key === "Enter" && at >= 0 && asked === search.value) {
        event.preventDefault(); all[at].click();
      } else if (event.key === "Escape" && search.getAttribute("aria-expanded") === "true") {
        event.preventDefault(); closeSearch();
      }
    });
    document.addEventListener("pointerdown", (event) => { if (!event.target.closest(".search")) closeSearch(); });
    search.form.addEventListener("focusout", (event) => { if (event.relatedTarget && !search.form.contains(event.relatedTarget)) closeSearch(); });
    search.addEventListener("htmx:beforeRequest", () => { search.dataset.sent = search.value; });
    list.addEventListener("htmx:afterSwap", () => {
      if (document.activeElement !== search) { closeSearch(); return; }
      asked = search.dataset.sent;
      const all = options();
      search.setAttribute("aria-expanded", String(list.childElementCount > 0));
      choose(asked && all.length ? all[0] : null);
      const words = $("#live").dataset;
      if (asked) say(all.length === 0 ? words.resultsNone : all.length === 1 ? words.resultsOne : words.resultsMany.replace("{count}", all.length));
    });
  }

  /* Keys: any element with data-key is pressed or entered by that key; off inside fields, and by choice. */
  let before = "";
  let forget = 0;
  const rows = () => $$("[data-rows] > tr, .rows > .row, .board-card").filter(isShown);
  const moveRow = (by) => {
    const all = rows();
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const row = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    const link = row && ($("[data-kind=name] a, .row-title a, a", row) || $("input, button", row));
    if (link) { link.focus(); row.scrollIntoView({ block: "nearest" }); }
  };
  const here = (selector) => { const row = document.activeElement.closest("tr, .row, .board-card"); return row && $(selector, row); };
  const acts = {
    "/": () => { const field = $$("[data-filter] input, .filter-bar input[type=search]").find(isShown); if (field) field.focus(); else openSearch(); },
    j: () => moveRow(1),
    k: () => moveRow(-1),
    x: () => { const box = here("[data-select]"); if (box) box.click(); },
    e: () => {
      const at = document.activeElement.closest("td");
      const cell = (at && $("[data-edit]", at)) || here("[data-edit]");
      if (!cell) return;
      if (!cell.matches("input, select, textarea")) return cell.click();
      cell.focus();
      if (cell.select) cell.select();
    },
    z: () => { const undo = $$("[data-undo] button").at(-1); if (undo) undo.click(); },
  };
  document.addEventListener("keydown", (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key === "k") { event.preventDefault(); openSearch(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || root.dataset.keys === "off") return;
    if (isTyping(event.target) || $("dialog[open]") || key.length !== 1) return;
    const typed = before ? `${before} ${key}` : key;
    const named = $$("[data-key]").find((element) => element.dataset.key === typed);
    clearTimeout(forget);
    before = key === "g" && !before ? "g" : "";
    if (before) forget = setTimeout(() => { before = ""; }, 1200);
    if (named) { event.preventDefault(); if (named.matches("input, select, textarea")) named.focus(); else named.click(); }
    else if (acts[typed]) { event.preventDefault(); acts[typed](); }
  });

  /* A cell that is being changed: Enter saves also from a list of choices, Esc restores what stood there. */
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest(".cell-form");
    if (event.isComposing) return;
    if (!form) {
      const field = event.target;
      if (event.key === "Escape" && field.matches("input[data-edit]")) { field.value = field.defaultValue; field.select(); }
      return;
    }
    if (event.key === "Enter" && event.target.matches("select")) { event.preventDefault(); form.requestSubmit(); }
    if (event.key === "Escape") {
      const cancel = $("[data-cell-cancel]", form);
      event.preventDefault();
      if (cancel) cancel.click(); else form.reset();
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!event.target.matches("td")) return;
    const inside = $("[autofocus], [data-edit]", event.target);
    if (inside) inside.focus();
  });

  /* Selection and its bar. */
  const count = () => {
    const bar = $("[data-bulk-bar]");
    const boxes = $$("[data-select]");
    const picked = boxes.filter((box) => box.checked).length;
    $$("[data-select-all]").forEach((box) => { box.checked = picked > 0 && picked === boxes.length; box.indeterminate = picked > 0 && picked < boxes.length; });
    if (!bar) return;
    bar.toggleAttribute("data-active", picked > 0);
    $$("[data-bulk-count]", bar).forEach((place) => { place.textContent = picked; });
    if (!picked) $$("[data-all-matching]", bar).forEach((box) => { box.checked = false; });
  };
  let lastBox = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-select]");
    if (!box) return;
    if (event.shiftKey && lastBox) {
      const boxes = $$("[data-select]");
      const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
      count();
    }
    lastBox = box;
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) $$("[data-select]").forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches("[data-select], [data-select-all]")) count();
  });

  /* Messages stay at least twelve seconds, longer while someone is on them; errors stay until dismissed. */
  const settle = (message) => {
    if (message.dataset.settled || ["error", "warning"].includes(message.dataset.level)) return;
    message.dataset.settled = "";
    let timer = 0;
    const start = () => { clearTimeout(timer); timer = setTimeout(() => message.remove(), 12000); };
    const stop = () => clearTimeout(timer);
    message.addEventListener("pointerenter", stop);
    message.addEventListener("pointerleave", start);
    message.addEventListener("focusin", stop);
    message.addEventListener("focusout", start);
    start();
  };
  const tell = (text) => {
    const place = $("#messages");
    if (!place || !text) return;
    const message = document.createElement("div");
    message.className = "message";
    message.dataset.level = "error";
    message.dataset.message = "";
    const words = document.createElement("p");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button"; close.className = "button"; close.dataset.kind = "quiet"; close.dataset.dismiss = ""; close.textContent = "×";
    message.append(words, close);
    place.append(message);
  };
  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-dismiss]");
    if (close) close.closest("[data-message]").remove();
  });

  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });

  /* Pictures: what is pointed at, or stepped to with the arrow keys, is said in words above the picture. */
  const isMark = (element) => element.matches("rect, circle, g") && (element.dataset.says || $(":scope > title", element));
  const marksOf = (plot) => $$("rect, circle, g", plot).filter(isMark);
  const unread = (plot) => { $$("[data-on]", plot).forEach((mark) => delete mark.dataset.on); const words = $(".reading", plot); if (words) words.remove(); };
  const read = (mark) => {
    const plot = mark.closest(".plot");
    const title = $(":scope > title", mark);
    if (title) { mark.dataset.says = title.textContent; title.remove(); }
    if ("on" in mark.dataset) return;
    unread(plot);
    mark.dataset.on = "";
    const words = document.createElement("p");
    words.className = "reading";
    words.textContent = mark.dataset.says;
    plot.append(words);
    return words.textContent;
  };
  const offerMarks = () => $$(".plot:not([tabindex])").forEach((plot) => {
    const svg = $("svg", plot);
    if (!svg || $("a", plot) || marksOf(plot).length < 2) return;
    plot.tabIndex = 0;
    plot.setAttribute("role", "group");
    plot.setAttribute("aria-labelledby", svg.getAttribute("aria-labelledby").split(" ")[0]);
  });
  document.addEventListener("pointerover", (event) => { const mark = event.target.closest(".plot :is(rect, circle, g)"); if (mark && isMark(mark)) read(mark); });
  document.addEventListener("pointerout", (event) => { const plot = event.target.closest(".plot"); if (plot && !plot.contains(event.relatedTarget)) unread(plot); });
  document.addEventListener("focusin", (event) => { const link = event.target.closest(".plot a"); const mark = link && marksOf(link)[0]; if (mark) read(mark); });
  document.addEventListener("focusout", (event) => { const plot = event.target.closest(".plot"); if (plot) unread(plot); });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches(".plot") || !["ArrowLeft", "ArrowRight", "Home", "End", "Escape"].includes(event.key)) return;
    const all = marksOf(event.target);
    const at = all.findIndex((mark) => "on" in mark.dataset);
    event.preventDefault();
    if (event.key === "Escape") { unread(event.target); return; }
    const to = { ArrowLeft: at < 0 ? all.length - 1 : Math.max(at - 1, 0), ArrowRight: Math.min(at + 1, all.length - 1), Home: 0, End: all.length - 1 }[event.key];
    say(read(all[to]) || all[to].dataset.says);
  });

  /* htmx: a quiet bar after 200 ms, the sheet, the error in the title, refusals in words. */
  let pending = 0;
  let busy = 0;
  document.addEventListener("htmx:beforeRequest", () => { pending += 1; clearTimeout(busy); busy = setTimeout(() => { root.dataset.busy = ""; }, 200); });
  document.addEventListener("htmx:afterRequest", () => { pending = Math.max(0, pending - 1); if (!pending) { clearTimeout(busy); delete root.dataset.busy; } });
  document.addEventListener("htmx:afterSettle", (event) => {
    const sheet = $("#sheet");
    if (sheet && event.target === sheet && sheet.childElementCount && !sheet.open) {
      sheet.showModal();
      const first = $("[autofocus], .sheet-body :is(input:not([type=hidden]), select, textarea, button)", sheet);
      if (first) first.focus();
    }
    $$("[data-message]").forEach(settle);
    count();
    offerMarks();
    const summary = $("[data-error-summary]", event.target);
    if (summary) summary.focus();
    if (event.target.id === "main") say($("h1", event.target).textContent);
  });
  /* A tab or cell half outside its strip, and a box whose caret alone would, come into sight with the focus; not under a pointer. */
  let pointing = false;
  for (const name of ["pointerdown", "pointerup", "pointercancel"]) document.addEventListener(name, () => { pointing = name === "pointerdown"; }, true);
  document.addEventListener("focusin", (event) => {
    if (!pointing && event.target.closest(".tabs a, .templates a, .heat a, textarea")) event.target.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  /* A form that a template fills: what was typed stays, and so do the caret and what can be undone. */
  const fields = (form) => [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "submit");
  const isBox = (field) => field.type === "checkbox" || field.type === "radio";
  const came = (field) => (field.options ? field.dataset.came ?? ([...field.options].find((one) => one.defaultSelected) || field.options[0]).value : field.defaultValue);
  const isTouched = (field) => (isBox(field) ? field.checked !== field.defaultChecked : field.value !== came(field));
  const fill = (field, from) => {
    if (isBox(field)) { field.checked = field.defaultChecked = from.checked; return; }
    field.value = from.value;
    if (field.options) field.dataset.came = field.value; else field.defaultValue = from.defaultValue;
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.shouldSwap && event.detail.target.closest("form[data-fills]");
    const fresh = form && new DOMParser().parseFromString(event.detail.serverResponse, "text/html").getElementById(form.id);
    if (!fresh) return;
    const refused = $("[data-error-summary]", form);
    const others = fields(fresh);
    fields(form).forEach((field) => {
      const from = others.find((other) => other.name === field.name && (!isBox(other) || other.value === field.value));
      if (from && !isTouched(field) && !(refused && (isBox(field) ? field.checked : field.value))) fill(field, from);
    });
    form.setAttribute("action", fresh.getAttribute("action"));
    const first = $("[autofocus]", form);
    if (first && !(form.contains(document.activeElement) && isTyping(document.activeElement))) first.focus();
  });
  /* A list brings its filters along: what was typed into one since it was asked for stays, and is asked for. */
  let typed = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const at = document.activeElement;
    typed = at.id && at.matches(".filter-bar input:is([type=search], [type=text])") && event.detail.target.contains(at)
      ? { id: at.id, value: at.value, caret: [at.selectionStart, at.selectionEnd], sent: event.detail.requestConfig.formData.get(at.name) } : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const field = typed && document.getElementById(typed.id);
    if (field && field.value !== typed.value && field.value === field.defaultValue) {
      field.value = typed.value;
      field.setSelectionRange(...typed.caret);
      if (typed.sent !== typed.value) field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    typed = null;
  });
  /* Links beside a list, such as its downloads, follow the filters that were changed without a new page. */
  document.addEventListener("htmx:pushedIntoHistory", (event) => {
    const query = new URL(event.detail.path, location).searchParams;
    query.delete("after");
    $$("a[data-query]").forEach((link) => { link.search = query; });
    $$("a[data-clear]").forEach((link) => { link.hidden = ![...query.values()].some(Boolean); });
  });
  document.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    const type = answer.getResponseHeader("Content-Type") || "";
    tell(type.startsWith("text/plain") ? answer.responseText : $("#messages") && $("#messages").dataset.failed);
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => tell($("#messages") && $("#messages").dataset.offline));

  /* Dialogs in browsers that do not know command="show-modal" yet. */
  if (!("command" in HTMLButtonElement.prototype)) {
    document.addEventListener("click", (event) => {
      const opener = event.target.closest("[commandfor]");
      if (opener) document.getElementById(opener.getAttribute("commandfor")).showModal();
    });
  }
  document.addEventListener("click", (event) => { if (event.target.matches("dialog.sheet[open], dialog.dialog[open]") && event.target.id) {
    const box = event.target.getBoundingClientRect();
    if (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom) event.target.close();
  } });

  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  if (mac) $$(".search > .keys kbd:first-child").forEach((cap) => { cap.textContent = "⌘"; });
  $$("[data-message]").forEach(settle);
  count();
  offerMarks();
  const summary = $("[data-error-summary]");
  if (summary) summary.focus();
  /* What stands in a live region from the start is not read out; what comes into it is. */
  const told = $("#messages");
  if (told && told.childElementCount) setTimeout(() => { if (!told.contains(document.activeElement)) told.append(...told.children); }, 100);
})();
