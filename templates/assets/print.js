// Loaded by what is made for paper: a button where the browser can print, and today's date.

const how = document.querySelector(".how");

if (/MicroMessenger/i.test(navigator.userAgent)) {
  how.textContent = "微信里不能打印。点右上角“…”，选“在浏览器打开”，再打印。";
} else {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = document.body.className ? "打印这一本" : "打印这一页";
  button.addEventListener("click", () => window.print());
  how.textContent = "";
  how.appendChild(button);
}

const today = document.querySelector(".today");

if (today) {
  window.addEventListener("beforeprint", () => {
    const day = new Date();
    today.textContent = `${day.getFullYear()}年${day.getMonth() + 1}月${day.getDate()}日`;
  });
}

// The answer of a calculator, where the address has what was typed.
for (const place of document.querySelectorAll("[data-module]")) {
  import(`./${place.dataset.module}.js`).then((module) => module.fill(place));
}
