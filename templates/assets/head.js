/* Inlined before the style sheet: the chosen text size must be there before the first line is
   drawn, and so must what a phone cannot do. A link may bring a size along (?size=3). */
(function (page) {
  var size = /[?&]size=([123])/.exec(location.search);
  page.setAttribute("data-js", "");
  if (!window.speechSynthesis) { page.setAttribute("data-mute", ""); }
  if (/MicroMessenger/i.test(navigator.userAgent)) { page.setAttribute("data-wechat", ""); }
  try {
    if (size) { localStorage.setItem("size", size[1]); }
    size = localStorage.getItem("size");
  } catch (blocked) {
    size = size && size[1];
  }
  if (size === "2" || size === "3") { page.setAttribute("data-size", size); }
})(document.documentElement);
