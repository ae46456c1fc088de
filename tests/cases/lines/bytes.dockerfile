FROM alpine
RUN echo ÿ â‚
ENV a=ÿ b=Ã©
ENV old ÿ
RUN split Ã\
© letter
COPY --chown=Ã© a b
COPY --chown=Ã  b
LABEL a=1Â b=2
