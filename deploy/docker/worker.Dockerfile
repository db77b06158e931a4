# The worker on MySQL's own image: its clients, and its server for restore tests, in one known version. Build context: the checkout.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM mysql:9.7.4
RUN microdnf install -y gnupg2 zstd libstdc++ util-linux \
 && microdnf clean all \
 && useradd --system --uid 990 --home-dir /var/lib/salvagente --shell /sbin/nologin salvagente \
 && install -d -o salvagente -g salvagente -m 0700 /var/lib/salvagente /var/backups/salvagente \
 && install -d -m 0755 /etc/salvagente
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY bin bin
COPY lib lib
COPY worker worker
# Few arenas of the C library, as in bin/salvagente: each thread of the pool would keep freed buffers of its own.
ENV NODE_ENV=production SALVAGENTE_NODE=/usr/local/bin/node MALLOC_ARENA_MAX=2
USER salvagente
# Not MySQL's entry point: no server starts by itself here.
ENTRYPOINT []
CMD ["node", "--initial-old-space-size=64", "--max-semi-space-size=2", "--disable-warning=ExperimentalWarning", "worker/main.ts", "--config", "/etc/salvagente/worker.yaml"]
