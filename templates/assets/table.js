// The national tables: only the places that were asked for, in the order that was asked for.

const NAMES = { "每月": "写每月多少的", "每年": "写每年多少的", "": "有数的" };

/** A name as people type it, without what kind of place it is: 湖北省武汉市 is 湖北武汉. */
const plain = (text) =>
  text.normalize("NFKC").replace(/(?:壮族|回族|维吾尔)?自治区|[省市\s]/g, "");

/** A row with a link and what the province or nobody says of that place. */
function rowLike(model, item, columns) {
  const link = item.querySelector("a").cloneNode(true);
  if (model) {
    const body = model.cloneNode(true);
    const rule = body.querySelector("th a").textContent;
    body.querySelector("th a").replaceWith(link);
    const note = body.querySelector(".table__note td") || noteRow(body, columns);
    note.append(`${note.textContent && "；"}照${rule}规定`);
    return body;
  }
  const body = document.createElement("tbody");
  const row = body.insertRow();
  const head = row.appendChild(document.createElement("th"));
  head.scope = "row";
  head.append(link);
  const mark = item.querySelector(".mark");
  const cell = row.insertCell();
  cell.colSpan = columns - 1;
  cell.textContent = mark ? mark.textContent : "未查到";
  return body;
}

function noteRow(body, columns) {
  const row = body.insertRow();
  row.className = "table__note";
  const cell = row.insertCell();
  cell.colSpan = columns;
  return cell;
}

/** Every place once, in the order of the page: its row, its names, its amount if it has one. */
function readPlaces(section, columns) {
  const places = [];
  for (const part of section.querySelectorAll("section")) {
    const province = plain(part.querySelector("h2").textContent);
    const add = (body) => {
      const rank = body.dataset.rank;
      places.push({
        body,
        province,
        name: plain(body.querySelector("th").textContent),
        amount: rank === undefined ? null : Number(rank),
        per: body.dataset.per,
        place: places.length,
      });
    };
    let model = null;
    const list = part.querySelector("[data-like^='/']");
    for (const body of part.querySelectorAll("tbody")) {
      if (list && body.querySelector("th a").getAttribute("href") === list.dataset.like) {
        model = body;
      } else {
        add(body.cloneNode(true));
      }
    }
    for (const item of part.querySelectorAll("[data-like] li")) {
      add(rowLike(item.parentNode.dataset.like ? model : null, item, columns));
    }
  }
  return places;
}

/** Whether a place or its province is called so: 西安 is not in 陕西安康. */
function isMeant({ name, province }, asked) {
  return name.includes(asked) || province.includes(asked) || (province + name).startsWith(asked);
}

/**
 * Places in the order of their amounts, as groups of [words, places]: amounts of a month and
 * amounts of a year are never put into one order, and what has no amount comes last.
 */
function inGroups(places, order) {
  if (!order) {
    return [["", places]];
  }
  const groups = new Map();
  for (const place of places.filter(({ amount }) => amount !== null)) {
    groups.set(place.per, [...(groups.get(place.per) || []), place]);
  }
  const sign = order === "up" ? 1 : -1;
  for (const group of groups.values()) {
    group.sort((a, b) => sign * (a.amount - b.amount) || a.place - b.place);
  }
  const sorted = [...groups].sort(([, a], [, b]) => b.length - a.length);
  const rest = places.filter(({ amount }) => amount === null);
  const named = sorted.map(([per, group]) => [NAMES[per], group]);
  return rest.length ? [...named, ["没有数可以排的", rest]] : named;
}

function groupHead(words, columns) {
  const body = document.createElement("tbody");
  const head = body.insertRow().appendChild(document.createElement("th"));
  head.colSpan = columns;
  head.scope = "rowgroup";
  head.textContent = words;
  return body;
}

/** An empty table for what is found, with the columns of the table that the page has. */
function makeTable(result, model) {
  const table = result.appendChild(document.createElement("table"));
  table.className = model.className;
  table.createCaption().textContent = result.getAttribute("aria-label");
  table.append(model.tHead.cloneNode(true));
  return table;
}

/** Brings the form above a table to life. */
export function fill(section) {
  const form = section.querySelector("form");
  const { q, s } = form.elements;
  const count = form.querySelector(".find__count");
  const result = section.querySelector(".scroll");
  const whole = section.querySelector(".whole");
  const table = makeTable(result, whole.querySelector("table"));
  const columns = table.tHead.rows[0].cells.length;
  let places;

  function update() {
    const asked = plain(q.value);
    const order = s.value;
    const isWhole = !asked && !order;
    places = places || readPlaces(section, columns);
    for (const body of [...table.tBodies]) {
      body.remove();
    }
    const found = places.filter((place) => isMeant(place, asked));
    if (!isWhole) {
      for (const [words, group] of inGroups(found, order)) {
        if (words) {
          table.append(groupHead(`${words}，${group.length}个地方`, columns));
        }
        table.append(...group.map(({ body }) => body));
      }
    }
    whole.hidden = !isWhole;
    result.hidden = isWhole || !found.length;
    count.textContent = isWhole
      ? ""
      : found.length
        ? `${asked ? "剩下" : "一共"}${found.length}个地方。`
        : `没有叫“${q.value.trim()}”的地方。写城市或省份的名字，例如：武汉、湖北。`;
  }

  function change() {
    const query = new URLSearchParams();
    for (const field of [q, s]) {
      if (field.value.trim()) {
        query.set(field.name, field.value.trim());
      }
    }
    const text = query.toString();
    history.replaceState(null, "", text ? `?${text}` : location.pathname);
    update();
  }

  const asked = new URLSearchParams(location.search);
  q.value = (asked.get("q") || "").slice(0, q.maxLength);
  s.value = ["up", "down"].includes(asked.get("s")) ? asked.get("s") : "";
  q.addEventListener("input", (event) => {
    // 拼音 that is still being turned into characters is nobody's question yet.
    if (!event.isComposing) {
      change();
    }
  });
  q.addEventListener("compositionend", change);
  s.addEventListener("change", change);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.classList.add("is-ready");
  if (q.value || s.value) {
    update();
  }
}
