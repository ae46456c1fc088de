# escape=`
#? platform windows/amd64
#? image nanoserver {"os": "windows", "architecture": "amd64", "os.version": "10.0.20348.1", "rootfs": {"type": "layers", "diff_ids": ["sha256:1"]}, "config": {"WorkingDir": "C:\\", "Shell": null}}
# Paths have backslashes and a drive, commands run in cmd.
FROM nanoserver
WORKDIR C:\app
COPY files\a.txt C:\data\
RUN echo hello
