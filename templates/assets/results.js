// From places and guides to the pages that are meant, best first. Pure functions.

import { fold, isOneSlip, once, understand } from "./matcher.js";

const MOST = 8;

/** The home of a place; 苏州 found by one of its counties says so. */
const homeOf = ({ place, county }) => ({
  title: place.isProvince ? `${place.name}各地的医保` : `${place.name}医保`,
  url: `/${place.slug}/`,
  note: county ? `${county}在${place.name}` : "",
});

/** A guide of a pool; a province has none, there it is the home. */
const pageOf = (hit, guide) => {
  const home = homeOf(hit);
  return hit.place.isProvince
    ? home
    : { title: `${hit.place.name}：${guide.label}`, url: `${home.url}${guide.slug}/`, note: home.note };
};

const nationOf = (target) => ({
  title: target.slug ? `全国通用：${target.label}` : target.label,
  url: target.url,
  note: "",
});

/**
 * The pages for a text, best first, at most eight: {title, url, note}.
 *
 * ``city`` is the place that was looked at last, ``guide`` the guide on whose page somebody
 * asks; both are slugs, empty for none.
 */
export function find(index, text, { city = "", guide = "" } = {}) {
  const { hits, targets } = understand(index, text);
  const asked = index.guides.find((item) => item.slug && item.slug === guide);
  if (asked && !targets.length) {
    return hits.map((hit) => pageOf(hit, asked)).slice(0, MOST);
  }
  const guides = targets.filter((target) => target.slug);
  const pages = targets.filter((target) => !target.slug);
  const nation = guides.concat(pages).map(nationOf);
  const results = targets.length && targets[0] === pages[0] ? [nationOf(pages[0])] : [];
  if (!hits.length) {
    const last = index.places.find((place) => place.slug === city && !place.isProvince);
    const remembered = last ? guides.map((item) => pageOf({ place: last }, item)) : [];
    return distinct(results.concat(remembered, nation));
  }
  const pools = hits.filter((hit) => hit.rank === hits[0].rank && !hit.place.isProvince);
  const homes = hits.map(homeOf);
  if (!guides.length) {
    // One city and no question: what is asked most, before the other places of that name.
    const menu = index.guides.filter((item) => item.slug).slice(0, 4);
    const isOne = pools.length === 1 && hits[0] === pools[0];
    const most = isOne ? menu.map((item) => pageOf({ place: pools[0].place }, item)) : [];
    return distinct(results.concat(homes[0], most, homes.slice(1), nation));
  }
  const wanted = guides.slice(0, pools.length > 1 ? 1 : 3);
  const local = pools.slice(0, 4).map((hit) => wanted.map((item) => pageOf(hit, item)));
  return distinct(results.concat(...local, homes.slice(0, 4), nation));
}

function distinct(results) {
  const urls = results.map((result) => result.url);
  return results.filter((result, i) => urls.indexOf(result.url) === i).slice(0, MOST);
}

/** The pages that a mistyped address may have meant: /tianjn/fankuan/. */
export function nearest(index, pathname) {
  const parts = fold(pathname).split("/").filter((part) => part);
  const [first = ""] = parts;
  const isNear = (part, slug) => part.length > 3 && isOneSlip(part, slug);
  const spellings = (place) => [fold(place.slug), place.full];
  let places = index.places.filter((place) => spellings(place).indexOf(first) >= 0);
  if (!places.length) {
    places = index.places.filter((place) => spellings(place).some((slug) => isNear(first, slug)));
  }
  const guides = parts
    .map((part) => index.said.get(part) || index.guides.find((item) => isNear(part, item.slug)))
    .filter((target) => target && target.slug);
  if (!places.length) {
    return once(guides).map(nationOf).slice(0, 3);
  }
  const results = places.map((place) => {
    const hit = { place };
    return guides.length ? [pageOf(hit, guides[0]), homeOf(hit)] : [homeOf(hit)];
  });
  return distinct([].concat(...results)).slice(0, 3);
}
