# The production image: no build step, Node runs the TypeScript as it is.
FROM node:24.21.0-bookworm-slim

ENV NODE_ENV=production
WORKDIR /app

# The image brings Node itself, so the pinned `node` package needs no binary here: no install scripts.
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

COPY LICENSE ./
COPY src ./src

# 0711: a process whose binary its user cannot read is not dumpable, so no core file can hold digits.
RUN chmod 0711 /usr/local/bin/node && mkdir /data && chown node:node /data
USER node
ENV TONEWALL_HOST=0.0.0.0 TONEWALL_PORT=8080 TONEWALL_DATABASE=/data/tonewall.db
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.TONEWALL_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# SIGUSR1 must not open the inspector; a stop signal drains open calls.
CMD ["node", "--disable-sigusr1", "--disable-warning=ExperimentalWarning", "src/main.ts"]
