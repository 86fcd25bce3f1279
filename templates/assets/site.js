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

// ── Paper ──

// What is folded is printed too; browsers that cannot do it by style sheet get it opened.
window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) {
    folded.open = true;
  }
});
