-- A file.
io.open("/etc/shadow")
