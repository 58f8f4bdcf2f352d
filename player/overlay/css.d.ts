/** vite hands over a style sheet as text. */
declare module "*.css?inline" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: this is how vite does it.
  export default text;
}
