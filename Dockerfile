# The image: Node, Debian's ffmpeg, the production install for this platform only. How to run it: docs/install.md
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY scripts ./scripts
RUN npm ci --ignore-scripts --no-fund --no-audit
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN node scripts/build.mjs \
 && npm prune --omit=dev --ignore-scripts --no-fund --no-audit \
 && node scripts/removeForeignBinaries.mjs
COPY bin ./bin
COPY config ./config
COPY models ./models
COPY LICENSE ./

FROM node:24-bookworm-slim
# ffmpeg and tini get Debian's security updates with each build, so they are not pinned.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg ca-certificates tini \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir -p /data /config \
 && chown 1000:1000 /data
COPY --from=build /build/package.json /app/
COPY --from=build /build/LICENSE /app/
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build /build/dist /app/dist
COPY --from=build /build/bin /app/bin
COPY --from=build /build/config /app/config
COPY --from=build /build/models /app/models
# Memory: fewer arenas of glibc, large buffers go back to the system, a small young generation of V8 (docs/reliability.md).
ENV NODE_ENV=production WATCHWORD_DATA=/data \
    MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=65536 \
    NODE_OPTIONS=--max-semi-space-size=4
# Where watchword.yaml is looked for.
WORKDIR /config
USER 1000:1000
VOLUME /data
EXPOSE 9464
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "node", "/app/bin/watchword.js"]
CMD ["run"]
