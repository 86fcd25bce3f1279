// 发给爸妈: the answer of this page as a short message, to paste into WeChat.

/**
 * The message: the description of the page, its city in brackets, what a calculator answered,
 * and the address; after an answer with what was typed, so that it is there again.
 */
export function messageOf(city) {
  const canonical = document.querySelector("link[rel=canonical]");
  const address = canonical ? canonical.href : location.origin + location.pathname;
  const answer = document.querySelector("meta[name=description]").content;
  const lines = [...document.querySelectorAll(".calc__answer p")].map((line) => line.textContent);
  const own = lines.length ? `按填的数算：${lines.join("")}` : "";
  return `${answer.replace(city, () => `【${city}】`)}${own}${address}${own && location.search}`;
}

export async function run(button, say) {
  const message = messageOf(button.dataset.city);
  if ((await copy(message)) || copyOldWay(message, button)) {
    say("已复制，去微信里粘贴发送。");
  } else {
    say("没能自动复制。按住下面的字，选“复制”，再去微信里粘贴。");
  }
}

async function copy(message) {
  if (!navigator.clipboard) {
    return false;
  }
  try {
    await navigator.clipboard.writeText(message);
    return true;
  } catch (refused) {
    // A web view that has the clipboard and forbids it.
    return false;
  }
}

/** Through a selected field; the field stays where even that is refused. */
function copyOldWay(message, button) {
  let field = button.parentNode.querySelector("textarea");
  if (!field) {
    field = document.createElement("textarea");
    field.rows = 7;
    field.readOnly = true;
    field.setAttribute("aria-label", "要发的话");
    button.parentNode.append(field);
  }
  field.value = message;
  field.focus();
  field.setSelectionRange(0, message.length);
  if (!document.execCommand("copy")) {
    return false;
  }
  field.remove();
  button.focus();
  return true;
}
