// Reading a calculator's form: every mistake gets one sentence beside its field, and what was
// typed stays.

import { dayNumber } from "./rules.js";

/** Text as typed, with full-width digits and signs made plain. */
const plain = (text) => text.normalize("NFKC").replace(/[\s,，元年月]/g, "");

/** A mistake of one field, in words. */
export class Mistake extends Error {
  constructor(name, words) {
    super(words);
    this.field = name;
  }
}

/**
 * The month that two fields name, their names starting with `start`: {first, last, year, month},
 * its first and last day as numbers.
 */
export function readMonth(form, start, what) {
  const year = plain(form.elements[`${start}y`].value);
  const month = plain(form.elements[`${start}m`].value);
  if (!/^[0-9]{4}$/.test(year)) {
    throw new Mistake(`${start}y`, `请填4位数的年份，例如${what}`);
  }
  if (!/^(0?[1-9]|1[0-2])$/.test(month)) {
    throw new Mistake(`${start}m`, "月份请填1到12");
  }
  const first = dayNumber(Number(year), Number(month), 1);
  const next = Number(month) === 12 ? [Number(year) + 1, 1] : [Number(year), Number(month) + 1];
  return { first, last: dayNumber(next[0], next[1], 1) - 1, year: Number(year), month: Number(month) };
}

/** Money of a field in fen. */
export function readFen(form, name) {
  const text = plain(form.elements[name].value);
  const match = /^([0-9]{1,7})(?:\.([0-9]{1,2}))?$/.exec(text);
  const fen = match ? Number(match[1]) * 100 + Number(((match[2] || "") + "00").slice(0, 2)) : 0;
  if (!fen) {
    throw new Mistake(name, "请填每月多少元，最多两位小数，例如5000");
  }
  return fen;
}

/** The chosen option of a group of radio buttons. */
export function readChoice(form, name) {
  const chosen = form.querySelector(`input[name="${name}"]:checked`);
  if (!chosen) {
    throw new Mistake(name, "请选一个");
  }
  return chosen.value;
}

/** Fen as the page writes money: 1,320元, 84.39元. */
export function yuan(fen) {
  const whole = String(Math.floor(fen / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
  const rest = fen % 100;
  return `${whole}${rest ? `.${String(rest).padStart(2, "0")}` : ""}元`;
}

function clearMistakes(form) {
  for (const note of form.querySelectorAll(".calc__mistake")) {
    note.remove();
  }
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

function showMistake(form, mistake) {
  const found = form.elements[mistake.field];
  const field = found instanceof Element ? found : found[0];
  const note = document.createElement("p");
  note.className = "calc__mistake overdue";
  note.id = `mistake-${mistake.field}`;
  note.textContent = mistake.message;
  field.closest("fieldset").append(note);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", note.id);
  field.focus();
}

/** Keeps what was typed in the address, so that the result can be sent to somebody. */
function remember(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    query.set(name, value);
  }
  history.replaceState(null, "", `?${query}${location.hash}`);
}

/** Fills a form from the address; true if every group of fields got something. */
function recall(form) {
  const query = new URLSearchParams(location.search);
  const names = new Set([...form.elements].map((field) => field.name).filter(Boolean));
  for (const field of form.elements) {
    if (!query.has(field.name)) {
      continue;
    }
    if (field.type === "radio") {
      field.checked = field.value === query.get(field.name);
    } else {
      field.value = query.get(field.name);
    }
  }
  return [...names].every((name) => query.has(name));
}

/**
 * Brings a calculator to life: `solve(form, data)` returns sentences or throws a Mistake.
 */
export function enliven(section, solve) {
  const form = section.querySelector("form");
  const answer = section.querySelector(".calc__answer");
  const data = JSON.parse(section.querySelector("script").textContent);
  const run = () => {
    clearMistakes(form);
    answer.textContent = "";
    try {
      answer.textContent = solve(form, data).join("");
    } catch (mistake) {
      if (!(mistake instanceof Mistake)) {
        throw mistake;
      }
      showMistake(form, mistake);
      return;
    }
    remember(form);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  if (recall(form)) {
    run();
  }
}

/** Today as a day number, never before the day that the page was made for. */
export function today(asOf) {
  const now = new Date();
  return Math.max(asOf, dayNumber(now.getFullYear(), now.getMonth() + 1, now.getDate()));
}
