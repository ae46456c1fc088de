# The test frontend of hack/parity --against engine: our image with another entry point.
ARG FRONTEND=ourorg/pyfrontend
FROM ${FRONTEND}
COPY graph_frontend.py /
ENTRYPOINT ["/usr/bin/python3", "-I", "-S", "/graph_frontend.py"]
