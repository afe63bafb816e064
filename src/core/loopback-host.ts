const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether the host name of a URL never leaves the machine, so that card data may go there in the clear. */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}
