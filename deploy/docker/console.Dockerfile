# Console and controller. Build context: the checkout.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1 CHECKPOINT_DISABLE=1
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node --disable-warning=ExperimentalWarning scripts/prisma/generate.ts \
 && NODE_ENV=production node node_modules/next/dist/bin/next build

# Records what workers report, and brings the database to the newest schema.
FROM node:24.21.0-bookworm-slim AS controller
WORKDIR /app
ENV NODE_ENV=production
RUN install -d -o node -g node -m 0700 /var/lib/salvagente-console
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/lib lib
COPY --from=build /app/controller controller
COPY --from=build /app/prisma prisma
COPY --from=build /app/scripts/prisma scripts/prisma
USER node
CMD ["node", "--disable-warning=ExperimentalWarning", "controller/main.ts"]

# The web server alone: nothing that the pages do not need.
FROM node:24.21.0-bookworm-slim AS console
WORKDIR /app
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 PORT=3000 HOSTNAME=0.0.0.0
RUN install -d -o node -g node -m 0700 /var/lib/salvagente-console
COPY --from=build --chown=node:node /app/.next/standalone ./
COPY --from=build --chown=node:node /app/.next/static .next/static
USER node
EXPOSE 3000
CMD ["node", "server.js"]
