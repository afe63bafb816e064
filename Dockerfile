# The production image: no build step, Node runs the TypeScript as it is.
FROM node:24.21.0-bookworm-slim

ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache
WORKDIR /app

# The image brings Node itself, so the pinned `node` package needs no binary here: no install scripts.
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

COPY LICENSE ./
COPY src ./src

# 0711: a process whose binary its user cannot read is not dumpable, so no core file can hold digits.
RUN chmod 0711 /usr/local/bin/node && mkdir /data .compile-cache && chown node:node /data .compile-cache
# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
ENV TONEWALL_HOST=0.0.0.0 TONEWALL_PORT=8080 TONEWALL_DATABASE=/data/tonewall.db
# Warms the compile cache, as the user whose it is: a start from a read-only root file system only reads it.
RUN TONEWALL_API_KEYS=build:only-to-warm-the-cache node --disable-warning=ExperimentalWarning src/main.ts --check-config
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.TONEWALL_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No core files, whatever the host allows. SIGUSR1 must not open the inspector; a stop signal drains open calls.
ENTRYPOINT ["sh", "-c", "ulimit -c 0 && exec node --disable-sigusr1 --disable-warning=ExperimentalWarning src/main.ts \"$@\"", "tonewall"]
