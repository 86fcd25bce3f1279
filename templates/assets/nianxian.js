// 要交满几年: what has been paid, and when somebody wants to retire → what is missing then.
//
// A length of time is a number of months.

import { enliven, Mistake, monthText } from "./form.js";
import { dateOf, spanOn, valueFor } from "./rules.js";

const UNKNOWN = "没有查到，请打12393问。";

/** A length of time in months as people say it: 20年6个月. */
export function lengthText(months) {
  const years = Math.floor(months / 12);
  const rest = months % 12;
  return `${years ? `${years}年` : ""}${rest || !years ? `${rest}个月` : ""}`;
}

/**
 * What a condition still asks for: {lack, isOpen}, the months that are missing, and whether a
 * part that cannot be computed comes on top. `person` has its facts in months.
 */
export function lackOf(part, person) {
  if (part.text || (part.fact && person[part.fact] === undefined)) {
    return { lack: 0, isOpen: true };
  }
  if (part.fact) {
    return { lack: Math.max(0, part.least * 12 - person[part.fact]), isOpen: false };
  }
  const lacks = (part.any || part.all).map((item) => lackOf(item, person));
  if (part.all) {
    const lack = Math.max(...lacks.map((item) => item.lack));
    return { lack, isOpen: lacks.some((item) => item.isOpen) };
  }
  // The shortest way; of two, the one that is sure.
  return lacks.sort((a, b) => a.lack - b.lack || a.isOpen - b.isOpen)[0];
}

/** Years of a parameter for a person as months; 0 where the rule asks for none, NaN if unknown. */
function asked(span, person) {
  const own = valueFor(span, person);
  const isNone = span.state === "none" || (own && own.value.word === "none");
  return isNone ? 0 : own && typeof own.value === "number" ? own.value * 12 : NaN;
}

/**
 * What somebody lacks on a day who retires on person.retired and has paid person.actual months,
 * person.local of them where they count, and has person.deemed months: {total, actual, paid,
 * lack, lackActual, isCounted, isSure}. `total` and `actual` are what is asked for, NaN where
 * that is unknown; all paid months count for the total, deemed ones unless the rule says that
 * they do not, and isSure tells whether it says anything. Without person.local all count.
 */
export function yearsDue(rules, person, day) {
  const on = (id) => spanOn(rules[id], day);
  const total = asked(on("years.minimum"), person);
  const actual = asked(on("years.actual"), person);
  const deemed = on("years.deemed");
  const isCounted = deemed.state !== "known" || deemed.value.is === "counted";
  const paid = person.actual + (isCounted ? person.deemed : 0);
  const local = person.local === undefined ? person.actual : person.local;
  return {
    total,
    actual,
    paid,
    lack: Math.max(0, total - paid),
    lackActual: Math.max(0, (actual || 0) - local),
    isCounted,
    isSure: deemed.state === "known" || !person.deemed,
  };
}

/** What is missing, in words; of two lacks the longer one. */
function lackText({ lack, lackActual }) {
  const which = lackActual > lack ? "实际缴费" : "";
  return `${which}还差${lengthText(Math.max(lack, lackActual))}`;
}

function least(person, { rules }, today) {
  const { retired } = person;
  const ahead = dateOf(retired).months - dateOf(today).months;
  if (ahead < 0) {
    throw new Mistake("retired-y", "请填这个月或者以后的月份。已经退休的，按退休那年的规定，请打12393问");
  }
  if (person.local > person.actual) {
    throw new Mistake("local-y", "不能比实际交的还多");
  }
  const day = Math.max(today, retired);
  const span = spanOn(rules["years.minimum"], day);
  const own = valueFor(span, person);
  const note = own && own.note ? `（${own.note.replace(/。$/, "")}）` : "";
  const due = yearsDue(rules, person, day);
  if (Number.isNaN(due.total)) {
    return [`${monthText(retired)}退休，要交满几年，${note}${UNKNOWN}`];
  }
  const later = { actual: person.actual + ahead };
  if (person.local !== undefined) {
    later.local = person.local + ahead;
  }
  const then = yearsDue(rules, Object.assign({}, person, later), day);
  const isShort = (one) => one.lack || one.lackActual;
  const part = due.actual ? `，其中实际缴费${lengthText(due.actual)}` : "";
  const result = isShort(due) ? lackText(due) : "已经够了";
  const words = [
    `要交满${lengthText(due.total)}${part}。你到现在有${lengthText(due.paid)}，${result}。`,
    `这是${monthText(retired)}退休的人要满的年数${note}。`,
  ];
  if (isShort(due) && ahead) {
    const still = isShort(then) ? lackText(then) : "就够了";
    words.push(`从下个月一直交到退休，还能交${lengthText(ahead)}，到时候${still}。`);
  }
  if (isShort(then)) {
    words.push("不够的可以继续交，交到够为止，看下面“年数不够，怎么办”。");
  }
  if (span !== spanOn(rules["years.minimum"], today)) {
    words.push("到时候规定会变，这里按退休那天的算。");
  }
  return [...words, ...provisos(rules, person, due, day), `（${span.says}）`];
}

/** What is to be said beside the years: what is not known, and what is asked on top. */
function provisos(rules, person, due, day) {
  const words = [];
  if (Number.isNaN(due.actual)) {
    words.push(`其中至少要实际缴几年，${UNKNOWN}`);
  }
  if (!due.isCounted && person.deemed) {
    words.push("这里不算视同缴费年限。");
  }
  if (!due.isSure) {
    words.push("视同的我们算进去了，当地算不算没有查到，请打12393问。");
  }
  const local = spanOn(rules["years.extra_local"], day);
  const months = asked(local, person);
  if (months > 0) {
    words.push(`另外，在本地要交满${lengthText(months)}。`);
  } else if (months !== 0 && local.open) {
    words.push(`在本地要交几年，${UNKNOWN}`);
  }
  return words;
}

/** Where no number of years is asked but a condition. */
function conditional(person, { rules }, day) {
  const span = spanOn(rules["years.condition"], day);
  const { lack, isOpen } = lackOf(span.value, person);
  const open = "上面的条件里还有一条，我们算不了，请打12393问。";
  const done = isOpen ? "这个年数够了。" : "已经够了。";
  const words = lack ? `至少还差${lengthText(lack)}。` : done;
  return [`照上面的条件，${words}`, isOpen && open, `（${span.says}）`];
}

/** Brings the calculator of a page to life. */
export function fill(section) {
  enliven(section, (person, data, day) => (person.retired ? least : conditional)(person, data, day));
}
