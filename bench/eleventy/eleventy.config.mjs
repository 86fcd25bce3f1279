export default function (config) {
  config.setQuietMode(true);
  return { dir: { input: "pages", output: "out" } };
}
