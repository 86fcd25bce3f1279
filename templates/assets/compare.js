// 两个城市比一比: two cities → a table with a row a topic, in the words of their own pages.

/** The cities that the page lists: Map of slug → name; fills both fields on the way. */
function readCities(section, fields) {
  const names = new Map();
  // Each field is touched once: a list on the page sorts itself out after every option.
  const lists = fields.map(() => document.createDocumentFragment());
  for (const heading of section.querySelectorAll("nav h3")) {
    const cities = [...heading.nextElementSibling.querySelectorAll("a")];
    const pairs = cities.map((link) => [link.pathname.split("/")[1], link.textContent]);
    for (const list of lists) {
      const group = list.appendChild(document.createElement("optgroup"));
      group.label = heading.textContent;
      group.append(...pairs.map(([slug, name]) => new Option(name, slug)));
    }
    pairs.forEach(([slug, name]) => names.set(slug, name));
  }
  fields.forEach((field, number) => field.append(lists[number]));
  return names;
}

/** Why there is nothing to compare yet, as a sentence; empty where there is. */
function whatIsMissing(slugs, names) {
  const strange = slugs.find((slug) => slug && !names.has(slug));
  if (strange) {
    return `没有“${strange.slice(0, 20)}”这个城市。请在上面选。`;
  }
  const [a, b] = slugs;
  if (!a || !b) {
    return a || b ? "再选一个城市。" : "请选两个城市。";
  }
  return a === b ? "两边是同一个城市。请换一个。" : "";
}

/** A cell of one city: its answer as a link to its page, below it how sure and how old that is. */
function answerCell([words, note], url, what) {
  const box = document.createElement("td");
  const link = box.appendChild(document.createElement("a"));
  link.href = url;
  link.textContent = words;
  link.setAttribute("aria-label", `${words}（${what}）`);
  if (note) {
    const small = box.appendChild(document.createElement("p"));
    small.className = "entry__date";
    small.textContent = note;
  }
  return box;
}

function headCell(row, scope, words) {
  const head = row.appendChild(document.createElement("th"));
  head.scope = scope;
  head.textContent = words;
  return head;
}

/** Writes the table of two cities: a topic on a line of its own, below it both answers. */
function show(table, data, slugs, names) {
  const cities = slugs.map((slug) => names.get(slug));
  table.caption.textContent = `${cities.join("和")}，一样一样比`;
  table.tHead.textContent = "";
  const head = table.tHead.insertRow();
  cities.forEach((city) => headCell(head, "col", city));
  for (const body of [...table.tBodies]) {
    body.remove();
  }
  data.topics.forEach(([guide, name], number) => {
    const body = table.appendChild(document.createElement("tbody"));
    headCell(body.insertRow(), "rowgroup", name).colSpan = 2;
    const row = body.insertRow();
    slugs.forEach((slug, city) => {
      const answer = data.answers[data.pools[slug][number]];
      row.append(answerCell(answer, `/${slug}/${guide}/`, `${cities[city]}，${name}`));
    });
  });
}

/** Brings the page to life: what the address asks for, then what is chosen. */
export async function fill(section) {
  const form = section.querySelector("form");
  const fields = [form.elements.a, form.elements.b];
  const count = section.querySelector(".find__count");
  const table = section.querySelector("table");
  const parts = [table.parentNode, table.parentNode.nextElementSibling];
  const names = readCities(section, fields);
  const asked = new URLSearchParams(location.search);
  let data;

  async function update(slugs) {
    let words = whatIsMissing(slugs, names);
    if (!words && !data) {
      try {
        data = await (await fetch(section.dataset.answers)).json();
      } catch (error) {
        count.textContent = "数据没有下载下来。等有网络，再选一次。";
        throw error;
      }
      // While it came, somebody may have chosen again.
      slugs = fields.map((field) => field.value);
      words = whatIsMissing(slugs, names);
    }
    if (!words) {
      show(table, data, slugs, names);
    }
    for (const part of parts) {
      part.hidden = Boolean(words);
    }
    count.textContent = words;
  }

  function choose() {
    const slugs = fields.map((field) => field.value);
    const query = new URLSearchParams();
    fields.filter((field) => field.value).forEach((field) => query.set(field.name, field.value));
    history.replaceState(null, "", `?${query}${location.hash}`);
    return update(slugs);
  }

  for (const field of fields) {
    const slug = asked.get(field.name) || "";
    field.value = names.has(slug) ? slug : "";
    field.addEventListener("change", choose);
  }
  form.classList.add("is-ready");
  await update(fields.map((field) => asked.get(field.name) || ""));
}
