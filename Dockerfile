# One static binary in an empty image: no shell, no package manager, nothing to write to but the spool.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# What "reassigner version" says; a release passes its tag.
ARG RELEASE=
# timetzdata puts the time zones into the binary, since the image has none.
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags timetzdata \
    -ldflags "-s -w -X happycolis-reassigner/cmd/internal/app.release=${RELEASE}" -o /out/reassigner ./cmd/reassigner
RUN mkdir -m 700 /out/spool

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/reassigner /usr/local/bin/reassigner
ENV PATH=/usr/local/bin
# A volume that is mounted here begins as this folder, which belongs to the user.
COPY --from=build --chown=65532:65532 /out/spool /var/lib/reassigner
USER 65532:65532
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["/usr/local/bin/reassigner", "doctor", "--quick"]
ENTRYPOINT ["reassigner"]
CMD ["serve", "--config", "/etc/reassigner/reassigner.yaml"]
