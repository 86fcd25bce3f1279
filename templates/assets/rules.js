// What is in force for a person: the other half of sitegen/wire.py and sitegen/resolve.py.
//
// Money is whole fen, a share is [numerator, denominator], a day is its number (1 January of
// the year 1 is 1). Nothing here reads the page, the clock or the network, and nothing guesses:
// what is not known is null.

const EPOCH = 719163; // 1 January 1970 as a day number

/** The number of a day of the calendar; null where there is no such day. */
export function dayNumber(year, month, day) {
  const when = new Date(0);
  when.setUTCFullYear(year, month - 1, day);
  const exists = when.getUTCMonth() === month - 1 && when.getUTCDate() === day;
  return exists ? when.getTime() / 86400000 + EPOCH : null;
}

/** Year, month and day of a day number; `months` counts the months of all years before it. */
export function dateOf(number) {
  const when = new Date((number - EPOCH) * 86400000);
  const [year, month] = [when.getUTCFullYear(), when.getUTCMonth() + 1];
  return { year, month, day: when.getUTCDate(), months: year * 12 + month - 1 };
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

/** What a span gives a person: {value, net, base, label, note}; null where nothing is known. */
export function valueFor(span, person) {
  if (!span || span.state !== "known") {
    return null;
  }
  const row = span.rows ? lookup(span.rows, person) : span;
  return row && Object.assign({ base: span.base, label: "" }, row);
}

/** A share of an amount, in fen, half up: in whole numbers, so that no half is ever lost. */
export function shareOf(fen, share) {
  const doubled = 2 * fen * share[0] + share[1];
  const whole = 2 * share[1];
  return (doubled - (doubled % whole)) / whole;
}
