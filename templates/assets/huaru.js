// 每月划入: a birth month and what else the city asks for → one sentence with one number.

import { activeCredit, retireeCredit } from "./credit.js";
import { enliven, Mistake, readChoice, readFen, readMonth, today, yuan } from "./form.js";
import { spanOn, valueFor, yearsBetween } from "./rules.js";

const AMOUNT = "account.retiree.amount";
const RATIO = "account.retiree.ratio";

/** What the form says of a person: its answers, and the birth month where it asks for one. */
function readPerson(form, day) {
  const person = {};
  let born = null;
  for (const name of new Set([...form.elements].map((field) => field.name))) {
    if (name === "y") {
      born = readMonth(form, "", "1955");
      if (born.first > day || born.year < 1900) {
        throw new Mistake("y", "这个年份好像不对，请看看身份证");
      }
    } else if (name.endsWith("-y")) {
      person[name.slice(0, -2)] = readMonth(form, name.slice(0, -1), "2015").first;
    } else if (name === "pension" || name === "base") {
      person[name] = readFen(form, name);
    } else if (name && name !== "m" && !name.endsWith("-m")) {
      person[name] = readChoice(form, name);
    }
  }
  return { person, born };
}

const at = (person, age) => Object.assign({}, person, { age });

/** The amounts of a credit in words: 每月划入110元，扣除后到账107元，一年1,320元. */
function amounts(credit) {
  if (credit.gross === 0) {
    return "不划入";
  }
  const per = credit.per === "year" ? "每年" : "每月";
  const net = credit.net === credit.gross ? "" : `，扣除后到账${yuan(credit.net)}`;
  const year = credit.per === "year" ? "" : `，一年${yuan(credit.gross * 12)}`;
  return `${per}划入${yuan(credit.gross)}${net}${year}${year && net ? "（扣除前）" : ""}`;
}

/** Why there is no number: the words of the row, or that nobody knows. */
function noAmount(rules, person, day) {
  const own = valueFor(spanOn(rules[AMOUNT], day), person);
  const word = own && own.value && own.value.word;
  return {
    none: "按规定，这种情况不划入。",
    described: "这种情况另有办法，看这一页上面的说明。",
  }[word] || "这种情况我们没有查到，请打12393问。";
}

/** The next birthday on which the amount changes, as a sentence; empty if none does. */
function nextChange(data, person, born, day, now) {
  const age = yearsBetween(born.first, day);
  for (let next = age + 1; next <= 120; next += 1) {
    const credit = retireeCredit(data.rules, at(person, next), day);
    if (credit && (credit.gross !== now.gross || credit.net !== now.net)) {
      return `${born.year + next}年${born.month}月满${next}岁以后，${amounts(credit)}。`;
    }
  }
  return "";
}

/** How sure the answer is. */
function certainty(data, day) {
  const amount = spanOn(data.rules[AMOUNT], day);
  const span = amount.state === "known" ? amount : spanOn(data.rules[RATIO], day);
  return span && span.says ? `（${span.says}）` : "";
}

/** What the page says to a retiree, sentence by sentence. */
function retired(form, data) {
  const day = today(data.asOf);
  const { person, born } = readPerson(form, day);
  if (!born) {
    const credit = retireeCredit(data.rules, person, day);
    return credit ? [`${amounts(credit)}。`, certainty(data, day)] : [noAmount(data.rules, person, day)];
  }
  const ages = [yearsBetween(born.last, day), yearsBetween(born.first, day)];
  if (ages[1] < 45) {
    return ["这里算退休人员的。还在上班的，看下面“还在上班的人”。"];
  }
  if (ages[1] > 120) {
    throw new Mistake("y", "这个年份好像不对，请看看身份证");
  }
  const [before, after] = ages.map((age) => retireeCredit(data.rules, at(person, age), day));
  if (!before || !after) {
    return [noAmount(data.rules, at(person, ages[1]), day)];
  }
  const who = `${born.year}年${born.month}月出生，`;
  if (before.gross !== after.gross) {
    return [
      `${who}这个月满${ages[1]}岁：生日以前${amounts(before)}；生日以后${amounts(after)}。`,
      "从哪个月起按新的数划，请打12393问。",
      certainty(data, day),
    ];
  }
  const isBirthMonth = ages[0] !== ages[1];
  const age = isBirthMonth ? `这个月满${ages[1]}岁` : `现在满${ages[0]}岁`;
  return [
    `${who}${age}：${amounts(after)}。`,
    nextChange(data, person, born, day, after),
    certainty(data, day),
  ];
}

/** What the page says to somebody who still works. */
function employed(form, data) {
  const day = today(data.asOf);
  const { person, born } = readPerson(form, day);
  const whole = born ? at(person, yearsBetween(born.first, day)) : person;
  const credit = activeCredit(data.rules, whole, day);
  if (!credit) {
    return ["这种情况我们没有查到，请打12393问。"];
  }
  const span = spanOn(data.rules["account.active.rate"], day);
  return [`缴费基数${yuan(person.base)}：${amounts(credit)}。`, `（${span.says}）`];
}

const SOLVE = { huaru: retired, zaizhi: employed };

/** Brings a calculator of a page to life. */
export function fill(section) {
  enliven(section, SOLVE[section.dataset.calc]);
}
