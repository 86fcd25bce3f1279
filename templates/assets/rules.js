// What is in force for a person: the other half of sitegen/wire.py and sitegen/resolve.py.
//
// Money is whole fen, a share is [numerator, denominator], a day is its number (1 January of
// the year 1 is 1). Nothing here reads the page, the clock or the network, and nothing guesses:
// what is not known is null.

const EPOCH = 719163; // 1 January 1970 as a day number

/** The number of a day of the calendar; null where there is no such day. */
export function dayNumber(year, month, day) {
  const ms = Date.UTC(2000, month - 1, day);
  const when = new Date(ms);
  when.setUTCFullYear(year, month - 1, day);
  const exists = when.getUTCMonth() === month - 1 && when.getUTCDate() === day;
  return exists ? Math.round(when.getTime() / 86400000) + EPOCH : null;
}

/** Year, month and day of a day number. */
export function dateOf(number) {
  const when = new Date((number - EPOCH) * 86400000);
  return { year: when.getUTCFullYear(), month: when.getUTCMonth() + 1, day: when.getUTCDate() };
}

/** Whole years from one day to another: 周岁 rises on the birthday, on 1 March for 29 February. */
export function yearsBetween(born, day) {
  const from = dateOf(born);
  const to = dateOf(day);
  const isBefore = to.month < from.month || (to.month === from.month && to.day < from.day);
  return to.year - from.year - (isBefore ? 1 : 0);
}

/** The span of a parameter that holds on a day. */
export function spanOn(spans, day) {
  return spans.filter((span) => span.from <= day).pop() || null;
}

const has = (object, name) => Object.prototype.hasOwnProperty.call(object, name);

function fits(bound, value) {
  if (typeof bound === "string" || value === undefined) {
    return bound === value;
  }
  return typeof value === "number" && bound <= value;
}

/**
 * The row that fits a person, null if none does. Categories must be equal; on an ordered axis
 * the row with the greatest bound not above the person's wins.
 */
export function lookup(rows, person) {
  let best = null;
  let reach = -1;
  for (const row of rows) {
    const axes = Object.keys(row.bounds);
    if (axes.every((axis) => fits(row.bounds[axis], person[axis]))) {
      const bounds = axes.map((axis) => row.bounds[axis]);
      const own = Math.max(0, ...bounds.filter((bound) => typeof bound === "number"));
      if (own >= reach) {
        best = row;
        reach = own;
      }
    }
  }
  return best;
}

/** What a span gives a person: {value, net, base, label}; null where nothing is known. */
export function valueFor(span, person) {
  if (!span || span.state !== "known") {
    return null;
  }
  if (!span.rows) {
    return { value: span.value, net: span.net, base: span.base, label: "" };
  }
  const row = lookup(span.rows, person);
  return row && { value: row.value, net: row.net, base: row.base || span.base, label: row.label };
}

/** Whether a condition is met: true, false, or null where that cannot be computed. */
export function holds(part, person) {
  if (has(part, "text")) {
    return null;
  }
  if (has(part, "fact")) {
    return has(person, part.fact) ? person[part.fact] >= part.least : null;
  }
  const decisive = has(part, "any");
  const answers = (decisive ? part.any : part.all).map((item) => holds(item, person));
  if (answers.includes(decisive)) {
    return decisive;
  }
  return answers.includes(null) ? null : !decisive;
}

/** A share of an amount, in fen, half up: in whole numbers, so that no half is ever lost. */
export function shareOf(fen, share) {
  const doubled = 2 * fen * share[0] + share[1];
  const whole = 2 * share[1];
  return (doubled - (doubled % whole)) / whole;
}
