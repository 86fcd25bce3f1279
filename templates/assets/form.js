// Reading a calculator's form: every mistake gets one sentence beside its field, and what was
// typed stays.

import { dateOf, dayNumber } from "./rules.js";

/** A mistake of one field, in words. */
export class Mistake extends Error {
  constructor(name, words) {
    super(words);
    this.field = name;
  }
}

/** What was typed, with full-width digits and signs made plain; a Mistake where it does not fit. */
function read(form, name, pattern, words) {
  const text = form.elements[name].value.normalize("NFKC").replace(/[\s,，元年个月]/g, "");
  if (!pattern.test(text)) {
    throw new Mistake(name, words);
  }
  return text;
}

const readYear = (form, name) =>
  Number(read(form, name, /^(19|20)[0-9]{2}$/, "请填4位数的年份，例如1960"));

/** The month that two fields name: its first day as a number. */
function readMonth(form, start) {
  const year = readYear(form, `${start}y`);
  const month = read(form, `${start}m`, /^(0?[1-9]|1[0-2])$/, "月份请填1到12");
  return dayNumber(year, Number(month), 1);
}

// How each kind of field is read; money comes in fen, a length of time in months.
const READ = {
  birth: (form) => readMonth(form, ""),
  month: (form, name) => readMonth(form, `${name}-`),
  year: readYear,
  length(form, name) {
    const years = read(form, `${name}-y`, /^[0-9]{0,2}$/, "几年，请填数字，没有就填0");
    const months = read(form, `${name}-m`, /^([0-9]|1[01])?$/, "几个月，请填0到11");
    if (!years && !months) {
      throw new Mistake(`${name}-y`, "请填几年几个月，没有就填0");
    }
    return Number(years) * 12 + Number(months);
  },
  yuan(form, name) {
    const pattern = /^(?=.*[1-9])[0-9]{1,7}(\.[0-9]{1,2})?$/;
    const text = read(form, name, pattern, "请填每月多少元，最多两位小数，例如5000");
    return Math.round(Number(text) * 100);
  },
  choice(form, name) {
    const chosen = form.querySelector(`input[name="${name}"]:checked`);
    if (!chosen) {
      throw new Mistake(name, "请选一个");
    }
    return chosen.value;
  },
};

/** What the form says of a person, by the names of its fields. */
export function readPerson(form, data) {
  const person = {};
  for (const [name, kind] of data.fields) {
    person[name] = READ[kind](form, name);
  }
  return person;
}

/** Fen as the page writes money: 1,320元, 84.39元. */
export function yuan(fen) {
  const whole = String(Math.floor(fen / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
  const rest = fen % 100;
  return `${whole}${rest ? `.${String(rest).padStart(2, "0")}` : ""}元`;
}

/** The month of a day number: 2028年3月. */
export function monthText(number) {
  const { year, month } = dateOf(number);
  return `${year}年${month}月`;
}

/** The first day of the month so many months after the month of a day. */
export function monthsOn(number, months) {
  const count = dateOf(number).months + months;
  return dayNumber(Math.floor(count / 12), (count % 12) + 1, 1);
}

/** Shows a mistake beside its field; returns how to take it away again. */
function show(form, { field: name, message }) {
  const found = form.elements[name];
  const field = found instanceof Element ? found : found[0];
  const note = document.createElement("p");
  note.className = "calc__mistake overdue";
  note.id = `mistake-${name}`;
  note.textContent = message;
  field.closest("fieldset").append(note);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", note.id);
  field.focus();
  return () => {
    note.remove();
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  };
}

/** Fills a form from the address; true if the address has something for every field. */
function recall(form) {
  const query = new URLSearchParams(location.search);
  const fields = [...form.elements].filter((field) => field.name);
  for (const field of fields) {
    if (field.type === "radio") {
      field.checked = field.value === query.get(field.name);
    } else {
      field.value = query.get(field.name) || "";
    }
  }
  return fields.every((field) => query.has(field.name));
}

/**
 * Brings a calculator to life: `solve(person, data, today)` returns paragraphs, the answer
 * itself first, or throws a Mistake. What was typed is kept in the address, so that the result can be sent to somebody.
 */
export function enliven(section, solve) {
  const form = section.querySelector("form");
  const answer = section.querySelector(".calc__answer");
  const data = JSON.parse(section.querySelector("script").textContent);
  let forget = () => {};
  const run = () => {
    forget();
    answer.textContent = "";
    try {
      for (const words of solve(readPerson(form, data), data, today(data.asOf)).filter(Boolean)) {
        const line = document.createElement("p");
        line.textContent = words;
        answer.append(line);
      }
    } catch (mistake) {
      if (!(mistake instanceof Mistake)) {
        throw mistake;
      }
      forget = show(form, mistake);
      return;
    }
    const query = `?${new URLSearchParams(new FormData(form))}`;
    history.replaceState(null, "", query + location.hash);
    section.dataset.answered = "";
    const sheet = document.querySelector(".tools .paper");
    if (sheet) {
      sheet.search = query;
    }
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
function today(asOf) {
  const now = new Date();
  return Math.max(asOf, dayNumber(now.getFullYear(), now.getMonth() + 1, now.getDate()));
}
