// Loaded by every page, needed by none: what it adds is only shown once it runs.

const page = document.documentElement;

/** Reads or writes what this browser remembers; a browser that refuses remembers nothing. */
export const memory = {
  get(key) {
    try {
      return localStorage.getItem(key);
    } catch (blocked) {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch (blocked) {
      // A private window: the choice holds until the page is left.
    }
  },
};

// ── Text size ──

const sizeLinks = [...document.querySelectorAll(".sizes a")];

function markSize() {
  const size = page.dataset.size || "1";
  for (const link of sizeLinks) {
    if (link.search === `?size=${size}`) {
      link.setAttribute("aria-current", "true");
    } else {
      link.removeAttribute("aria-current");
    }
  }
}

for (const link of sizeLinks) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    page.dataset.size = link.search.slice(-1);
    memory.set("size", page.dataset.size);
    markSize();
  });
}
markSize();

// ── Tools ──

/** The voice that reads Mandarin aloud, undefined where the phone has none. */
export function chineseVoice() {
  // A voice of Hong Kong reads the same signs in Cantonese.
  return speechSynthesis.getVoices().find(({ lang }) => /^(zh|cmn)(?!.*HK)/i.test(lang));
}

if (window.speechSynthesis) {
  const look = () => {
    if (chineseVoice()) {
      page.dataset.voice = "";
    }
  };
  look();
  // Voices come late, and Safari knows no addEventListener here.
  speechSynthesis.onvoiceschanged = look;
}

for (const button of document.querySelectorAll("[data-tool]")) {
  const say = (words) => {
    button.parentNode.querySelector("[role=status]").textContent = words;
  };
  button.addEventListener("click", () => {
    import(`./${button.dataset.tool}.js`).then(
      (tool) => tool.run(button, say),
      () => say("现在打不开，等有网络再试。"),
    );
  });
}

for (const place of document.querySelectorAll("[data-module]")) {
  import(`./${place.dataset.module}.js`).then((module) => module.fill(place));
}

// ── Without a network ──

if (navigator.serviceWorker) {
  page.dataset.worker = "";
  addEventListener("load", () => {
    const policy =
      window.trustedTypes && trustedTypes.createPolicy("worker", { createScriptURL: () => "/sw.js" });
    // A browser that refuses it does without.
    navigator.serviceWorker
      .register(policy ? policy.createScriptURL("") : "/sw.js")
      .catch((refusal) => console.info(refusal.message));
  });
}

// ── The city that was looked at last ──

const { city, name } = document.body.dataset;
if (city) {
  memory.set("city", `${city} ${name}`);
}

/** The last city as [slug, name], nothing where none was looked at. */
export const lastCity = () => (/^([a-z-]+) (.+)$/.exec(memory.get("city") || "") || []).slice(1);

const last = document.querySelector(".find__last");
if (last && lastCity().length) {
  const link = last.querySelector("a");
  link.href = `/${lastCity()[0]}/`;
  link.textContent = lastCity()[1];
  last.hidden = false;
}

// ── The finder: fetched when somebody turns to it ──

const form = document.querySelector(".find");
if (form) {
  const load = () => import("./finder.js").then((finder) => finder.start(form));
  if (form.dataset.kind) {
    load();
  } else {
    form.addEventListener("focusin", load, { once: true });
  }
}

// ── Paper ──

// What is folded is printed too; browsers that cannot do it by style sheet get it opened.
window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) {
    folded.open = true;
  }
});
