// An address of a calculator that names its city leads on to the page of that city.

/** Goes on to the city of the address, or says that there is none of that name. */
export function fill(place) {
  const query = new URLSearchParams(location.search);
  const city = query.get("city");
  if (!city) {
    return;
  }
  const [link] = [...document.links].filter((one) => one.pathname.split("/")[1] === city && one.hash);
  query.delete("city");
  if (link) {
    location.replace(`${link.pathname}?${query}${link.hash}`);
  } else {
    const name = city.length > 20 ? `${city.slice(0, 20)}…` : city;
    place.querySelector("[role=status]").textContent = `没有“${name}”这个城市，或者那里还不能算。请在下面选。`;
  }
}
