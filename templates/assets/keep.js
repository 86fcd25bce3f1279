// 存到手机上: the worker stores every page of a city, so that it opens without a network.

export async function run(button, say) {
  const here = location.pathname;
  const links = document.querySelectorAll(`main a[href^="${here}"]`);
  const paths = new Set([here, ...[...links].map((link) => link.pathname)]);
  button.disabled = true;
  say("正在存……");
  const worker = await activeWorker();
  if (!worker) {
    button.disabled = false;
    say("这个浏览器存不了。");
    return;
  }
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => {
    if (data.error) {
      button.disabled = false;
      say(`没有存全，已存${data.count}页。等网络好了，再点一次。`);
    } else if (data.isWhole) {
      button.disabled = false;
      say(`存好了，一共${data.count}页。没有网络，也能打开。`);
    } else {
      say(`已存${data.count}页……`);
    }
  };
  worker.postMessage({ keep: [...paths] }, [channel.port2]);
}

/** The worker of this site, or null where the browser refused it. */
async function activeWorker() {
  const registration = await Promise.race([
    navigator.serviceWorker.ready,
    new Promise((resolve) => setTimeout(resolve, 10000, null)),
  ]);
  return registration && registration.active;
}
