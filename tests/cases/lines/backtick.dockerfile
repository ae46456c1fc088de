# escape=`
FROM mcr.microsoft.com/windows/nanoserver
COPY a.txt C:\dir\
RUN dir `
  C:\
ENV a=`"b c`" d="e`"f"
RUN --mount=target=C:\a` b x
