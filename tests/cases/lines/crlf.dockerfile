FROM alpine
RUN <<EOF
  text
EOF
RUN a \
  b
