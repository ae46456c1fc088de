FROM busybox
RUN echo hello > /greeting
CMD ["cat", "/greeting"]
