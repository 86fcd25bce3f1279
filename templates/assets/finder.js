// The box for a city and a question: lists links under the field while somebody types.

import { prepare } from "./matcher.js";
import { find, nearest } from "./results.js";
import { lastCity } from "./site.js";

const NOTHING = "没找到。试试：城市＋要办的事，例如 天津 余额";
const NO_NETWORK = "城市名单没有下载下来。点“找”，看全部城市";

/** Fills a list with links. Everything is text: what was typed never becomes markup. */
export function show(box, results, count) {
  const list = box.querySelector(".find__list");
  list.textContent = "";
  for (const { title, url, note } of results) {
    const item = document.createElement("li");
    const link = item.appendChild(document.createElement("a"));
    link.href = url;
    link.textContent = title;
    if (note) {
      const small = link.appendChild(document.createElement("span"));
      small.className = "find__note";
      small.textContent = note;
    }
    list.appendChild(item);
  }
  box.querySelector(".find__count").textContent = count;
}

/** Brings a form to life: on the search page with its question, on a missing page with a guess. */
export async function start(form) {
  const input = form.elements.q;
  const kind = form.dataset.kind;
  const asked = new URLSearchParams(location.search);
  const guide = (form.elements.guide && form.elements.guide.value) || asked.get("guide") || "";
  if (kind === "results" && !input.value) {
    input.value = asked.get("q") || "";
  }
  offerFullText(input);

  let index;
  try {
    index = prepare(await (await fetch(form.dataset.places)).json());
  } catch (error) {
    show(form, [], NO_NETWORK);
    throw error;
  }

  function update() {
    const text = input.value.trim();
    const results = text ? find(index, text, { city: lastCity()[0], guide }) : [];
    show(form, results, text && (results.length ? `${results.length}个结果` : NOTHING));
  }

  input.addEventListener("input", (event) => {
    // 拼音 that is still being turned into characters is nobody's question yet.
    if (!event.isComposing) {
      update();
    }
  });
  input.addEventListener("compositionend", update);
  if (kind === "missing" && !input.value) {
    const results = nearest(index, location.pathname);
    show(form, results, results.length ? "你是不是要找：" : "");
  } else {
    update();
  }
}

/** The button of the search page; what it needs is fetched when it is pressed. */
function offerFullText(input) {
  const box = document.querySelector(".find__text");
  if (box) {
    box.querySelector("button").addEventListener("click", async () => {
      const { search } = await import("./fulltext.js");
      await search(box, input.value.trim());
    });
  }
}
