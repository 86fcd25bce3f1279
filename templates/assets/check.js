// 变了没有: a printed sheet, named by the code on it, is held against what has changed since.

const HELP = "以网页为准；拿不准，打";

/** What the address asks: {city, guide, day, number} as far as it can be read. */
function readAddress(search) {
  const query = new URLSearchParams(search);
  const sheet = /^([a-z-]{2,40})\/([a-z-]{2,40})$/.exec(query.get("p") || "") || [];
  const date = /^(20\d{6})(?:\.(\d{1,4}))?$/.exec(query.get("d") || "") || [];
  return {
    isEmpty: !query.get("p") && !query.get("d"),
    city: sheet[1],
    guide: sheet[2],
    day: isDay(date[1]) ? date[1] : "",
    number: Number(date[2] || 0),
  };
}

/** Whether 20261105 is a day of the calendar. */
function isDay(text) {
  const parts = /^(\d{4})(\d\d)(\d\d)$/.exec(text || "");
  if (!parts) {
    return false;
  }
  const day = new Date(Date.UTC(parts[1], parts[2] - 1, parts[3]));
  return day.toISOString().slice(0, 10) === parts.slice(1).join("-");
}

/** The day in Shanghai, wherever the phone is: 20261105. */
function today() {
  return new Date(Date.now() + 8 * 3600 * 1000).toISOString().slice(0, 10).replace(/-/g, "");
}

/** 20261105 → 2026年11月5日. */
function words(day) {
  return `${day.slice(0, 4)}年${Number(day.slice(4, 6))}月${Number(day.slice(6))}日`;
}

/** The events that a sheet does not know of yet: later than the newest one on it, and come by now. */
function changesOf(events, asked, now) {
  const later = events.filter(({ day, number }) =>
    number ? day > asked.day || (day === asked.day && number > asked.number) : day > asked.day && day <= now,
  );
  // What a note has told already is not told again on its first day.
  const told = later.filter(({ number }) => number).map(({ key }) => key);
  return later.filter(({ key, number }) => number || !told.includes(key));
}

/** A new element inside of `parent`, with text. */
function add(parent, tag, text) {
  const made = parent.appendChild(document.createElement(tag));
  made.textContent = text;
  return made;
}

function addLink(parent, url, text) {
  add(parent, "a", text).href = url;
}

/** A sentence about the sheet, the way to its page, and whom to ask. */
function say(box, sentence, asked) {
  add(box, "p", sentence);
  addWays(box, asked);
}

function addWays(box, { city, guide }) {
  if (city) {
    const way = add(box, "p", "打开网页：");
    addLink(way, `/${city}/${guide}/`, "这张纸的那一页");
    way.append("。");
  }
  const help = add(box, "p", HELP);
  addLink(help, "tel:12393", "12393");
  help.append("。");
}

/** Words of an entry; many of them are folded. */
function addWords(item, head, text) {
  if (text.length <= 120) {
    add(item, "p", `${head}：${text}`);
    return;
  }
  const box = add(item, "details", "");
  box.className = "more";
  add(box, "summary", `${head}：共${text.length}字，点开看`);
  add(box, "p", text);
}

function addChange(list, { place, label, since, was, now, kind, why, level, sources }) {
  const item = add(list, "li", "");
  add(item, "b", `${place}：${label}`);
  item.append(`，${since}`);
  if (was) {
    addWords(item, "原来", was);
  }
  addWords(item, was ? "改为" : "规定", now || "撤下了，没有这一条");
  if (why) {
    add(item, "p", `${kind}。${why}`);
  }
  for (const [title, url] of sources) {
    const line = add(item, "p", "依据：");
    addLink(line, url, title);
    line.append(level ? `（${level}）` : "");
  }
}

/** What became of the sheet, in the words of the history of its city. */
function tell(box, history, asked) {
  const [label, places] = history.guides[asked.guide];
  const changes = changesOf(places.map((place) => history.events[place]), asked, today());
  const span = `${history.name}“${label}”，从${words(asked.day)}到今天（${words(today())}）`;
  add(box, "h2", changes.length ? "变了" : "没有变");
  if (changes.length) {
    add(box, "p", `${span}，纸上有${changes.length}处变了：`);
    const list = add(box, "ul", "");
    list.className = "changes";
    list.setAttribute("role", "list");
    changes.reverse().forEach((change) => addChange(list, change));
  } else {
    add(box, "p", `${span}，纸上的规定没有变。`);
  }
  add(box, "p", "比的是规定里的数和条件。去哪里办、在手机上点哪里，看网页。");
  addWays(box, asked);
}

/** The history of a city, or a sentence that says why there is none to read. */
async function readHistory(city) {
  let response;
  try {
    response = await fetch(`/${city}/gengxin/history.json`, { cache: "no-cache" });
  } catch (error) {
    return "现在没有网络，没法比。等有网络，再扫一次。";
  }
  if (response.status === 404) {
    return "没有这个地方的记录，没法比。";
  }
  try {
    return await response.json();
  } catch (error) {
    return "记录没有读出来，没法比。过一会儿再扫一次。";
  }
}

/** Why a sheet cannot be held against a history; empty where it can. */
function obstacle(history, asked) {
  if (typeof history === "string") {
    return history;
  }
  if (!Object.keys(history.guides).includes(asked.guide)) {
    return `${history.name}没有这样的一张纸，没法比。`;
  }
  if (asked.day < history.since) {
    return `从${words(history.since)}起，我们才一条一条记变化；这张纸更早，没法比。`;
  }
  return "";
}

/** What can be said of a sheet without asking for a history; empty where one is needed. */
function flaw({ city, day }) {
  if (!city) {
    return "网址不全，看不出是哪一张纸。再扫一次，或者在下面选城市。";
  }
  return day && day <= today() ? "" : "网址里的日子不对，没法比。再扫一次，或者打开网页对一对。";
}

export async function fill(section) {
  const asked = readAddress(location.search);
  if (asked.isEmpty) {
    return;
  }
  const history = flaw(asked) || (await readHistory(asked.city));
  const why = obstacle(history, asked);
  // Until there is an answer, the page says what to do without one.
  const box = section.querySelector("[role=status]");
  box.textContent = "";
  if (why) {
    say(box, why, asked);
  } else {
    tell(box, history, asked);
  }
}
