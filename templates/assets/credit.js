// What is credited to a personal account, to the fen: the other half of sitegen/credit.py.
// null where any part is not known.

import { shareOf, spanOn, valueFor } from "./rules.js";

const DEDUCTIONS = ["illness", "care", "outpatient"].map((name) => `account.retiree.deduction.${name}`);
const ACTIVE_DEDUCTIONS = ["care", "illness"].map((name) => `account.active.deduction.${name}`);

/**
 * What is credited to a retiree on a day: {gross, net, per} in fen before and after deductions.
 * From a published amount, else from the share of the person's own pension (person.pension,
 * fen a month) within floor and cap; null where any part of it is not known.
 */
export function retireeCredit(rules, person, day) {
  const on = (id) => spanOn(rules[id], day);
  const amount = on("account.retiree.amount");
  let found = null;
  if (amount.state === "known") {
    const own = valueFor(amount, person);
    found = own && { gross: own.value, printed: own.net, per: amount.per };
  } else if (amount.state === "unknown") {
    found = { gross: ownShare(on, person), per: "month" };
  }
  if (!found || typeof found.gross !== "number") {
    return null;
  }
  const { gross, printed, per } = found;
  if (printed !== undefined) {
    return { gross, net: printed, per };
  }
  const taken = deducted(on, person, per, DEDUCTIONS);
  return taken === null ? null : { gross, net: gross - taken, per };
}

function deducted(on, person, per, ids) {
  let total = 0;
  for (const id of ids) {
    const span = on(id);
    if (span.open) {
      return null;
    }
    const own = span.per === per ? valueFor(span, person) : null;
    total += own && typeof own.value === "number" ? own.value : 0;
  }
  return total;
}

function ownShare(on, person) {
  const ratio = on("account.retiree.ratio");
  const care = on("account.retiree.deduction.care_rate");
  const own = valueFor(ratio, person);
  if (!own || ratio.rounding || care.open || care.state === "known") {
    return null;
  }
  const { base, value } = own;
  if (typeof person.pension !== "number" || !Array.isArray(value) || !base || base.of !== "own_pension") {
    return null;
  }
  let pension = person.pension;
  if (base.floor) {
    if (base.floor.fen === undefined) {
      return null;
    }
    pension = Math.max(pension, base.floor.fen);
  }
  let amount = shareOf(pension, value);
  for (const [id, limit] of [["account.retiree.floor", Math.max], ["account.retiree.cap", Math.min]]) {
    const span = on(id);
    if (span.open) {
      return null;
    }
    if (span.state === "known") {
      const edge = valueFor(span, person);
      if (!edge || span.per !== "month" || typeof edge.value !== "number") {
        return null;
      }
      amount = limit(amount, edge.value);
    }
  }
  return amount;
}

/**
 * What is credited to an employee a month on a day: {gross, net, per} in fen. A published
 * amount, else the share of the own contribution base (person.base, fen a month); null where
 * any part is not known.
 */
export function activeCredit(rules, person, day) {
  const on = (id) => spanOn(rules[id], day);
  const amount = on("account.active.amount");
  const rate = on("account.active.rate");
  const care = on("account.active.deduction.care_rate");
  const employer = on("account.active.employer_rate");
  if (employer.open || employer.state === "known" || care.open) {
    return null;
  }
  let taken = deducted(on, person, "month", ACTIVE_DEDUCTIONS);
  if (taken === null) {
    return null;
  }
  if (amount.state === "known") {
    const own = valueFor(amount, person);
    const isPlain = own && amount.per === "month" && care.state !== "known";
    if (!isPlain || typeof own.value !== "number") {
      return null;
    }
    return { gross: own.value, net: own.value - taken, per: "month" };
  }
  const own = amount.state === "unknown" ? valueFor(rate, person) : null;
  if (!own || rate.rounding || !own.base || own.base.of !== "own_contribution_base") {
    return null;
  }
  if (!Array.isArray(own.value) || typeof person.base !== "number") {
    return null;
  }
  if (care.state === "known") {
    const part = valueFor(care, person);
    if (!part || !Array.isArray(part.value)) {
      return null;
    }
    taken += shareOf(person.base, part.value);
  }
  const gross = shareOf(person.base, own.value);
  return { gross, net: gross - taken, per: "month" };
}
