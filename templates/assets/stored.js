// The page without a network: which pages this phone has stored, as the worker (/sw.js) did.

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'" };

export async function fill(place) {
  if (!("caches" in window)) {
    return;
  }
  const kept = await linksOf("kept");
  const visited = await linksOf("visited");
  if (!kept.length && !visited.length) {
    return;
  }
  place.textContent = "";
  addList(place, "存下的城市", kept.sort((a, b) => (a.path < b.path ? -1 : 1)));
  addList(place, "看过的页", visited.reverse());
}

function addList(place, heading, links) {
  if (!links.length) {
    return;
  }
  const title = document.createElement("h2");
  title.textContent = heading;
  const list = document.createElement("ul");
  list.className = "menu";
  list.setAttribute("role", "list");
  for (const { path, name, day } of links) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = path;
    link.textContent = name;
    const date = document.createElement("span");
    date.className = "entry__date";
    date.textContent = `${day.getMonth() + 1}月${day.getDate()}日存`;
    item.append(link, date);
    list.append(item);
  }
  place.append(title, list);
}

async function linksOf(name) {
  if (!(await caches.has(name))) {
    return [];
  }
  const cache = await caches.open(name);
  return Promise.all(
    (await cache.keys()).map(async ({ url }) => {
      const response = await cache.match(url);
      const title = /<title>([^<]*)/.exec(await response.text());
      return {
        path: new URL(url).pathname,
        // A title is “page - site”; the signs that HTML writes otherwise are put back.
        name: title[1].split(" - ")[0].replace(/&(?:amp|lt|gt|#34|#39);/g, (sign) => ENTITIES[sign]),
        day: new Date(Number(response.headers.get("x-stored"))),
      };
    }),
  );
}
