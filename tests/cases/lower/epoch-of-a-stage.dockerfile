#? time 1600000000
# The time of the one file that the stage downloads.
ARG SOURCE_DATE_EPOCH=release
FROM scratch AS release
ADD https://example.org/release.tar /
FROM busybox
ARG SOURCE_DATE_EPOCH
RUN echo $SOURCE_DATE_EPOCH
