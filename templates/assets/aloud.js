// 念给我听: the heading and the text of a page through the voice of the phone.

import { chineseVoice } from "./site.js";

// Some voices cut off what is longer.
const LONGEST = 150;

const SKIPPED =
  "nav, button, textarea, .src, .tools, .calc:not([data-answered]), .calc form, .calc .lead, script, .sources, [hidden]";
// After the first a sentence ends, after the second it only pauses: a label goes on.
const BLOCKS = /^(H[1-6]|P|LI|DD|TR|CAPTION|SUMMARY|DIV|SECTION|ARTICLE)$/;
const LABELS = /^(DT|TH|TD)$/;
// 12393, 022-12393, 96110, but not 12393元 and not 12,393.
const PHONE = /(^|[^0-9.,-])(0[0-9]{2,3}-[0-9]{3,8}|1[0-9]{4}|96[0-9]{3})(?![0-9.,]*[0-9元])/g;
const DIGITS = "零幺二三四五六七八九";

/** What is said of a page, in pieces of at most 150 characters, in the order of the page. */
export function piecesOf(root) {
  const words = [];
  collect(root, words);
  const text = words
    .join("")
    .replace(/\s+/g, "")
    .replace(/([。！？；：，、（])[。，]+/g, "$1")
    .replace(/，+([。！？；：、）])/g, "$1")
    .replace(/^[。，]+/, "");
  return split(spoken(text));
}

function collect(node, words) {
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) {
      words.push(child.data);
    } else if (child.nodeType === Node.ELEMENT_NODE && isSaid(child)) {
      collect(child, words);
      if (BLOCKS.test(child.tagName)) {
        words.push("。");
      } else if (LABELS.test(child.tagName)) {
        words.push("，");
      }
    }
  }
}

/** Whether a reader sees an element and it is none of the frame. */
function isSaid(element) {
  const folded = element.closest("details:not([open])");
  if (folded && folded !== element && !element.closest("summary")) {
    return false;
  }
  const listsSources = element.tagName === "SECTION" && element.querySelector(".sources");
  return !element.matches(SKIPPED) && !listsSources && element.getClientRects().length > 0;
}

/** The words as a voice gets them right: a number to dial digit by digit, with 幺 for one. */
export function spoken(text) {
  return text
    .replace(PHONE, (found, before, number) => {
      const digits = number.replace(/[0-9]/g, (digit) => DIGITS[Number(digit)]);
      return before + digits.replace("-", "，");
    })
    .replace(/([0-9]),(?=[0-9]{3})/g, "$1")
    .replace(/›/g, "，");
}

/** Whole sentences as far as they go together; a longer one is cut at a comma, else anywhere. */
function split(text) {
  const pieces = [""];
  for (const sentence of text.match(/[^。！？；]*[。！？；]|[^。！？；]+$/g) || []) {
    const parts = sentence.length > LONGEST ? sentence.match(/[^，、：]{1,149}[，、：]?/g) : [sentence];
    for (const part of parts) {
      if (pieces[pieces.length - 1].length + part.length > LONGEST) {
        pieces.push("");
      }
      pieces[pieces.length - 1] += part;
    }
  }
  return pieces.filter((piece) => piece.replace(/[。，]/g, ""));
}

// ── The voice ──

let pieces = [];
let next = 0;
let current = null; // the utterance that is heard, null while none is
let stop = null; // the second button

export function run(button, say) {
  if (current) {
    hush();
    button.textContent = "接着念";
    return;
  }
  if (!stop) {
    stop = button.cloneNode();
    stop.removeAttribute("data-tool");
    stop.textContent = "停下";
    stop.addEventListener("click", () => end(button));
    button.after(stop);
    addEventListener("pagehide", hush);
  }
  if (stop.hidden || !pieces.length) {
    const note = document.querySelector(".stored");
    pieces = [...(note ? piecesOf(note) : []), ...piecesOf(document.querySelector("main"))];
    next = 0;
  }
  stop.hidden = false;
  button.textContent = "暂停";
  say("");
  // What another page left in the queue.
  speechSynthesis.cancel();
  speak(button, say);
}

function speak(button, say) {
  const utterance = new SpeechSynthesisUtterance(pieces[next]);
  utterance.voice = chineseVoice();
  utterance.lang = "zh-CN";
  utterance.rate = 0.9;
  utterance.addEventListener("end", () => {
    if (utterance !== current) {
      return;
    }
    next += 1;
    if (next < pieces.length) {
      speak(button, say);
    } else {
      end(button);
    }
  });
  utterance.addEventListener("error", () => {
    if (utterance === current) {
      end(button);
      say("手机没能念出来。");
    }
  });
  current = utterance;
  speechSynthesis.speak(utterance);
}

/** Silence; the piece that was begun is begun again later: pause() of many phones hangs. */
function hush() {
  current = null;
  speechSynthesis.cancel();
}

function end(button) {
  hush();
  button.textContent = "念给我听";
  if (document.activeElement === stop) {
    button.focus();
  }
  stop.hidden = true;
}
