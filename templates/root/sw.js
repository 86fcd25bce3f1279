{# A worker of the browser: a bonus, never needed. Network first, so that no old figure stands in
   for a new one; what comes from the store says so and says of which day it is. #}
// Written by the build: a new folder of assets is a new version of this worker.
const FOLDER = {{ assets | tojson }};
const MODULES = {{ modules | tojson }};

const OFFLINE = "/lixian/";
// The files of this version; it leaves with the next one.
const SHELL = `shell ${FOLDER}`;
// Pages that were looked at, the newest MOST of them; and those that somebody chose to keep.
const VISITED = "visited";
const KEPT = "kept";
const MOST = 60;
// Milliseconds that a stored page waits for a fresh one.
const PATIENCE = 2500;

addEventListener("install", (event) => {
  event.waitUntil(fillShell());
});

async function fillShell() {
  const shell = await caches.open(SHELL);
  // What the list of stored pages needs; other modules come when a page asks for them.
  const first = MODULES.filter((path) => /\/(site|stored)\.js$/.test(path));
  await shell.addAll([new Request(OFFLINE, { cache: "reload" }), ...first]);
}

// The next version waits until no page of this one is open: modules that those still need stay.
addEventListener("activate", (event) => {
  event.waitUntil(takeOver());
});

async function takeOver() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("shell ") && name !== SHELL);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
  // The page that brought this worker along was loaded before it.
  for (const client of await clients.matchAll({ type: "window" })) {
    const response = await fetch(client.url).catch(() => null);
    if (response) {
      await remember(keyOf(client.url), response);
    }
  }
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) {
    return;
  }
  if (request.mode === "navigate") {
    event.respondWith(page(event));
  } else if (url.pathname.startsWith(FOLDER)) {
    event.respondWith(asset(request));
  }
});

/** A page: fresh where the network answers in time, else stored with a note, else /lixian/. */
async function page(event) {
  const key = keyOf(event.request.url);
  let remembered;
  const answer = fetch(event.request).then(
    (response) => {
      remembered = remember(key, response.clone());
      return response;
    },
    () => null,
  );
  event.waitUntil(answer.then(() => remembered));
  const stored = await find(key);
  const late = "late";
  const first = await (stored ? Promise.race([answer, sleep(late)]) : answer);
  if (first && first !== late && (first.status < 500 || !stored)) {
    return first;
  }
  if (stored) {
    const why = first ? "网站打不开，或者网络很慢。" : "现在没有网络。";
    const day = new Date(Number(stored.headers.get("x-stored")));
    const date = `${day.getFullYear()}年${day.getMonth() + 1}月${day.getDate()}日`;
    return noted(stored, `${why}这是${date}存下的，数字可能变了。`, 200);
  }
  const shell = await caches.match(OFFLINE, { cacheName: SHELL });
  if (!shell) {
    return Response.error();
  }
  return new URL(key).pathname === OFFLINE
    ? noted(shell, "现在没有网络。", 200)
    : noted(shell, "现在没有网络，这一页没有存过。", 503);
}

/** A file of this version; others are not of our pages. */
async function asset(request) {
  const shell = await caches.open(SHELL);
  const own = await shell.match(request.url);
  if (own) {
    return own;
  }
  const response = await fetch(request);
  if (response.ok) {
    await shell.put(request.url, response.clone());
  }
  return response;
}

/** Stores a page that was looked at; forgets one that is gone. */
async function remember(key, response) {
  const [visited, kept] = await Promise.all([caches.open(VISITED), caches.open(KEPT)]);
  if (response.status === 404 || response.status === 410) {
    await Promise.all([visited.delete(key), kept.delete(key)]);
  }
  if (!isPage(response) || new URL(key).pathname === OFFLINE) {
    return;
  }
  if (await kept.match(key)) {
    await put(kept, key, response);
    return;
  }
  // Deleted first: the order of the keys is that of the last visits.
  await visited.delete(key);
  await put(visited, key, response);
  const keys = await visited.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST)).map((old) => visited.delete(old)));
}

addEventListener("message", (event) => {
  event.waitUntil(keepAll(event.data.keep, event.ports[0]));
});

/** Stores the pages of `paths` for good and tells `port` after each how many there are. */
async function keepAll(paths, port) {
  const [visited, kept] = await Promise.all([caches.open(VISITED), caches.open(KEPT)]);
  let count = 0;
  try {
    await (await caches.open(SHELL)).addAll(MODULES);
    for (const path of paths) {
      const response = await fetch(path, { cache: "no-cache" });
      if (!isPage(response)) {
        throw new TypeError(`${path} is no page of ours (${response.status})`);
      }
      const key = keyOf(new URL(path, location));
      await put(kept, key, response);
      await visited.delete(key);
      count += 1;
      port.postMessage({ count, isWhole: count === paths.length });
    }
  } catch (error) {
    // No network, no room: what is stored so far stays.
    port.postMessage({ count, error: String(error) });
  }
}

async function put(cache, key, response) {
  const headers = new Headers(response.headers);
  // The body is stored as it was read, under its address alone.
  ["content-encoding", "content-length", "vary"].forEach((name) => headers.delete(name));
  headers.set("x-stored", String(Date.now()));
  await cache.put(key, new Response(await response.blob(), { headers }));
}

async function find(key) {
  const kept = await caches.match(key, { cacheName: KEPT });
  return kept || caches.match(key, { cacheName: VISITED });
}

/** The stored page with a line of our own words above its content. */
async function noted(response, words, status) {
  const html = await response.text();
  const note = `<p class="stored">${words}</p>\n<main`;
  return new Response(html.replace("<main", note), { status, headers: response.headers });
}

/** The same page, whatever stands behind ? and #. */
function keyOf(address) {
  const url = new URL(address);
  return url.origin + url.pathname;
}

function isPage(response) {
  const kind = response.headers.get("content-type") || "";
  return response.status === 200 && response.type === "basic" && kind.startsWith("text/html");
}

function sleep(result) {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE, result);
  });
}
