"use strict";
// Sorts, filters and searches the table, and shows a learner's evidence. Texts of submissions are set as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const body = document.querySelector("#table tbody");
  const rows = [...body.rows].map((element, index) => ({ element, index, data: data.rows[index] }));
  const $ = (id) => document.getElementById(id);
  const search = $("search"), task = $("task"), outcome = $("outcome"), only = $("only"), count = $("count"), more = $("more");
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const columns = data.tasks.flatMap((one, at) => one.steps.map((step, place) => ({ task: at, step: place })));
  for (const row of rows) {
    row.text = [row.data.n, row.data.s, row.data.i].join("\n").toLowerCase();
    row.outcomes = columns.map((column) => {
      const found = row.data.k.find((one) => one[0] === column.task);
      const step = found && found[2].find((one) => one[0] === column.step);
      return step ? step[1] : -1;
    });
  }
  document.documentElement.classList.add("js");
  const fixed = document.querySelectorAll("#table thead tr:first-child th[data-sort]").length; // columns before the steps

  // What stands in the table: so many rows that any order is drawn at once. The others come with a button, and on paper.
  const FIRST = 40;
  let order = [...rows], wantedRows = rows, all = false;
  const draw = () => {
    wantedRows = order.filter(wanted);
    body.replaceChildren(...(all ? wantedRows : wantedRows.slice(0, FIRST)).map((row) => row.element));
    body.classList.add("drawn");
    more.hidden = all || wantedRows.length <= FIRST;
    more.textContent = `Show all ${wantedRows.length.toLocaleString("en")}`;
    count.textContent = `${wantedRows.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} learners`;
  };

  // Sorting: a button in each head; the same again turns the order round.
  const heads = [...document.querySelectorAll("#table thead th[data-sort]")];
  let sorted = { head: null, down: false };
  const keyOf = (kind) => {
    if (kind === "name") return null;
    if (kind.startsWith("number")) {
      const at = Number(kind.slice(6));
      return (row) => parseFloat(row.element.cells[at].textContent);
    }
    const at = Number(kind.slice(4));
    return (row) => row.outcomes[at] < 0 ? NaN : row.outcomes[at];
  };
  const sortBy = (head) => {
    const down = sorted.head === head ? !sorted.down : head.dataset.sort.startsWith("number");
    sorted = { head, down };
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = keyOf(head.dataset.sort), turn = down ? -1 : 1;
    const keyed = rows.map((row) => ({ row, key: key ? key(row) : row.data.n }));
    keyed.sort((one, other) => {
      if (!key) return turn * collator.compare(one.key, other.key) || one.row.index - other.row.index;
      const first = Number.isNaN(one.key), second = Number.isNaN(other.key);
      if (first || second) return first - second || one.row.index - other.row.index;
      return turn * (one.key - other.key) || one.row.index - other.row.index;
    });
    order = keyed.map(({ row }) => row);
    draw();
  };
  for (const head of heads) head.querySelector("button").addEventListener("click", () => sortBy(head));

  // Filters: what is not wanted is hidden, and how many are shown is said.
  const sheet = document.styleSheets[0];
  let rule = -1;
  const showTask = (at) => {
    if (rule >= 0) sheet.deleteRule(rule);
    rule = -1;
    const others = columns.map((column, place) => [column, place]).filter(([column]) => at !== "" && column.task !== Number(at));
    if (!others.length) return;
    const hidden = others.flatMap(([, place]) => [`#table tbody td:not(.problem):nth-child(${place + fixed + 1})`, `#table #steps th:nth-child(${place + 1})`]);
    data.tasks.forEach((_, place) => { if (place !== Number(at)) hidden.push(`#table #task${place}`); });
    rule = sheet.insertRule(`${hidden.join(",")}{display:none}`, sheet.cssRules.length);
  };
  const wanted = (row) => {
    const { data: one } = row;
    if (search.value && !row.text.includes(search.value.trim().toLowerCase())) return false;
    if (only.value === "problem" && !one.p) return false;
    if (only.value === "late" && !row.element.hasAttribute("data-late")) return false;
    if (only.value === "finding" && !one.x) return false;
    if (outcome.value === "") return true;
    return row.outcomes.some((found, at) => found === Number(outcome.value) && (task.value === "" || columns[at].task === Number(task.value)));
  };
  search.addEventListener("input", draw);
  for (const select of [outcome, only]) select.addEventListener("change", draw);
  task.addEventListener("change", () => { showTask(task.value); draw(); });
  more.addEventListener("click", () => { all = true; draw(); });
  addEventListener("beforeprint", () => { all = true; draw(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      search.focus();
    }
  });
  draw();

  // What a cell means, for a mouse.
  body.addEventListener("mouseover", (event) => {
    const cell = event.target.closest("td");
    if (!cell || cell.title || cell.cellIndex < fixed || cell.colSpan > 1) return;
    const { task: at, step } = columns[cell.cellIndex - fixed];
    cell.title = `${data.tasks[at].steps[step].join(" ")}: ${cell.textContent || "not judged"}`;
  });

  // A learner.
  const dialog = $("learner"), content = $("evidence");
  let current = null;
  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  const SHOWN = 6; // of those whom a finding is about
  const few = (names) => names.slice(0, SHOWN).join(", ") + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "");
  const stepItem = (at, [place, result, points, ...known]) => {
    const [word, symbol] = data.outcomes[result], [id, title] = data.tasks[at].steps[place];
    const item = make("li");
    item.append(make("span", points, "points"), make("span", `${symbol} ${word}`, `tag ${word}`), ` ${id} `, make("span", title, "soft"));
    if (known.length) {
      const list = make("dl", undefined, "evidence");
      for (let index = 0; index < known.length; index += 2) list.append(make("dt", data.labels[known[index]]), make("dd", data.texts[known[index + 1]]));
      item.append(list);
    }
    return item;
  };
  const about = (row) => {
    const one = row.data, parts = [];
    const facts = [one.s, one.i, one.c && `commit ${one.c.slice(0, 7)}`, one.t && `handed in ${one.t}`, one.w].filter(Boolean);
    parts.push(make("p", facts.join(" · "), "meta"));
    const link = make("a", "Feedback for the learner");
    link.href = one.f;
    const where = make("p", undefined, "meta");
    where.append(link);
    parts.push(where);
    if (one.p) parts.push(make("p", `✗ ${one.p}`, "problem"));
    return parts;
  };
  const evidence = (row) => {
    const one = row.data, parts = about(row);
    if (one.x) {
      parts.push(make("h3", "To look at (no points are taken for this)"));
      const list = make("ul");
      for (const [kind, step, text, others] of one.x) list.append(make("li", `${[kind, step].filter(Boolean).join(", ")}: ${data.texts[text]}${others.length ? ` (with ${few(others)})` : ""}`));
      parts.push(list);
    }
    for (const [at, words, steps] of one.k) {
      parts.push(make("h3", `${data.tasks[at].task} ${data.tasks[at].title}: ${words}`));
      const list = make("ul", undefined, "steps");
      list.append(...steps.map((step) => stepItem(at, step)));
      parts.push(list);
    }
    return parts;
  };
  const show = (title, parts, several) => {
    $("who").textContent = title;
    content.replaceChildren(...parts);
    for (const button of [$("before"), $("after")]) button.hidden = several;
    if (!dialog.open) dialog.showModal();
    content.scrollTop = 0;
  };
  const open = (row) => {
    current = row;
    show(row.data.n, evidence(row), false);
  };

  // What a finding is about, of each who is in it.
  const compare = (row, [kind, step, text, others]) => {
    const inIt = [row, ...rows.filter((other) => other !== row && others.includes(other.data.s)).slice(0, SHOWN)];
    const beside = make("div", undefined, "beside");
    for (const one of inIt) {
      const column = make("section");
      column.append(make("h3", one.data.n), ...about(one));
      const list = make("ul", undefined, "steps");
      for (const [at, , steps] of one.data.k) for (const found of steps) if ([data.tasks[at].task, data.tasks[at].steps[found[0]][0]].includes(step)) list.append(stepItem(at, found));
      if (list.children.length) column.append(list);
      beside.append(column);
    }
    current = row;
    show([kind, step].filter(Boolean).join(", "), [make("p", data.texts[text]), beside], true);
  };
  const move = (by) => {
    const next = wantedRows[wantedRows.indexOf(current) + by];
    if (next) open(next);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-finding]");
    if (button) {
      const row = rows[Number(button.dataset.row)];
      compare(row, row.data.x[Number(button.dataset.finding)]);
      return;
    }
    const link = event.target.closest("a[data-row]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(rows[Number(link.dataset.row)]);
  });
  $("close").addEventListener("click", () => dialog.close());
  $("before").addEventListener("click", () => move(-1));
  $("after").addEventListener("click", () => move(1));
  dialog.addEventListener("close", () => current && current.element.querySelector("a").focus());
})();
