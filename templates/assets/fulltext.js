// All words of the pages, by Pagefind. Fetched when the button is pressed, on no other page.

import { show } from "./finder.js";

const MOST = 8;

// Pagefind puts one between words, where a line may break.
const plain = (text) => text.replace(/\u200b/g, "").trim();

/** What stands around ``text`` in a page; where it only stands in pieces, what Pagefind chose. */
function excerpt(page, text) {
  const content = plain(page.content);
  const at = content.indexOf(text);
  if (at < 0) {
    return plain(page.plain_excerpt);
  }
  return `…${content.slice(Math.max(0, at - 12), at + text.length + 24).trim()}…`;
}

/** Shows in ``box`` the pages that hold the words of ``text``. */
export async function search(box, text) {
  if (!text) {
    show(box, [], "先在上面写要找的词，再点“搜索全文”");
    return;
  }
  show(box, [], "正在找……");
  const pagefind = await import(`${box.dataset.index}pagefind.js`);
  // A worker is started from an address, which Trusted Types would refuse.
  await pagefind.options({ noWorker: true, excerptLength: 20 });
  const { results } = await pagefind.search(text);
  const pages = await Promise.all(results.slice(0, MOST).map((result) => result.data()));
  const isWhole = (page) => plain(page.content).indexOf(text) >= 0;
  const sorted = pages.filter(isWhole).concat(pages.filter((page) => !isWhole(page)));
  const found = sorted.map((page) => ({
    title: plain(page.meta.title),
    url: page.url,
    note: excerpt(page, text),
  }));
  show(box, found, found.length ? `全文里有${results.length}页` : "全文里也没有");
}
