// 居民医保: the year, the group and whether in time → fee, time to pay, what comes of being late.

import { enliven, monthsOn, yuan } from "./form.js";
import { dateOf, dayNumber, spanOn, valueFor, yearsBetween } from "./rules.js";

const dayText = (number) => {
  const { year, month, day } = dateOf(number);
  return `${year}年${month}月${day}日`;
};

/** What a person of an age pays for the year of a day. */
function feeAt(span, person, born, day) {
  const age = born && yearsBetween(born, day);
  return valueFor(span, Object.assign({ age, born: person.birth }, person));
}

/**
 * What a person pays for the year that a day lies in: one row {value, label, note}, two where a
 * birthday of that year changes it, none where nothing is known. A value may be a word.
 */
export function feesOf(rules, person, day) {
  const span = spanOn(rules["resident.fee"], day);
  const { year } = dateOf(day);
  const days = [dayNumber(year, 1, 1), dayNumber(year, 12, 31)];
  const births = person.birth ? [monthsOn(person.birth, 1) - 1, person.birth] : [0, 0];
  const [first, last] = days.map((end, index) => feeAt(span, person, births[index], end));
  const fees = first && last && first.value !== last.value ? [first, last] : [last];
  return fees.filter(Boolean);
}

/** Why there is no sum: the words of the row, or that nobody knows. */
function without(fee) {
  const words = { none: "没有这一档。", described: "你这一类另有规定，看这一页上面的说明。" };
  const unknown = "你这一类交多少，没有查到。缴费页面上会显示，也可以打12393问。";
  return (fee && words[fee.value.word]) || unknown;
}

function due(person, { rules }, today) {
  const year = Number(person.year);
  const day = Math.max(today, dayNumber(year, 1, 1));
  const fee = spanOn(rules["resident.fee"], day);
  const fees = dateOf(day).year === year ? feesOf(rules, person, day) : [];
  const per = fee.per === "month" ? "每月" : "一年";
  const words = [];
  const sums = fees.map(({ value }) => value).filter(Number.isInteger);
  if (!fees.length || sums.length < fees.length) {
    words.push(`${year}年度${without(fees.find(({ value }) => value.word))}`);
  } else if (fees.length === 1) {
    const [{ value, label, note }] = fees;
    const who = `${label && `，${label}`}${note ? `（${note.replace(/。$/, "")}）` : ""}`;
    words.push(`${year}年度${who}：个人${per}交${yuan(value)}。`);
  } else {
    const either = sums.map(yuan).join("或者");
    words.push(`${year}年里你的年龄跨档：${per}${either}，按哪天的年龄算，请打12393问。`);
  }
  words.push(windowText(rules, day, year));
  const says = fees.length ? [fee.says] : [];
  if (person.late === "after_window") {
    words.push(late(rules, day));
    says.push(spanOn(rules["lapse.resident.fixed"], day).says);
  }
  const sure = new Set(says.filter(Boolean));
  return [...words, sure.size && `（${[...sure].join("；")}）`];
}

/** When people pay together, as a sentence. */
function windowText(rules, day, year) {
  const [from, until] = ["start", "end"].map((name) => {
    const own = valueFor(spanOn(rules[`resident.window_${name}`], day), {});
    return own && typeof own.value === "number" ? dayText(own.value) : "";
  });
  if (!until) {
    return `${year}年度集中缴费到哪天截止，没有查到。`;
  }
  return from ? `集中缴费期是${from}到${until}。` : `集中缴费到${until}截止。`;
}

/** What comes of paying after that. */
function late(rules, day) {
  const wait = spanOn(rules["lapse.resident.fixed"], day).value;
  const pays = valueFor(spanOn(rules["resident.late_pays"], day), {});
  const months = typeof wait === "number" ? `先等${wait}个月` : "要先等几个月";
  const what = pays && pays.value.label ? `要交的是：${pays.value.label}。` : "";
  return `过了集中缴费期才交的，交了以后${months}才能报。${what}`;
}

/** Brings the calculator of a page to life. */
export function fill(section) {
  enliven(section, due);
}
