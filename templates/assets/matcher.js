// From what was typed to the places and guides that it names. Pure functions: no page, no network.

// Characters that people write for one another.
const SAME = { 帐: "账", 缴: "交", 洲: "州", "'": "", "’": "", ü: "u", v: "u" };
const HAN = /[\u3400-\u9fff]/;
const AFTER_A_PLACE = /^(自治区|地区|[市省州盟区县旗])/;

// How well a place fits, best first. A slip is only looked for where nothing else fits.
const EXACT = 0, PREFIX = 1, INSIDE_PREFIX = 2, INITIALS = 3, MIXED = 4, CONTAINS = 5, SLIP = 6;

/** Text as it is compared: small letters, half width, one of the characters that are mixed up. */
export function fold(text) {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[帐缴洲'’üv]/g, (character) => SAME[character]);
}

const words = (text) => text.split(" ").filter((word) => word);
const bare = (name) => (name.length > 2 ? name.replace(/(地区|[市省州盟县])$/, "") : name);

function add(map, key, item) {
  const list = map.get(key);
  if (!list) {
    map.set(key, [item]);
  } else if (list.indexOf(item) < 0) {
    list.push(item);
  }
}

/** The data of places.json (sitegen/finder.py says what it holds), ready to be searched. */
export function prepare(data) {
  const index = { places: [], named: new Map(), counties: new Map(), said: new Map(), guides: [] };

  function addPlaces(columns, isProvince) {
    const column = (name) => (columns[name] || "").split("\n");
    const [slugs, names, pinyin, others] = ["slugs", "names", "pinyin", "others"].map(column);
    const [parents, counties] = ["parents", "counties"].map(column);
    names.forEach((name, i) => {
      const syllables = fold(pinyin[i]).split(" ");
      const place = {
        name,
        isProvince,
        slug: slugs[i] || pinyin[i].replace(/ /g, ""),
        province: parents[i] ? index.places[Number(parents[i])] : null,
        order: index.places.length,
        syllables,
        full: syllables.join(""),
        initials: syllables.map((syllable) => syllable[0]).join(""),
      };
      place.says = [name, bare(name)].concat(words(others[i])).map(fold);
      index.places.push(place);
      for (const said of place.says) {
        add(index.named, said, place);
      }
      for (const county of words(counties[i] || "")) {
        add(index.counties, fold(county), { place, county });
      }
    });
  }

  function addTarget(target, text, latin) {
    index.guides.push(target);
    for (const word of words(text).concat(latin)) {
      index.said.set(fold(word), target);
    }
  }

  addPlaces(data.provinces, true);
  addPlaces(data.pools, false);
  for (const [slug, label, text] of data.guides) {
    addTarget({ slug, label, url: `/zhinan/${slug}/` }, text, [slug]);
  }
  for (const [url, label, text] of data.pages) {
    addTarget({ slug: "", label, url }, text, []);
  }
  index.last = new Set(words(data.last).map(fold));
  return index;
}

/** Whether two words differ by one letter: put in, left out, replaced, or two swapped. */
export function isOneSlip(a, b) {
  if (Math.abs(a.length - b.length) > 1) {
    return false;
  }
  let i = 0;
  while (i < a.length && a[i] === b[i]) {
    i += 1;
  }
  const [restA, restB] = [a.slice(i), b.slice(i)];
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}

/** Whether ``text`` is made of the starts of syllables in their order: tianj, hhht, huhht. */
function isMixed(text, syllables) {
  if (!text) {
    return true;
  }
  const [first, ...rest] = syllables;
  if (!first) {
    return false;
  }
  for (let n = Math.min(first.length, text.length); n > 0; n -= 1) {
    if (text.slice(0, n) === first.slice(0, n) && isMixed(text.slice(n), rest)) {
      return true;
    }
  }
  return false;
}

/** How well letters fit a place; undefined where they do not. */
function rankOfLatin(text, place) {
  if (text === place.full || text === fold(place.slug)) {
    return EXACT;
  }
  if (place.full.startsWith(text)) {
    let start = "";
    return place.syllables.some((syllable) => (start += syllable) === text) ? PREFIX : INSIDE_PREFIX;
  }
  if (text.length > 1 && text === place.initials) {
    return INITIALS;
  }
  if (text.length > 2 && isMixed(text, place.syllables)) {
    return MIXED;
  }
  if (text.length > 2 && place.full.indexOf(text) > 0) {
    return CONTAINS;
  }
  return undefined;
}

function ranked(hits) {
  return hits.sort((a, b) => a.rank - b.rank || a.place.order - b.place.order);
}

/** The places that letters may mean, with the guide that stands behind them: tianjinyue. */
function placesOfLatin(index, text) {
  let hits = [];
  for (const place of index.places) {
    const rank = rankOfLatin(text, place);
    if (rank !== undefined) {
      hits.push({ place, rank });
    } else if (text.startsWith(place.full) && index.said.has(text.slice(place.full.length))) {
      hits.push({ place, rank: EXACT, target: index.said.get(text.slice(place.full.length)) });
    }
  }
  if (!hits.length && text.length > 4) {
    hits = index.places
      .filter((place) => isOneSlip(text, place.full))
      .map((place) => ({ place, rank: SLIP }));
  }
  return ranked(hits);
}

/** Every name and word in Chinese text, the longest first where they overlap, in their order. */
function spansOf(index, text) {
  const found = [];
  for (let i = 0; i < text.length; i += 1) {
    for (let n = Math.min(12, text.length - i); n > 1; n -= 1) {
      const part = text.slice(i, i + n);
      if (index.said.has(part) || index.named.has(part) || index.counties.has(part)) {
        found.push({ start: i, end: i + n, part });
      }
    }
  }
  found.sort((a, b) => b.part.length - a.part.length || a.start - b.start);
  const taken = [];
  for (const span of found) {
    if (taken.every((other) => span.end <= other.start || span.start >= other.end)) {
      taken.push(span);
    }
  }
  return taken.sort((a, b) => a.start - b.start);
}

/** Where Chinese text stands for a place by its start, its middle or with one wrong character. */
function placesOfRest(index, text, isWhole) {
  const hits = [];
  for (const place of index.places) {
    for (const said of place.says) {
      const at = said.indexOf(text);
      if (at >= 0 && (text.length > 1 || isWhole)) {
        hits.push({ place, rank: at === 0 ? PREFIX : CONTAINS });
        break;
      }
    }
  }
  if (hits.length || text.length < 3) {
    return ranked(hits);
  }
  for (const place of index.places) {
    const isSlip = place.says.some((said) => said.length > 2 && hasWindow(text, said));
    if (isSlip) {
      hits.push({ place, rank: SLIP });
    }
  }
  return ranked(hits);
}

/** Whether ``word`` stands in ``text`` with one character replaced. */
function hasWindow(text, word) {
  for (let i = 0; i + word.length <= text.length; i += 1) {
    let wrong = 0;
    for (let n = 0; n < word.length; n += 1) {
      wrong += text[i + n] === word[n] ? 0 : 1;
    }
    if (wrong < 2) {
      return true;
    }
  }
  return false;
}

/** What a text names: places as hits, best first, and the guides and pages in their order. */
export function understand(index, text) {
  const groups = [];
  const strong = [];
  const weak = [];
  const rest = [];
  const target = (word) => (index.last.has(word) ? weak : strong).push(index.said.get(word));
  const tokens = fold(text).match(/[a-z]+|[\u3400-\u9fff0-9]+/g) || [];
  for (const token of tokens) {
    if (!HAN.test(token) && index.said.has(token)) {
      target(token);
    } else if (/[a-z]/.test(token)) {
      const hits = placesOfLatin(index, token);
      if (hits.length) {
        groups.push(hits);
        if (hits[0].target) {
          strong.push(hits[0].target);
        }
      }
    } else {
      let done = 0;
      for (const span of spansOf(index, token)) {
        if (span.start > done) {
          rest.push(token.slice(done, span.start));
        }
        done = span.end;
        if (index.said.has(span.part)) {
          target(span.part);
          continue;
        }
        const after = AFTER_A_PLACE.exec(token.slice(done));
        // 上海区号 asks for a number, not for a district.
        const isSuffix = after && !spansOf(index, token.slice(done)).some((next) => !next.start);
        const named = (index.named.get(span.part) || []).map((place) => ({ place, rank: EXACT }));
        const within = (index.counties.get(span.part) || []).map((item) => ({
          place: item.place,
          county: item.county,
          rank: EXACT,
        }));
        const isCounty = within.length > 0 && isSuffix && /^[区县旗]/.test(after[0]);
        const [first, second] = isCounty || !named.length ? [within, named] : [named, within];
        groups.push(first.concat(second.map((hit) => Object.assign(hit, { rank: PREFIX }))));
        done += isSuffix ? after[0].length : 0;
      }
      if (done < token.length) {
        rest.push(token.slice(done));
      }
    }
  }
  for (const part of rest) {
    const exact = part === fold(text).trim() ? index.named.get(part) : null;
    const hits = exact
      ? exact.map((place) => ({ place, rank: EXACT }))
      : placesOfRest(index, part, rest.length === 1 && tokens.length === 1);
    if (hits.length && !groups.length) {
      groups.push(hits);
    }
    if (!strong.length && !weak.length && part.length > 3) {
      index.said.forEach((item, word) => {
        if (word.length > 3 && HAN.test(word) && hasWindow(part, word)) {
          strong.push(item);
        }
      });
    }
  }
  return { hits: settle(groups), targets: once(strong.concat(weak)) };
}

export const once = (list) => list.filter((item, i) => list.indexOf(item) === i);

/**
 * One list of hits for all mentions. 辽宁朝阳 is the 朝阳 of 辽宁, 北京朝阳 the district of 北京:
 * a mention that fits inside another one is that place.
 */
function settle(groups) {
  const inside = (hit, other) =>
    hit.place.province === other.place || (hit.county && hit.place === other.place);
  const kept = groups.map((group, i) => {
    const others = [].concat(...groups.filter((_, n) => n !== i));
    const narrower = group.filter((hit) => others.some((other) => inside(hit, other)));
    return narrower.length ? narrower : group;
  });
  const isWide = (hit, i) =>
    kept.some((group, n) => n !== i && group.some((other) => other.place.province === hit.place));
  const hits = [].concat(
    ...kept.map((group, i) => group.filter((hit) => !hit.place.isProvince || !isWide(hit, i)))
  );
  return hits
    .filter((hit, i) => hits.findIndex((other) => other.place === hit.place) === i)
    .map((hit, i) => ({ hit, i }))
    .sort((a, b) => a.hit.rank - b.hit.rank || a.i - b.i)
    .map(({ hit }) => hit);
}
