FROM alpine
CMD []
CMD ["a\u0062c", "\ud83d\ude00", "\ud83d", "tab\t"]
CMD ['single']
CMD ["trailing"] text
CMD  [ "spaces" ,  "inside" ]
CMD ["bad \x escape"]
CMD [1e999]
VOLUME ["/a b", "/c"]
VOLUME [/a, /b]
