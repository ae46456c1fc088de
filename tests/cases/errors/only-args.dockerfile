# : dockerfile contains no stages to build
ARG a
