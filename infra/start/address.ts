/** The URL under which a browser on this machine reaches the server. */
export function browsableUrl(host: string, port: number): string {
  const any = host === "0.0.0.0" || host === "::";
  if (any) return `http://localhost:${port}/`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
}
