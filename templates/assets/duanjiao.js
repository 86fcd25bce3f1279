// 断缴: when somebody paid last and wants to pay again → what has to be waited for.

import { enliven, Mistake, monthsOn, monthText } from "./form.js";
import { dateOf, spanOn, valueFor } from "./rules.js";

const ASK = "没有查到，请打12393问。";

// Since when gaps of residents count by the rule of the nation (国办发〔2024〕38号).
const FIRST_COUNTED = 2025;

/** The figure of a parameter for a person on a day, NaN where it is not known. */
function figure(rules, name, person, day) {
  const own = valueFor(spanOn(rules[name], day), person);
  return own && typeof own.value === "number" ? own.value : NaN;
}

// ── Residents: they pay by the year ──

/**
 * How long a resident waits who was covered last in person.last and pays now for person.year:
 * {missed, fixed, step, more, floor, most}, years and months, NaN where the rule is not known.
 * `more` comes on top for missed years; for most places nobody says from which one on.
 */
export function residentWait(rules, { last, year }, day) {
  const on = (name) => figure(rules, `lapse.resident.${name}`, {}, day);
  const missed = year - last - 1;
  const counted = year - Math.max(last + 1, FIRST_COUNTED);
  const step = on("step");
  const more = missed ? Math.max(0, counted - on("first_counted") + 1) * step : 0;
  const floor = counted > 3 ? on("floor") : NaN;
  return { missed, fixed: on("fixed"), step, more, floor, most: on("max") };
}

/** How many months a resident waits, in paragraphs. */
function waitTexts({ fixed, step, more, floor, most }) {
  if (Number.isNaN(fixed)) {
    return [`要等，最长不超过${most}个月，几个月请打12393问。`];
  }
  const sum = more > 0 ? `，断的年份再加${more}个月，一共${fixed + more}个月` : "";
  const open = step > 0 ? `原则上每断一年再加${step}个月，头一年加不加，` : "另外加不加，";
  return [
    `交了以后先等${fixed}个月${sum}才能报。`,
    Number.isNaN(more) && `断的年份，${open}${ASK}`,
    floor > 0 && `断了四年以上的，就是补交了，也不少于${floor}个月。`,
  ];
}

/** The first day covered, where a rule names it for those who missed the year before. */
function firstDay(rules, year) {
  const spans = rules["lapse.resident.start_after_gap"];
  const [found] = spans.filter((span) => span.value && dateOf(span.value).year === year);
  const { month, day } = found ? dateOf(found.value) : {};
  return found ? `在集中缴费期内交的，${year}年${month}月${day}日起能报。` : "";
}

function resident({ last, year: text, late }, { rules }, day) {
  const year = Number(text);
  if (last >= year) {
    throw new Mistake("last", `要早于${year}年。这一年交过了，就没有断`);
  }
  const found = residentWait(rules, { last, year }, day);
  const isLate = late === "after_window";
  if (!found.missed && !isLate) {
    return ["没有断，又在集中缴费期内交：不用等。"];
  }
  const on = (name) => spanOn(rules[`lapse.resident.${name}`], day).says;
  const [wait, ...more] = waitTexts(found);
  return [
    `${found.missed ? `断了${found.missed}年` : "没有断，只是交晚了"}：${wait}`,
    ...more,
    found.missed === 1 && !isLate && firstDay(rules, year),
    found.missed && last + 1 < FIRST_COUNTED && "2025年以前断的年份算不算，请打12393问。",
    `（${on("fixed") || on("max")}）`,
  ];
}

// ── Employees and those who pay for themselves: by the month ──

// In which month after the payment cover starts.
const MONTHS = {
  payment_month: 0,
  next_month: 1,
  second_month: 1,
  third_month: 2,
  fourth_month: 3,
  seventh_month: 6,
};

/**
 * What holds on a day for somebody who paid last for the month person.paid and pays again in
 * person.again: {missed, grace, wait, most, begins, start} in months. `begins` is the word of
 * the rule for when cover starts, `start` that day as a number. NaN where the rule is not known.
 */
export function employeeGap(rules, person, day) {
  const missed = dateOf(person.again).months - dateOf(person.paid).months - 1;
  const on = (name, who) => figure(rules, `lapse.${name}`, who, day);
  const grace = on("grace", person);
  // Where nobody says how long a gap may be, nobody knows either which rule starts the cover.
  const gap = missed > grace ? "over" : missed <= grace ? "within" : "";
  const own = Object.assign({ gap }, person);
  const rule = gap && valueFor(spanOn(rules["lapse.start"], day), own);
  const begins = rule && rule.value.is;
  return {
    missed,
    grace,
    wait: gap === "over" ? on("wait", own) : NaN,
    most: on("wait_max", own),
    begins,
    start: begins in MONTHS ? monthsOn(person.again, MONTHS[begins]) : NaN,
  };
}

function employee(person, { rules }, today) {
  const { paid, again } = person;
  // Who paid again already is told what holds today.
  const day = Math.max(today, again);
  const { missed, grace, wait, most, begins, start } = employeeGap(rules, person, day);
  if (missed < 0) {
    throw new Mistake("again-y", "要晚于最后交的月份");
  }
  if (!missed) {
    return ["月份连着，没有断。"];
  }
  const on = (name) => spanOn(rules[`lapse.${name}`], day);
  const first = `从${monthText(monthsOn(paid, 1))}起断了${missed}个月`;
  if (Number.isNaN(grace)) {
    return [`${first}。断了多久还能补，${ASK}`];
  }
  // The frame of the nation speaks of those who move: it says nothing beside a local rule.
  const isLocalStart = begins && !on("start").frame;
  const isFrame = on("grace").frame && !isLocalStart;
  const isOver = missed > grace;
  const used = on("grace").frame && isLocalStart ? [] : ["grace"];
  const words = [];
  if (isFrame) {
    words.push(`${first}。当地断了多久还能补，没有查到。`);
    words.push(
      isOver
        ? `换城市、换险种的，全国规定：断了超过${grace}个月，等几个月由当地定，最长${most}个月。`
        : `换城市、换险种的，全国规定：断了不超过${grace}个月，可以按转入地的规定补交。`,
    );
  } else if (!used.length) {
    words.push(`${first}。断的月份能不能补，${ASK}`);
  } else {
    words.push(`${first}，${isOver ? `超过了能补的${grace}个月` : `不超过${grace}个月，可以补交`}。`);
  }
  if (wait > 0) {
    words.push(`交了以后先等${wait}个月。`);
    used.push("wait");
  }
  if (begins && (isFrame || isLocalStart)) {
    const when = start ? `${monthText(again)}交的，${monthText(start)}1日` : "钱到账的第二天";
    words.push(`${when}起能报。`);
    used.push("start");
  } else {
    words.push(`哪天起能报，${ASK}`);
  }
  const says = new Set(used.map((name) => on(name).says));
  return [...words, `（${[...says].join("；")}）`];
}

/** Brings a calculator of a page to life. */
export function fill(section) {
  enliven(section, section.dataset.calc === "jumin" ? resident : employee);
}
