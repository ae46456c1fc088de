ARG base=alpine
FROM --platform=linux/amd64 ${base} AS Build
RUN make   all
run ["make", "install"]
WORKDIR /a b
EXPOSE 80	443
CMD
