// An address as a person writes it.

/** `127.0.0.1:5930`, `[::1]:5930` */
export function addressText({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
