/** Tells the parent where its legs connect, and on each message back how much processor time was used so far. */
export function reportCpuOnRequest(uris: readonly string[]): void {
  process.send?.({ uris });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicroseconds: user + system, residentBytes: process.memoryUsage.rss() });
  });
  process.on('disconnect', () => process.exit(0));
}
