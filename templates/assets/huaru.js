// 每月划入: a birth month and what else the city asks for → one sentence with one number.
//
// The sums are the other half of sitegen/credit.py. NaN stands for what is not known: it
// survives every sum, so nothing unknown is left out.

import { enliven, Mistake, monthsOn, monthText, yuan } from "./form.js";
import { shareOf, spanOn, valueFor, yearsBetween } from "./rules.js";

/** The figure of a span for a person: NaN where it is open, `none` where the rule has none. */
function figure(span, person, none) {
  if (span.open) {
    return NaN;
  }
  const own = valueFor(span, person);
  return own ? own.value : none;
}

/** What the spans of some deductions of a period take, in fen. */
function taken(spans, person, per) {
  const parts = spans.map((span) => {
    const fen = figure(span, person, 0);
    return span.open || span.per === per ? fen : 0;
  });
  return parts.reduce((sum, fen) => sum + fen, 0);
}

/** A share of the person's own pension or base, in fen; NaN where it is a share of anything else. */
function ownShare(span, person, of, fen) {
  const own = valueFor(span, person);
  if (!own || !own.base || own.base.of !== of || span.rounding) {
    return NaN;
  }
  const { floor } = own.base;
  return shareOf(floor ? Math.max(fen, floor.fen) : fen, own.value);
}

const credited = (gross, net, per) => (Number.isFinite(gross - net) ? { gross, net, per } : null);

/**
 * What is credited to a retiree on a day: {gross, net, per} in fen before and after deductions.
 * From a published amount, else from the share of the person's own pension (person.pension,
 * fen a month) within floor and cap; null where any part of it is not known.
 */
export function retireeCredit(rules, person, day) {
  const on = (name) => spanOn(rules[`account.retiree.${name}`], day);
  const deductions = ["illness", "care", "outpatient"].map((name) => on(`deduction.${name}`));
  const amount = on("amount");
  if (amount.state === "known") {
    const { value, net } = valueFor(amount, person) || {};
    const left = net === undefined ? value - taken(deductions, person, amount.per) : net;
    return credited(value, left, amount.per);
  }
  const edge = (span, none) => (span.per && span.per !== "month" ? NaN : figure(span, person, none));
  const care = on("deduction.care_rate");
  let fen = ownShare(on("ratio"), person, "own_pension", person.pension);
  fen = Math.max(fen, edge(on("floor"), 0));
  fen = Math.min(fen, edge(on("cap"), Infinity));
  const isOpen = amount.state !== "unknown" || care.open || care.state === "known";
  return isOpen ? null : credited(fen, fen - taken(deductions, person, "month"), "month");
}

/**
 * What is credited to an employee a month on a day: {gross, net, per} in fen, the share of the
 * own contribution base (person.base, fen a month); null where any part is not known.
 */
export function activeCredit(rules, person, day) {
  const on = (name) => spanOn(rules[`account.active.${name}`], day);
  const deductions = ["care", "illness"].map((name) => on(`deduction.${name}`));
  const employer = on("employer_rate");
  const fen = ownShare(on("rate"), person, "own_contribution_base", person.base);
  const care = shareOf(person.base, figure(on("deduction.care_rate"), person, [0, 1]));
  const isOpen = on("amount").state !== "unknown" || employer.open || employer.state === "known";
  return isOpen ? null : credited(fen, fen - care - taken(deductions, person, "month"), "month");
}

// ── Words ──

const at = (person, age) => Object.assign({ age }, person);

/** The ages that somebody born in a month may have on a day: before the birthday, and after. */
function agesOf(born, day) {
  const ages = [monthsOn(born, 1) - 1, born].map((birthday) => yearsBetween(birthday, day));
  if (ages[0] < 0 || ages[1] > 120) {
    throw new Mistake("y", "这个年份好像不对，请看看身份证");
  }
  return ages;
}

/** The amounts of a credit in words: 每月划入110元，扣除后到账107元，一年1,320元. */
function amounts({ gross, net, per }) {
  if (!gross) {
    return "不划入";
  }
  const isYearly = per === "year";
  const left = net === gross ? "" : `，扣除后到账${yuan(net)}`;
  const year = isYearly ? "" : `，一年${yuan(gross * 12)}${left && "（扣除前）"}`;
  return `每${isYearly ? "年" : "月"}划入${yuan(gross)}${left}${year}`;
}

/** Why there is no number: the words of the row, or that nobody knows. */
function noAmount(span, person) {
  const own = valueFor(span, person);
  const words = {
    none: "按规定，这种情况不划入。",
    described: "这种情况另有办法，看这一页上面的说明。",
  };
  return (own && words[own.value.word]) || "这种情况我们没有查到，请打12393问。";
}

/** The next birthday on which the amount changes, as a sentence; empty if none does. */
function nextChange(rules, person, age, day, now) {
  for (let next = age + 1; next <= 120; next += 1) {
    const credit = retireeCredit(rules, at(person, next), day);
    if (credit && (credit.gross !== now.gross || credit.net !== now.net)) {
      return `${monthText(monthsOn(person.birth, next * 12))}满${next}岁以后，${amounts(credit)}。`;
    }
  }
  return "";
}

/** What the page says to a retiree, sentence by sentence. */
function retired(person, { rules }, day) {
  const amount = spanOn(rules["account.retiree.amount"], day);
  const { says } = amount.state === "known" ? amount : spanOn(rules["account.retiree.ratio"], day);
  const certainty = `（${says}）`;
  if (!person.birth) {
    const credit = retireeCredit(rules, person, day);
    return credit ? [`${amounts(credit)}。`, certainty] : [noAmount(amount, person)];
  }
  const [younger, older] = agesOf(person.birth, day);
  if (older < 45) {
    return ["这里算退休人员的。还在上班的，看下面“还在上班的人”。"];
  }
  const [before, after] = [younger, older].map((age) => retireeCredit(rules, at(person, age), day));
  if (!before || !after) {
    return [noAmount(amount, at(person, older))];
  }
  const who = `${monthText(person.birth)}出生，`;
  if (before.gross !== after.gross) {
    return [
      `${who}这个月满${older}岁：生日以前${amounts(before)}；生日以后${amounts(after)}。`,
      "从哪个月起按新的数划，请打12393问。",
      certainty,
    ];
  }
  const age = younger === older ? `现在满${older}岁` : `这个月满${older}岁`;
  const next = nextChange(rules, person, older, day, after);
  return [`${who}${age}：${amounts(after)}。`, next, certainty];
}

/** What the page says to somebody who still works. */
function employed(person, { rules }, day) {
  const age = person.birth ? agesOf(person.birth, day)[1] : undefined;
  const credit = activeCredit(rules, at(person, age), day);
  if (!credit) {
    return ["这种情况我们没有查到，请打12393问。"];
  }
  const { says } = spanOn(rules["account.active.rate"], day);
  return [`缴费基数${yuan(person.base)}：${amounts(credit)}。`, `（${says}）`];
}

/** Brings a calculator of a page to life. */
export function fill(section) {
  enliven(section, section.dataset.calc === "huaru" ? retired : employed);
}
