/* What axe cannot see: each function looks at the open page and lists what is wrong with it, in words. */
(() => {
  "use strict";
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const brief = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 150);
  const isSeen = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true, contentVisibilityAuto: true });
  const HIDDEN_BUT_READ = ".visually-hidden, .skip:not(:focus)";

  /* The part of the page in which something of an element can be seen: what its ancestors leave of it. */
  const boxes = new Map();
  const opening = (element, kinds) => {
    const name = kinds.join();
    const known = boxes.get(element) || {};
    if (known[name]) return known[name];
    let box = { left: -1e6, top: -1e6, right: 1e6, bottom: 1e6 };
    if (element.parentElement) box = opening(element.parentElement, kinds);
    const style = getComputedStyle(element);
    if (kinds.includes(style.overflowX) || kinds.includes(style.overflowY)) {
      const own = element.getBoundingClientRect();
      box = { left: Math.max(box.left, own.left), top: Math.max(box.top, own.top), right: Math.min(box.right, own.right), bottom: Math.min(box.bottom, own.bottom) };
    }
    boxes.set(element, { ...known, [name]: box });
    return box;
  };
  const floats = (element) => { for (let at = element; at; at = at.parentElement) if (["fixed", "sticky"].includes(getComputedStyle(at).position)) return true; return false; };

  const texts = () => {
    boxes.clear();
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!node.data.trim() || parent.closest(`svg, select, datalist, script, ${HIDDEN_BUT_READ}`) || !isSeen(parent)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) if (rect.width > 1 && rect.height > 1) found.push({ node, parent, rect });
    }
    return found;
  };

  const scrollsSideways = () => {
    const beyond = document.documentElement.scrollWidth - innerWidth;
    if (beyond <= 0) return [];
    let worst = null;
    for (const element of $$("body *")) {
      const right = element.getBoundingClientRect().right;
      if (right > Math.min(opening(element, ["auto", "scroll", "hidden", "clip"]).right, 1e5) + 1) continue;
      if (!worst || right > worst[0]) worst = [right, element];
    }
    return [`scrolls sideways by ${beyond}: ${worst ? brief(worst[1]) : ""}`];
  };

  const unreadable = () => {
    const found = new Set();
    const all = texts();
    for (const { node, parent, rect } of all) {
      const cut = opening(parent, ["hidden", "clip"]);
      const style = getComputedStyle(parent);
      if (style.textOverflow === "ellipsis" && parent.closest("[role=option]")) continue;
      if (rect.right > cut.right + 2 || rect.left < cut.left - 2 || rect.bottom > cut.bottom + 3 || rect.top < cut.top - 3) found.add(`cuts “${node.data.trim().slice(0, 40)}”: ${brief(parent)}`);
    }
    const seen = all.filter(({ parent }) => !floats(parent)).map(({ node, parent, rect }) => {
      const cut = opening(parent, ["hidden", "clip", "auto", "scroll"]);
      return { node, parent, left: Math.max(rect.left, cut.left) + 1, right: Math.min(rect.right, cut.right) - 1, top: Math.max(rect.top, cut.top) + 3, bottom: Math.min(rect.bottom, cut.bottom) - 3 };
    }).filter((box) => box.right - box.left > 1 && box.bottom - box.top > 1).sort((a, b) => a.top - b.top);
    seen.forEach((one, at) => {
      for (let next = at + 1; next < seen.length && seen[next].top < one.bottom; next += 1) {
        const other = seen[next];
        if (other.node !== one.node && other.left < one.right && other.right > one.left) found.add(`“${one.node.data.trim().slice(0, 30)}” lies over “${other.node.data.trim().slice(0, 30)}”: ${brief(one.parent)}`);
      }
    });
    return [...found].slice(0, 5);
  };

  /* Words that no reader should meet, panels with nothing in them, one first heading, foreign words marked.
     “None” is an English word too: it is looked for in Chinese. */
  const WRONG = [/^(None|null|undefined|nan|NaN|True|False|inf)$/, /\b0 (of|\/) 0\b/, /%\(\w+\)[sd]/, /\{\w*\}/, /&(amp|lt|gt|quot|#\d+);/, /<\/?[a-z]+>/];
  const contents = (isOurs) => {
    const found = [];
    const heads = $$("h1").filter(isSeen).length;
    if (heads !== 1) found.push(`has ${heads} first headings`);
    const english = document.documentElement.lang.startsWith("en");
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const words = node.data.trim();
      const parent = node.parentElement;
      if (!words || parent.closest("script, noscript, code, pre, .code, textarea, [data-json]")) continue;
      // Who writes a playbook is told which {{placeholders}} a text may have.
      const read = words.replace(/\{\{\w+\}\}/g, "");
      if (WRONG.some((pattern, at) => (at || !english) && pattern.test(read))) found.push(`says “${words.slice(0, 60)}”: ${brief(parent)}`);
      if (english && isOurs && /[\u3400-\u9fff]/.test(words) && !parent.closest("[lang^=zh]")) found.push(`has no lang for “${words.slice(0, 40)}”: ${brief(parent)}`);
    }
    for (const panel of $$("main .card, main .columns > *, main .table-wrap, main .sheet-body")) {
      if (!isSeen(panel) || panel.matches("[aria-live]")) continue;
      const inner = panel.cloneNode(true);
      $$(":scope > .card-head, caption, .visually-hidden", inner).forEach((part) => part.remove());
      if (!inner.textContent.trim() && !inner.querySelector("svg:not(.icon), input, img")) found.push(`has a blank panel: ${brief(panel)}`);
    }
    for (const body of $$("main tbody")) if (isSeen(body.parentElement) && !body.rows.length) found.push(`has a table without rows: ${brief(body.parentElement)}`);
    for (const list of $$("main :is(ul, ol, dl)")) if (isSeen(list) && !list.children.length) found.push(`has a list without entries: ${brief(list)}`);
    return found;
  };

  /* Every control can be hit, by its own place or its label's, over so many pixels; links in a sentence are words. */
  const inSentence = (link) => link.matches("a") && getComputedStyle(link).display === "inline" && [...link.parentElement.childNodes].some((node) => node !== link && node.nodeType === 3 && node.data.trim().length > 1);
  const targets = (ours) => {
    const found = [];
    for (const control of $$("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
      if (!isSeen(control) || control.disabled || inSentence(control) || control.closest(`svg, ${HIDDEN_BUT_READ}`)) continue;
      const isLink = control.matches("a:not(.button, .menu-item, .brand, .back, .side a, .tabs a, .switch a)");
      const least = isLink ? 24 : ours;
      control.scrollIntoView({ block: "center", inline: "nearest" });
      const box = control.getBoundingClientRect();
      const labels = [...(control.labels || [])];
      const area = labels.reduce((size, label) => { const own = label.getBoundingClientRect(); return [Math.max(size[0], own.width), Math.max(size[1], own.height)]; }, [box.width, box.height]);
      const x = box.left + box.width / 2;
      const y = box.top + box.height / 2;
      const hits = (dx, dy) => { const at = document.elementFromPoint(x + dx, y + dy); return at && (control.contains(at) || at.contains(control) && at.matches("label") || labels.some((label) => label.contains(at))); };
      const reach = least / 2 - 1;
      const high = area[1] >= least - 0.5 || hits(0, -reach) && hits(0, reach);
      const wide = area[0] >= least - 0.5 || hits(-reach, 0) && hits(reach, 0);
      if (!high || !wide) found.push(`offers ${Math.round(area[0])} × ${Math.round(area[1])} px to hit: ${brief(control)}`);
    }
    scrollTo(0, 0);
    return found;
  };

  /* Where the keyboard stops: the stop can be seen, nothing lies over it, and none is put out of turn. */
  const stops = () => $$("a[href], button:not([disabled]), input:not([type=hidden], [disabled]), select:not([disabled]), textarea:not([disabled]), summary, [tabindex='0']")
    .filter((element) => element.tabIndex >= 0 && isSeen(element) && !element.closest("dialog:not([open])"));
  let all = [];
  let met = [];
  const begin = () => {
    const body = document.body;
    body.tabIndex = -1; body.focus(); body.removeAttribute("tabindex"); scrollTo(0, 0);
    met = []; all = stops();
    return all.length;
  };
  const meet = () => { met.push(document.activeElement); return document.activeElement !== document.body; };
  const turns = () => {
    const places = [...new Set(met.filter((one) => all.includes(one)))].map((one) => all.indexOf(one));
    const first = places.indexOf(Math.min(...places));
    const inTurn = [...places.slice(first), ...places.slice(0, first)];
    const out = inTurn.filter((at, place) => place && at < inTurn[place - 1]).map((at) => `Tab meets out of turn: ${brief(all[at])}`);
    const missed = all.filter((one) => !met.includes(one) && one.type !== "radio").map((one) => `Tab never meets: ${brief(one)}`);
    return [...out, ...missed].slice(0, 4);
  };
  const marks = (element) => { const style = getComputedStyle(element); return [style.outlineStyle === "none" ? "" : `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor}`, style.boxShadow, style.borderColor, style.backgroundColor].join("|"); };
  const hasRing = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1.5 && !/(, 0\)|transparent)$/.test(style.outlineColor);
  const focus = () => {
    const found = $$("[tabindex]").filter((element) => element.tabIndex > 0).map((element) => `puts a stop out of turn: ${brief(element)}`);
    const all = stops();
    const covered = new Set();
    for (const element of [...all, ...[...all].reverse()]) {
      const before = marks(element);
      element.focus();
      if (document.activeElement !== element) { found.push(`cannot take the focus: ${brief(element)}`); continue; }
      if (!hasRing(getComputedStyle(element)) && marks(element) === before) found.push(`shows no focus: ${brief(element)}`);
      const box = [...element.getClientRects()].sort((one, other) => other.width - one.width)[0];
      const middle = (from, to, end) => (Math.max(from, 1) + Math.min(to, end - 1)) / 2;
      const x = box.width > innerWidth / 2 ? middle(box.left, box.right, innerWidth) : box.left + box.width / 2;
      const y = box.height > innerHeight / 4 ? middle(box.top, box.bottom, innerHeight) : box.top + box.height / 2;
      const top = document.elementFromPoint(x, y);
      // The other marks of a picture fade while one has the focus: what shines through is not hidden.
      const isFaint = top && top.matches("svg .spot") && parseFloat(getComputedStyle(top).opacity) < 0.3;
      const covers = !isFaint && top && !element.contains(top) && !top.contains(element) && !(top.closest("label") && [...(element.labels || [])].includes(top.closest("label")));
      if (!covered.has(element) && (!top || covers)) { covered.add(element); found.push(`hides the focus of ${brief(element)} under ${top ? brief(top).slice(0, 60) : "nothing: it is out of sight"}`); }
    }
    document.activeElement.blur();
    scrollTo(0, 0);
    return [...new Set(found)];
  };

  /* In forced colours: what is chosen differs from what is not, and the marks of charts from the ground. */
  const rgb = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const light = ([red, green, blue]) => { const [r, g, b] = [red, green, blue].map((part) => { const share = part / 255; return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const contrast = (one, other) => { const [low, high] = [light(rgb(one)), light(rgb(other))].sort((a, b) => a - b); return (high + 0.05) / (low + 0.05); };
  const forced = () => {
    const found = [];
    const ground = getComputedStyle(document.body).backgroundColor;
    for (const mark of $$("svg :is(.bar, .line, .dot, .last, .ring, .spot, .target), .shape path, .shape circle, .spark path")) {
      if (!isSeen(mark)) continue;
      const style = getComputedStyle(mark);
      const inks = [style.fill, style.stroke].filter((ink) => ink.startsWith("rgb") && !/, 0\)$/.test(ink));
      if (inks.length && Math.max(...inks.map((ink) => contrast(ink, ground))) < 3) found.push(`loses a mark: ${brief(mark)}`);
    }
    for (const chosen of $$("[aria-current]:not([aria-current=false]), [aria-selected=true], [aria-pressed=true]")) {
      const other = $$(":scope a, :scope button, :scope [role=option], :scope li", chosen.closest("ul, ol, nav, [role=listbox], .segments") || document.body).find((one) => one.tagName === chosen.tagName && !one.matches("[aria-current], [aria-selected=true], [aria-pressed=true]"));
      if (!other || !isSeen(chosen) || !isSeen(other)) continue;
      const look = (one) => { const style = getComputedStyle(one); return [style.outlineStyle, style.borderStyle, style.borderColor, style.fontWeight, style.backgroundColor, style.color, style.textDecorationLine].join(); };
      if (look(chosen) === look(other)) found.push(`does not show what is chosen: ${brief(chosen)}`);
    }
    return found;
  };

  const motion = () => $$("*").filter((element) => { const style = getComputedStyle(element); return style.animationName !== "none" || style.transitionDuration.split(",").some((part) => parseFloat(part) > 0); }).map((element) => `moves all the same: ${brief(element)}`).slice(0, 3);

  /* What the page weighs besides itself: the addresses that it asks, and its elements. */
  const weight = () => ({
    nodes: document.getElementsByTagName("*").length,
    asked: performance.getEntriesByType("resource").filter((entry) => !entry.name.startsWith("chrome")).map((entry) => entry.name),
  });

  /* The reader's own style: WCAG 1.4.12, and letters twice as large, WCAG 1.4.4. */
  const STYLES = {
    spacing: "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; } svg * { letter-spacing: normal !important; word-spacing: normal !important; }",
    letters: "html { font-size: 200% !important; }",
  };
  const worn = new CSSStyleSheet();
  document.adoptedStyleSheets.push(worn);
  const wear = (name) => worn.replaceSync(name ? STYLES[name] : "");

  window.eyes = { scrollsSideways, unreadable, contents, targets, focus, forced, motion, weight, wear, begin, meet, turns };
})();
