# syntax=docker/dockerfile:1

FROM node:22-bookworm-slim AS builder
WORKDIR /app
# What nodegit is compiled with. Versions are Debian's: pinned ones vanish from its mirrors with the next security update.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates g++ git libkrb5-dev make python3 \
 && rm -rf /var/lib/apt/lists/*

# Apart from the sources, so that a change to them does not compile nodegit again.
COPY package.json package-lock.json .npmrc ./
COPY scripts/setup ./scripts/setup
RUN node --input-type=module --eval "await (await import('/app/scripts/setup/dependencies.mjs')).installDependencies()"

COPY . .
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts \
 && rm -rf node_modules/nodegit/include node_modules/nodegit/src node_modules/nodegit/vendor

FROM node:22-bookworm-slim
LABEL org.opencontainers.image.title="Kosuke" \
      org.opencontainers.image.description="A self-hosted workspace where teams talk to coding agents, each chat on its own branch in its own sandbox."
# bubblewrap is the agents' sandbox, libgssapi belongs to nodegit, tini reaps what an ended agent leaves behind.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap ca-certificates libgssapi-krb5-2 tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --user-group --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin kosuke \
 && install -d -o kosuke -g kosuke -m 0700 /data

WORKDIR /app
COPY --from=builder /app/package.json ./
COPY --from=builder /app/node_modules ./node_modules
COPY --from=builder /app/dist ./dist

# A container is reached through its published port, so it listens on all of its own addresses. Publish that port on
# 127.0.0.1, or put a proxy with https before it: docker run -p 127.0.0.1:4000:4000 ...
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=4000 \
    KOSUKE_DATA_DIR=/data \
    HOME=/data
VOLUME /data
EXPOSE 4000
# The sandbox needs user namespaces and a /proc of its own, which Docker's default profile refuses; agents are then refused
# with a message. Either allow them (--security-opt seccomp=... and systempaths=unconfined), or run the runner elsewhere.
USER kosuke
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "node", "--enable-source-maps", "dist/api/main.js"]
